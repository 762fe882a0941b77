"""What the dashboard shows, from "are users hurt?" to the cost of an hour.

A metric that a function measures is in a graph of these sections, or in `NOT_SHOWN` with the reason.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.shared.metrics import Metric
from infra.dashboard.costs import cost_lines
from infra.dashboard.experience import HURT, LATENCY, WAITING
from infra.dashboard.graphs import Graph, Section
from infra.dashboard.health import HEALTH
from infra.dashboard.traffic import TRAFFIC

if TYPE_CHECKING:
    from infra.config.fields import Config

NOT_SHOWN: dict[Metric, str] = {
    Metric.DEPLOYMENT_BUDGET: "a share of a budget that few deployments have; its alarm tells of it in time",
    Metric.LEFT_OVER_HOLDS: "there are none; if there is one, its alarm tells of it",
    Metric.CONTENT_HOOK_STOPS: "only where there is a content hook, whose owner knows what is usual",
    Metric.CONTENT_HOOK_FAILURES: "only where there is a content hook; what it fails is among failed answers",
}


def sections(config: Config) -> tuple[Section, ...]:
    """Return all, from top to bottom."""
    cost = Section("Cost of use, per hour", (Graph("By service", "US dollars", cost_lines(config)),))
    return (HURT, TRAFFIC, WAITING, HEALTH, LATENCY, cost)
