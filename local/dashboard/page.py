"""Writes the page: one file with all that it needs, to be opened, kept or sent."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local.dashboard.definition import AlarmStates, Graph, Text, widgets_of
from local.dashboard.readings import Readings, Window
from local.errors import ToolMissing
from local.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from local.dashboard.definition import Widget
    from local.dashboard.readings import Series

HERE = Path(__file__).parent
PLOTTER = ROOT / "node_modules" / "uplot" / "dist"


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A dashboard of the emulator's CloudWatch."""

    cloudwatch: Any
    name: str

    def page(self, window: Window, *, refresh: int | None = None) -> str:
        """Return the page with what was measured in a window; with `refresh` it loads itself again."""
        body = self.cloudwatch.get_dashboard(DashboardName=self.name)["DashboardBody"]
        widgets = widgets_of(body)
        graphs = [each for each in widgets if isinstance(each, Graph)]
        shown = Readings(self.cloudwatch, window).of(graphs)
        content = {
            "name": self.name,
            "until": datetime.fromtimestamp(window.end, UTC).isoformat(),
            "period": window.period,
            "widgets": [self._content(each, shown, window) for each in widgets],
        }
        return _filled(content, refresh)

    def _content(
        self, widget: Widget, shown: Mapping[Graph, Mapping[str, Series]], window: Window
    ) -> dict[str, Any]:
        place = asdict(widget.place)
        match widget:
            case Text(markdown=markdown):
                return {"kind": "text", "place": place, "heading": markdown.lstrip("# ")}
            case AlarmStates(title=title, names=names):
                return {"kind": "alarms", "place": place, "title": title, "alarms": self._states(names)}
            case Graph(title=title, axis=axis) as graph:
                lines = shown[graph]
                return {
                    "kind": "graph",
                    "place": place,
                    "title": title,
                    "axis": axis,
                    "labels": list(lines),
                    "data": [list(window.times), *([s.get(t) for t in window.times] for s in lines.values())],
                }

    def _states(self, names: Sequence[str]) -> list[dict[str, str]]:
        """Return the alarms of a widget; all if it names none, as here, where the template has none."""
        kinds = {"AlarmTypes": ["MetricAlarm", "CompositeAlarm"]}
        pages = self.cloudwatch.get_paginator("describe_alarms").paginate(**kinds)
        listed = [each for page in pages for each in page["MetricAlarms"] + page["CompositeAlarms"]]
        found = {each["AlarmName"]: each for each in listed}
        return [
            {
                "name": _short(name),
                "state": found[name]["StateValue"],
                "description": found[name].get("AlarmDescription", ""),
            }
            for name in names or sorted(found)
            if name in found
        ]


def _short(name: str) -> str:
    """Return an alarm's name without what the stack and CloudFormation add to it."""
    found = re.search(r"Alarms([A-Za-z]+?)[0-9A-F]{8}", name)
    return found[1] if found else name.rpartition("-")[2]


def _filled(content: Mapping[str, Any], refresh: int | None) -> str:
    """Put styles, scripts and data into the page.

    Raises:
        ToolMissing: If npm has not installed what plots.
    """
    if not PLOTTER.exists():
        raise ToolMissing("uPlot, which draws the graphs, is missing: run `make setup`, which installs it.")
    page = (HERE / "page.html").read_text()
    parts = {
        "/* plotter.css */": (PLOTTER / "uPlot.min.css").read_text(),
        "/* page.css */": (HERE / "page.css").read_text(),
        "/* plotter.js */": (PLOTTER / "uPlot.iife.min.js").read_text(),
        "/* page.js */": (HERE / "page.js").read_text(),
        # A name with "</script>" in it must not end the script.
        "/* content */": json.dumps(content).replace("<", "\\u003c"),
        "<!-- refresh -->": f'<meta http-equiv="refresh" content="{refresh}">' if refresh else "",
    }
    for place, part in parts.items():
        page = page.replace(place, part)
    return page
