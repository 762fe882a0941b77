"""Writes the alarms and the metrics into the documents: `python -m tools.alarm_docs --write` (or --check)."""

from __future__ import annotations

import sys

from functions.shared.metrics import Metric
from infra.alarm_table import ALARMS, AlarmRow
from tools import marked


def blocks() -> dict[str, str]:
    """Return every block, by the name of its marker."""
    return {
        "raised": marked.table(
            ["alarm", "raised when"],
            [[f"[{row.name}](operating.md#{row.anchor})", row.condition] for row in ALARMS],
        ),
        "runbook": "\n" + "".join(map(_entry, ALARMS)),
        "hurting": ", ".join(row.name for row in ALARMS if row.hurts),
        "metrics": marked.table(["metric", "service", "unit", "by", "what it says"], _metrics()),
    }


def _entry(row: AlarmRow) -> str:
    """What the runbook says about one alarm."""
    parts = {
        "Raised when": row.condition,
        "It means": row.meaning,
        "Users see": row.seen,
        "Check": row.check,
        "Do": row.action,
        "Confirm": row.confirm,
    }
    lines = [f"- *{part}:* {text}." for part, text in parts.items()]
    return "\n".join([f'### <a id="{row.anchor}"></a>{row.name}', "", *lines, "", ""])


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
