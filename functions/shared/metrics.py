"""What we count, as CloudWatch metrics embedded in the log (no call, no latency)."""

from __future__ import annotations

import os

from aws_lambda_powertools.metrics import MetricUnit, single_metric


def count(name: str) -> None:
    """Add one to a metric of this function; alarms and dashboards read it by this name."""
    service = os.environ.get("POWERTOOLS_SERVICE_NAME", "undefined")
    with single_metric(
        name=name,
        unit=MetricUnit.Count,
        value=1,
        namespace=os.environ.get("POWERTOOLS_METRICS_NAMESPACE", "framestream"),
        default_dimensions={"service": service},
    ):
        pass
