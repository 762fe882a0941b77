"""Draws waits by arrival rate as an SVG picture, both axes in powers of ten."""

from __future__ import annotations

from math import log10
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 640, 320, 60, 270, 20
RATES, WAITS = (0.5, 1, 2, 5, 10, 20, 50, 100), (0.5, 1, 2, 5, 10, 20, 50, 100, 300)
COLOURS = ("#b45309", "#1d4ed8")
"""Told apart by everybody, on white and on black."""
GREY = "#6b7280"


def waits(flows: Mapping[str, Mapping[str, Mapping[str, float]]]) -> str:
    """Draw the 95th percentile of each design's waits for the first word."""
    parts = [_text(LEFT, HEIGHT - 12, "prompts a second"), _text(LEFT, TOP - 6, "first word, p95, seconds")]
    parts += [_text(_x(rate), BOTTOM + 18, f"{rate:g}", anchor="middle") for rate in RATES]
    for wait in WAITS:
        parts.append(_text(LEFT - 8, _y(wait) + 4, f"{wait:g}", anchor="end"))
        parts.append(f'<path d="M{LEFT} {_y(wait):.1f}H{WIDTH - 20}" stroke="{GREY}" stroke-opacity=".25"/>')
    for number, (colour, (name, flow)) in enumerate(zip(COLOURS, flows.items(), strict=True)):
        points = " ".join(f"{_x(float(rate)):.1f},{_y(one['p95']):.1f}" for rate, one in flow.items())
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(_text(LEFT + 220 + 160 * number, HEIGHT - 12, f"— {name}", colour=colour))
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
    return f'{head}font-size="12">\n' + "\n".join(parts) + "\n</svg>\n"


def _x(rate: float) -> float:
    share = log10(rate / RATES[0]) / log10(RATES[-1] / RATES[0])
    return LEFT + share * (WIDTH - 20 - LEFT)


def _y(wait: float) -> float:
    share = log10(wait / WAITS[0]) / log10(WAITS[-1] / WAITS[0])
    return BOTTOM - share * (BOTTOM - TOP)


def _text(x: float, y: float, text: str, *, anchor: str = "start", colour: str = GREY) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{text}</text>'
