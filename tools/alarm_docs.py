"""Writes the alarms and the metrics into the documents: `python -m tools.alarm_docs --write` (or --check)."""

from __future__ import annotations

import sys

from functions.shared.metrics import Metric
from infra.alarm_table import ALARMS
from tools import marked


def blocks() -> dict[str, str]:
    """Return every block, by the name of its marker."""
    return {
        "raised": marked.table(
            ["alarm", "raised when"],
            [[f"[{row.name}](operating.md#{row.anchor})", row.condition] for row in ALARMS],
        ),
        "runbook": marked.table(
            ["alarm", "raised when", "what it means", "what to do"],
            [
                [f'<a id="{row.anchor}"></a>{row.name}', row.condition, row.meaning, row.action]
                for row in ALARMS
            ],
        ),
        "metrics": marked.table(["metric", "service", "unit", "by", "what it says"], _metrics()),
    }


def _metrics() -> list[list[str]]:
    return [
        [
            f"`{metric.value}`",
            ", ".join(metric.services),
            metric.unit.value,
            ", ".join(f"`{dimension.name}`" for dimension in metric.dimensions),
            metric.sentence,
        ]
        for metric in Metric
    ]


if __name__ == "__main__":
    sys.exit(marked.run("alarms", blocks()))
