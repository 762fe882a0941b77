"""Reads metrics out of a function's log (embedded metric format), as CloudWatch does."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

Datum = tuple[str, dict[str, Any]]
"""A namespace, and an entry of PutMetricData."""


def data_in(message: str) -> Iterator[Datum]:
    """Yield what the lines of a log event measure; other lines measure nothing."""
    for line in message.splitlines():
        if line.startswith('{"_aws"'):
            yield from _data_of(json.loads(line))
            yield from _of_the_gateway(json.loads(line))


def _data_of(line: dict[str, Any]) -> Iterator[Datum]:
    at = datetime.fromtimestamp(line["_aws"]["Timestamp"] / 1000, UTC)
    for directive in line["_aws"]["CloudWatchMetrics"]:
        for names in directive["Dimensions"]:
            dimensions = [{"Name": name, "Value": line[name]} for name in names]
            for metric in directive["Metrics"]:
                value = line[metric["Name"]]
                yield (
                    directive["Namespace"],
                    {
                        "MetricName": metric["Name"],
                        "Dimensions": dimensions,
                        "Timestamp": at,
                        "Values": value if isinstance(value, list) else [value],
                        "Unit": metric["Unit"],
                    },
                )


def _of_the_gateway(line: dict[str, Any]) -> Iterator[Datum]:
    """What the HTTP API would measure of the same requests, but for those that it answers itself."""
    at = datetime.fromtimestamp(line["_aws"]["Timestamp"] / 1000, UTC)
    counted = {"Count": line.get("Requests")}
    if "RefusedRequests" in line and line["status"][:1] in {"4", "5"}:
        counted[f"{line['status'][0]}xx"] = line["RefusedRequests"]
    for name, value in counted.items():
        if value is not None:
            values = value if isinstance(value, list) else [value]
            yield "AWS/ApiGateway", {"MetricName": name, "Timestamp": at, "Values": values, "Unit": "Count"}
