"""The metrics that functions count, embedded in the log for CloudWatch (no call, no latency)."""

from __future__ import annotations

import os
from enum import StrEnum
from typing import Self

from aws_lambda_powertools.metrics import MetricUnit, single_metric


class Metric(StrEnum):
    """Each metric, with the function that counts it; alarms and the documents name it from here."""

    service: str

    def __new__(cls, name: str, service: str) -> Self:
        """Make a name that knows its function."""
        metric = str.__new__(cls, name)
        metric._value_ = name
        metric.service = service
        return metric

    ACCEPTED_CONNECTS = "AcceptedConnects", "connect"
    REJECTED_CONNECTS = "RejectedConnects", "connect"
    REFUSED_REQUESTS = "RefusedRequests", "generate"
    WAITING_PROMPTS = "WaitingPrompts", "generate"
    REJECTED_MESSAGES = "RejectedMessages", "message"
    GENERATIONS_COMPLETED = "GenerationsCompleted", "worker"
    GENERATIONS_FAILED = "GenerationsFailed", "worker"
    GENERATIONS_CANCELLED = "GenerationsCancelled", "worker"


def count(metric: Metric) -> None:
    """Add one to a metric of this function."""
    service = os.environ.get("POWERTOOLS_SERVICE_NAME", "undefined")
    with single_metric(
        name=metric.value,
        unit=MetricUnit.Count,
        value=1,
        namespace=os.environ.get("POWERTOOLS_METRICS_NAMESPACE", "framestream"),
        default_dimensions={"service": service},
    ):
        pass
