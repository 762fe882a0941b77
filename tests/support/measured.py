"""What a component has measured, as a test reads it."""

from __future__ import annotations

import json
from typing import Any

from functions.shared.measurements import Measurements


def measured(measurements: Measurements) -> dict[str, Any]:
    """What was measured since the last time, each metric with its values and each word with its own."""
    lines: list[str] = []
    measurements.write = lines.append
    measurements.flush()
    found: dict[str, Any] = {}
    for line in map(json.loads, lines):
        found |= {name: value for name, value in line.items() if name not in {"_aws", "service"}}
    return found
