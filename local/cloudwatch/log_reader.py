"""Puts what the functions measured, and what their queues hold, where metrics are looked up."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from local.cloudwatch.embedded_metrics import data_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.cloudwatch.resource_names import ResourceNames

OVERLAP = 5_000
"""Milliseconds that are read again: a line may come late."""
MEASURES = '"_aws"'
"""What events with metrics have (embedded metric format); all others stay where they are."""
MOST_AT_ONCE = 500
VISIBLE = "ApproximateNumberOfMessages"


@dataclass(slots=True, kw_only=True)
class LogReader:
    """Reads the logs of one deployment, each event once."""

    logs: Any
    cloudwatch: Any
    sqs: Any
    names: ResourceNames
    _since: dict[str, int] = field(default_factory=dict)
    _known: set[tuple[str, ...]] = field(default_factory=set)

    def read(self) -> None:
        """Record what is new."""
        data: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for group in self.names.log_groups:
            for message in self._new_messages(group):
                for namespace, datum in data_in(message):
                    if namespace == "AWS/ApiGateway":
                        datum["Dimensions"] = [{"Name": "ApiId", "Value": self.names.api_id("http")}]
                    data[namespace].append(datum)
        data["AWS/SQS"] += [self._held("queue"), self._held("dead_letters")]
        for namespace, measured in data.items():
            for start in range(0, len(measured), MOST_AT_ONCE):
                part = measured[start : start + MOST_AT_ONCE]
                self.cloudwatch.put_metric_data(Namespace=namespace, MetricData=part)

    def _new_messages(self, group: str) -> Iterator[str]:
        since = self._since.get(group, 0)
        pages = self.logs.get_paginator("filter_log_events").paginate(
            logGroupName=group, startTime=max(since - OVERLAP, 0), filterPattern=MEASURES
        )
        for page in pages:
            for event in page["events"]:
                # The emulator gives events no id.
                identity = (group, event["logStreamName"], str(event["timestamp"]), event["message"])
                if identity not in self._known:
                    self._known.add(identity)
                    self._since[group] = max(self._since.get(group, 0), event["timestamp"])
                    yield event["message"]

    def _held(self, queue: str) -> dict[str, Any]:
        """How many messages a queue holds, under the name that SQS gives it in CloudWatch."""
        url = self.names.queue_url(queue)
        attributes = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[VISIBLE])["Attributes"]
        return {
            "MetricName": "ApproximateNumberOfMessagesVisible",
            "Dimensions": [{"Name": "QueueName", "Value": url.rpartition("/")[2]}],
            "Value": float(attributes[VISIBLE]),
        }
