"""What use costs in an hour, by service, from what is measured: list prices of us-east-1.

Not in it is what costs the same in each hour: alarms, metrics, secrets, stored data (docs/costs.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.shared.metrics import Metric
from infra.dashboard.lines import Formula, OfAws, Source, Total, counted, formula

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra.config.fields import Config

FUNCTIONS = ("connect", "disconnect", "message", "generate", "worker")
BRIEF_MEMORY_MB = 512
MILLION = 1e6
GB = 1e9

USD = {
    "websocket_message": 1.00 / MILLION,
    "websocket_minute": 0.25 / MILLION,
    "http_request": 1.00 / MILLION,
    "invocation": 0.20 / MILLION,
    "gb_second": 13.3334 / MILLION,
    "write": 0.625 / MILLION,
    "read": 0.125 / MILLION,
    "queue_request": 0.40 / MILLION,
    "log_gb": 0.50,
    "traffic_gb": 0.09,
}
OF_QUEUES = (
    "NumberOfMessagesSent",
    "NumberOfMessagesReceived",
    "NumberOfEmptyReceives",
    "NumberOfMessagesDeleted",
)


def cost_lines(config: Config) -> tuple[Formula | Total, ...]:
    """Return a line for each service, and one for all."""
    lines = (
        formula(label, f"3600 * ({expression}) / {{period}}", **inputs)
        for label, (expression, inputs) in _parts(config).items()
    )
    return (*lines, Total("all"))


def _parts(config: Config) -> dict[str, tuple[str, dict[str, Source]]]:
    sent: dict[str, Source] = {
        "posts": counted(Metric.DELIVERED_POSTS),
        "replies": counted(Metric.SENT_MESSAGES),
        "messages": counted(Metric.RECEIVED_MESSAGES),
    }
    opened: dict[str, Source] = {
        f"open_{service}": counted(Metric.OPEN_TIME, service) for service in Metric.OPEN_TIME.services
    }
    return {
        "WebSocket": (
            f"{USD['websocket_message']} * {_sum(sent)} + {USD['websocket_minute'] / 60} * {_sum(opened)}",
            sent | opened,
        ),
        "HTTP": (f"{USD['http_request']} * {{requests}}", {"requests": counted(Metric.REQUESTS)}),
        "Lambda": _lambda(config.worker_memory_mb),
        "DynamoDB": (
            f"{USD['write']} * {{writes}} + {USD['read']} * {{reads}}",
            {
                "writes": OfAws("dynamodb", "table", "ConsumedWriteCapacityUnits"),
                "reads": OfAws("dynamodb", "table", "ConsumedReadCapacityUnits"),
            },
        ),
        "SQS": _queues(),
        "logs": _logs(),
        "traffic": (f"{USD['traffic_gb'] / GB} * {{bytes}}", {"bytes": counted(Metric.POSTED_BYTES)}),
    }


def _lambda(worker_memory_mb: int) -> tuple[str, dict[str, Source]]:
    memory = dict.fromkeys(FUNCTIONS, BRIEF_MEMORY_MB) | {"worker": worker_memory_mb}
    milliseconds: dict[str, Source] = {f"{name}_ms": OfAws("lambda", name, "Duration") for name in FUNCTIONS}
    times: dict[str, Source] = {f"{name}_times": OfAws("lambda", name, "Invocations") for name in FUNCTIONS}
    used = " + ".join(f"{memory[name] / 1024} * {{{name}_ms}}" for name in FUNCTIONS)
    expression = f"{USD['gb_second'] / 1000} * ({used}) + {USD['invocation']} * {_sum(times)}"
    return expression, milliseconds | times


def _queues() -> tuple[str, dict[str, Source]]:
    requests: dict[str, Source] = {
        f"{queue}_{number}": OfAws("sqs", queue, name)
        for queue in ("queue", "reminders")
        for number, name in enumerate(OF_QUEUES)
    }
    return f"{USD['queue_request']} * {_sum(requests)}", requests


def _logs() -> tuple[str, dict[str, Source]]:
    written: dict[str, Source] = {f"{name}_log": OfAws("logs", name, "IncomingBytes") for name in FUNCTIONS}
    return f"{USD['log_gb'] / GB} * {_sum(written)}", written


def _sum(inputs: Mapping[str, Source]) -> str:
    return "(" + " + ".join(f"{{{name}}}" for name in inputs) + ")"
