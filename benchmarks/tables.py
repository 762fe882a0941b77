"""Writes the measured figures into docs/performance.md (--write), or says which are not current (--check)."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any

from benchmarks.report import RESULTS, read_result
from tools import marked

Row = Mapping[str, Any]
NOTHING = "-"
NOT_YET = "\nNot measured yet.\n"


def blocks() -> dict[str, str]:
    """Return every block's text."""
    return {name: _block(result, make) for name, (result, make) in BLOCKS.items()}


def first_text(result: Row) -> str:
    """Return the waits for the first text, of warm stacks."""
    rows = [
        [
            *_load(row),
            row["variant"],
            _seconds(row["first_text"], "p50"),
            _seconds(row["first_text"], "p99"),
            _range(row["first_text_spread"]),
        ]
        for row in result["samples"]
        if not row["first_round"]
    ]
    return marked.table(
        ["users", "sockets", "tokens/s", "", "p50, s", "p99, s", "p50 by repetition, s"], rows
    )


def first_round(result: Row) -> str:
    """Return the same of the first load after a stack has come up."""
    rows = [
        [*_load(row), row["variant"], _seconds(row["first_text"], "p50"), _seconds(row["first_text"], "p99")]
        for row in result["samples"]
        if row["first_round"]
    ]
    return marked.table(["users", "sockets", "tokens/s", "", "p50, s", "p99, s"], rows)


def tokens(result: Row) -> str:
    """Return what comes between the first text and the end."""
    rows = [
        [
            *_load(row),
            row["variant"],
            _milliseconds(row["token"], "p50"),
            _milliseconds(row["token"], "p95"),
            f"{row['frames'].get('mean', 0):.0f}",
            f"{row['completed']} of {row['sockets_seen']}",
            str(sum(row["characters"].values())),
            _cpu(row["cpu"]),
        ]
        for row in result["samples"]
        if not row["first_round"]
    ]
    header = [
        "users",
        "sockets",
        "tokens/s",
        "",
        "token p50, ms",
        "p95, ms",
        "frames",
        "whole",
        "faults",
        "CPU, s",
    ]
    return marked.table(header, rows)


def cold_start(result: Row) -> str:
    """Return what each function imports and costs."""
    found: dict[str, dict[bool, Row]] = {}
    for row in result["samples"]:
        found.setdefault(row["function"], {})[row["bytecode"]] = row
    rows = [
        [
            f"`{name}`",
            f"{pair[True]['zip_bytes'] / 1e6:.1f}",
            str(pair[True]["modules"]),
            f"{pair[True]['cpu_seconds']['median']:.2f}",
            f"{pair[False]['cpu_seconds']['median']:.2f}",
            ", ".join(
                f"{package} {seconds * 1000:.0f}" for package, seconds in _three(pair[True]["packages"])
            ),
        ]
        for name, pair in found.items()
    ]
    header = ["function", "zip, MB", "modules", "CPU s", "without bytecode", "costliest packages, ms"]
    return marked.table(header, rows)


def where(result: Row) -> str:
    """Return the sentence that says where and when."""
    machine = result["machine"]
    load = ", ".join(f"{each:.1f}" for each in machine["load_average"])
    return (
        f"commit `{result['commit']}`, {result['measured_at'][:10]}, {machine['cpus']} cores "
        f"({machine['model']}), Python {result['versions']['python']}, seed {result['seed']}, "
        f"{result['repetitions']} repetitions, load average at the end {load}"
    )


BLOCKS: dict[str, tuple[str, Callable[[Row], str]]] = {
    "load-where": ("load", where),
    "load-first-text": ("load", first_text),
    "load-first-round": ("load", first_round),
    "load-tokens": ("load", tokens),
    "cold-start": ("cold_start", cold_start),
}
"""The block's name, the result that it is made from, and how."""


def _block(result: str, make: Callable[[Row], str]) -> str:
    if (RESULTS / f"{result}.json").exists():
        return make(read_result(result))
    return "not measured yet" if make is where else NOT_YET


def _load(row: Row) -> list[str]:
    return [str(row["users"]), str(row["sockets"]), str(row["rate"])]


def _seconds(values: Row, share: str) -> str:
    return f"{values[share]:.2f}" if share in values else NOTHING


def _milliseconds(values: Row, share: str) -> str:
    return f"{values[share] * 1000:.0f}" if share in values else NOTHING


def _range(spread: Row) -> str:
    return f"{spread['p50']['low']:.2f} to {spread['p50']['high']:.2f}" if spread else NOTHING


def _cpu(parts: Row) -> str:
    ours = {part: seconds for part, seconds in parts.items() if part not in {"client", "model"}}
    return ", ".join(f"{part} {seconds:.1f}" for part, seconds in ours.items() if seconds >= 0.05)


def _three(packages: Mapping[str, float]) -> list[tuple[str, float]]:
    return list(packages.items())[:3]


if __name__ == "__main__":
    sys.exit(marked.run("bench", blocks()))
