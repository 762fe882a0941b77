"""The vectors that all clients have in common: clients/conformance."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[2] / "clients/conformance"


def vectors(subject: str) -> dict[str, Any]:
    """A subject's whole file."""
    content: dict[str, Any] = json.loads((FOLDER / f"{subject}.json").read_text())
    return content


def cases(subject: str, *path: str) -> list[Any]:
    """A subject's cases, as parameters of a test, named by their descriptions."""
    content = vectors(subject)
    for name in path:
        content = content[name]
    return [pytest.param(case, id=str(case.get("description", case))) for case in content["cases"]]
