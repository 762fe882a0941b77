"""The dashboard's cost of an hour: the documents' prices, and figures of a hand calculation."""

from dataclasses import dataclass

import pytest
from aws_cdk.assertions import Template

from infra.config.fields import Config
from infra.dashboard import costs
from infra.dashboard.lines import Formula, Total
from local.dashboard.readings import Window
from tests.infra.templates import functions_of
from tools.costs.prices import PRICES, Item

PRICED = {
    "websocket_message": Item.WEBSOCKET_MESSAGE,
    "websocket_minute": Item.WEBSOCKET_MINUTE,
    "http_request": Item.HTTP_REQUEST,
    "invocation": Item.INVOCATION,
    "gb_second": Item.GB_SECOND,
    "write": Item.WRITE,
    "read": Item.READ,
    "queue_request": Item.QUEUE_REQUEST,
    "log_gb": Item.LOG_GB,
    "traffic_gb": Item.TRAFFIC_GB,
}


def test_the_prices_are_those_of_the_documents() -> None:
    assert set(PRICED) == set(costs.USD)
    for name, item in PRICED.items():
        assert costs.USD[name] == pytest.approx(PRICES[item].each)


def test_the_functions_cost_by_the_memory_that_they_have(template: Template) -> None:
    memory = {name: function["MemorySize"] for name, function in functions_of(template).items()}

    assert {costs.BRIEF_MEMORY_MB} == {size for name, size in memory.items() if name != "worker"}
    assert memory["worker"] == Config().worker_memory_mb


@dataclass(frozen=True)
class Hour:
    """An hour of use, and what it costs by hand."""

    line: str
    inputs: dict[str, float]
    usd: float


HOURS = [
    Hour(
        "WebSocket",
        {"posts": 900_000, "replies": 40_000, "messages": 60_000, "open_message": 3_600_000},
        1.015,
    ),
    Hour("HTTP", {"requests": 1_000_000}, 1.0),
    Hour("Lambda", {"worker_ms": 3_600_000, "worker_times": 1_000_000}, 0.2 + 3600 * 13.3334e-6),
    Hour("DynamoDB", {"writes": 1_000_000, "reads": 2_000_000}, 0.875),
    Hour("SQS", {"queue_0": 1_000_000, "reminders_3": 1_000_000}, 0.8),
    Hour("logs", {"worker_log": 2e9}, 1.0),
    Hour("traffic", {"bytes": 10e9}, 0.9),
]


@pytest.mark.parametrize("hour", HOURS, ids=lambda hour: hour.line)
def test_an_hour_costs_what_a_hand_calculation_says(hour: Hour) -> None:
    [line] = [each for each in costs.cost_lines(Config()) if each.label == hour.line]
    assert isinstance(line, Formula)
    unused: dict[str, dict[int, float]] = {name: {} for name, _ in line.inputs}
    assert set(hour.inputs) <= set(unused)
    known = unused | {name: {0: value} for name, value in hour.inputs.items()}

    computed = Window(period=3600, start=0, end=3600).computed(line.filled(""), known)

    assert computed[0] == pytest.approx(hour.usd)


def test_the_total_is_the_sum_of_all_services() -> None:
    *services, total = costs.cost_lines(Config())

    assert isinstance(total, Total)
    assert [each.label for each in services] == [hour.line for hour in HOURS]
