"""What the pictures show of which result."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

Result = dict[str, Any]
Draw = Callable[[Result], Figure]

RATE = 50
SIZE = (7.2, 3.4)
"""Inches: as wide as a column of text."""

mpl.rcParams.update(
    {
        "svg.hashsalt": "framestream",  # The same figures give the same bytes.
        "svg.fonttype": "none",
        "font.family": "sans-serif",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "axes.grid.axis": "y",
        "grid.alpha": 0.3,
        "axes.axisbelow": True,
    }
)


def first_text(result: Result) -> Figure:
    """Bars for the median wait by number of users; a line up to the 99th percentile."""
    rows = [
        row
        for row in result["samples"]
        if not row["first_round"] and (row["sockets"], row["rate"]) == (1, RATE) and row["first_text"]["n"]
    ]
    loads = sorted({row["users"] for row in rows})
    variants = list(dict.fromkeys(row["variant"] for row in rows))
    figure, axes = _axes("seconds over the model's own first token")
    width = 0.8 / len(variants)
    for number, variant in enumerate(variants):
        own = [row for row in rows if row["variant"] == variant]
        places = [loads.index(row["users"]) + (number - (len(variants) - 1) / 2) * width for row in own]
        medians = [row["first_text"]["p50"] for row in own]
        tails = [row["first_text"]["p99"] - row["first_text"]["p50"] for row in own]
        axes.bar(places, medians, width, label=variant, yerr=[[0] * len(own), tails], capsize=3)
    axes.set_xticks(range(len(loads)), [f"{users} at once" for users in loads])
    axes.set_title("POST to first text: median, and the line ends at the 99th percentile", fontsize=10)
    axes.legend(frameon=False)
    return figure


def frames(result: Result) -> Figure:
    """Delay of a token against the frames of an answer, one point for each variant."""
    rows = [row for row in result["samples"] if not row["first_round"] and row["token"]["n"]]
    largest = max((row for row in rows), key=lambda row: sum(each["users"] == row["users"] for each in rows))
    load = [largest[name] for name in ("users", "sockets", "rate")]
    shown = [row for row in rows if [row[name] for name in ("users", "sockets", "rate")] == load]
    figure, axes = _axes("seconds from the model to the client")
    for row in shown:
        axes.errorbar(
            row["frames"]["mean"],
            row["token"]["p50"],
            yerr=[[0], [row["token"]["p95"] - row["token"]["p50"]]],
            fmt="o",
            capsize=3,
            label=row["variant"],
        )
    axes.set_xlim(left=0)
    axes.set_ylim(bottom=0)
    axes.set_xlabel("frames of an answer")
    users, sockets, rate = load
    axes.set_title(
        f"A token's delay (median to 95th): {users} users, {sockets} sockets, {rate}/s", fontsize=10
    )
    axes.legend(frameon=False)
    return figure


def cold_start(result: Result) -> Figure:
    """Bars for each function, with and without bytecode in its zip."""
    figure, axes = _axes("CPU seconds of imports")
    functions = list(dict.fromkeys(row["function"] for row in result["samples"]))
    for number, bytecode in enumerate((True, False)):
        rows = [row for row in result["samples"] if row["bytecode"] == bytecode]
        places = [functions.index(row["function"]) + (number - 0.5) * 0.4 for row in rows]
        medians = [row["cpu_seconds"]["median"] for row in rows]
        axes.bar(places, medians, 0.4, label="with bytecode" if bytecode else "without")
    axes.set_xticks(range(len(functions)), functions)
    axes.legend(frameon=False)
    return figure


DRAWINGS: dict[str, tuple[str, Draw]] = {
    "load-first-text": ("load", first_text),
    "load-frames": ("load", frames),
    "cold-start": ("cold_start", cold_start),
}
"""The picture's name, the result that it is drawn from, and how."""


def _axes(what: str) -> tuple[Figure, Any]:
    figure = Figure(figsize=SIZE, layout="constrained")
    axes = figure.subplots()
    axes.set_ylabel(what)
    return figure, axes
