"""Draws docs/img/pacing.svg: the intervals that functions/worker/pacing.py gives to a worker's senders.

python -m benchmarks.pacing_plot
"""

from __future__ import annotations

from pathlib import Path

from functions.worker.pacing import Pacing
from functions.worker.settings import WorkerOptions

SECONDS, REFUSED_FROM, REFUSED_TO = 16, 4, 7
WIDTH, HEIGHT, LEFT, TOP = 640, 240, 50, 20
TALLEST = 2.0


def intervals() -> list[tuple[float, float]]:
    """The interval at each moment of a text, whose account posts too much for three seconds."""
    pacing = Pacing(options=WorkerOptions())
    points = []
    for step in range(SECONDS * 20):
        now = step / 20
        if REFUSED_FROM <= now < REFUSED_TO:
            pacing.refused(f"socket {step}", now=now)
        points.append((now, pacing.interval(age=now, now=now)))
    return points


def _svg(points: list[tuple[float, float]]) -> str:
    def x(second: float) -> float:
        return LEFT + second / SECONDS * WIDTH

    def y(interval: float) -> float:
        return TOP + (1 - interval / TALLEST) * HEIGHT

    line = " ".join(f"{x(second):.1f},{y(interval):.1f}" for second, interval in points)
    marks = "".join(
        f'<text x="{LEFT - 8}" y="{y(value) + 4:.0f}" text-anchor="end">{value:g} s</text>'
        f'<path d="M{LEFT} {y(value):.0f}h{WIDTH}" stroke="#ddd"/>'
        for value in (0.1, 0.25, 0.5, 1, 2)
    )
    times = "".join(
        f'<text x="{x(second):.0f}" y="{TOP + HEIGHT + 18}" text-anchor="middle">{second}</text>'
        for second in range(0, SECONDS + 1, 2)
    )
    width = x(REFUSED_TO) - x(REFUSED_FROM)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + 20} {TOP + HEIGHT + 45}" '
        'font-family="sans-serif" font-size="12">'
        f'<rect x="{x(REFUSED_FROM):.0f}" y="{TOP}" width="{width:.0f}" height="{HEIGHT}" fill="#fde8e8"/>'
        f'<text x="{x(REFUSED_FROM) + 4:.0f}" y="{TOP + 14}">posts refused (429)</text>'
        f'{marks}{times}<polyline points="{line}" fill="none" stroke="#1a56db" stroke-width="2"/>'
        f'<text x="{LEFT + WIDTH / 2:.0f}" y="{TOP + HEIGHT + 38}" text-anchor="middle">'
        "seconds since the first text</text></svg>\n"
    )


if __name__ == "__main__":
    target = Path(__file__).parents[1] / "docs" / "img" / "pacing.svg"
    target.write_text(_svg(intervals()), encoding="utf-8")
