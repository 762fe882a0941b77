"""Does for the emulator what CloudWatch does by itself: metrics out of logs, and the measures of queues.

The emulator keeps logs and metrics, and counts invocations, but reads no metric out of a log (the embedded
metric format) and measures no queue. Nothing runs for this all the time: a command that shows metrics carries
over first.
"""

from __future__ import annotations

import fcntl
import json
from collections import defaultdict
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from local.alarm_states import AlarmStates
from local.deployment import aws_client
from local.endpoints import Endpoints

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from local.state_dir import StateDir

DATA_AT_ONCE = 500
VISIBLE = "ApproximateNumberOfMessages"
"""What SQS calls the number of messages that can be received; its metric has another name."""

Datum = dict[str, Any]


def embedded(line: str) -> Iterator[tuple[str, Datum]]:
    """Yield the namespace and the datum of each metric that a line of a log holds."""
    if not line.startswith('{"_aws"'):
        return
    with suppress(json.JSONDecodeError, KeyError, TypeError):
        fields = json.loads(line)
        time = datetime.fromtimestamp(fields["_aws"]["Timestamp"] / 1000, UTC)
        for directive in fields["_aws"]["CloudWatchMetrics"]:
            for names in directive["Dimensions"]:
                dimensions = [{"Name": name, "Value": fields[name]} for name in names]
                for metric in directive["Metrics"]:
                    value = fields[metric["Name"]]
                    yield (
                        directive["Namespace"],
                        {
                            "MetricName": metric["Name"],
                            "Unit": metric.get("Unit", "None"),
                            "Dimensions": dimensions,
                            "Timestamp": time,
                            "Values": value if isinstance(value, list) else [value],
                        },
                    )


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricsBridge:
    """One emulator's logs, queues, metrics and alarms."""

    logs: Any
    sqs: Any
    cloudwatch: Any
    carried: Path
    """Which lines were carried over: by whichever process, so that none counts twice."""

    @classmethod
    def of(cls, state_dir: StateDir) -> MetricsBridge:
        """Reach the system that is up in this state directory.

        Raises:
            NotRunning: If there is none.
        """
        endpoint = Endpoints.of(state_dir).aws_endpoint_url
        logs, sqs, cloudwatch = (aws_client(name, endpoint) for name in ("logs", "sqs", "cloudwatch"))
        return cls(logs=logs, sqs=sqs, cloudwatch=cloudwatch, carried=state_dir.scratch / "carried.json")

    def carry_over(self, *, now: datetime) -> None:
        """Record what logs and queues say and is not recorded yet, and bring the alarms up to date."""
        with _held(self.carried) as carried:
            data: defaultdict[str, list[Datum]] = defaultdict(list)
            for key, message in self._events():
                if key not in carried:
                    carried.add(key)
                    for line in message.splitlines():
                        for namespace, datum in embedded(line):
                            data[namespace].append(datum)
            data["AWS/SQS"] = list(self._queues(now))
            self._put(data)
        AlarmStates(self.cloudwatch).update(now=now)

    def _events(self) -> Iterator[tuple[str, str]]:
        """Yield every line of every log, with a key by which it is known again."""
        for group in self.logs.describe_log_groups()["logGroups"]:
            events = self.logs.filter_log_events(logGroupName=group["logGroupName"], filterPattern='"_aws"')
            repeated: defaultdict[str, int] = defaultdict(int)
            for event in events["events"]:
                line = f"{event['logStreamName']} {event['timestamp']} {event['message']}"
                digest = blake2b(line.encode(), digest_size=12).hexdigest()
                repeated[digest] += 1
                yield f"{digest}-{repeated[digest]}", event["message"]

    def _queues(self, now: datetime) -> Iterator[Datum]:
        for url in self.sqs.list_queues().get("QueueUrls", []):
            attributes = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[VISIBLE])["Attributes"]
            yield {
                "MetricName": "ApproximateNumberOfMessagesVisible",
                "Dimensions": [{"Name": "QueueName", "Value": url.rpartition("/")[2]}],
                "Timestamp": now,
                "Value": float(attributes[VISIBLE]),
            }

    def _put(self, data: Mapping[str, list[Datum]]) -> None:
        for namespace, entries in data.items():
            for first in range(0, len(entries), DATA_AT_ONCE):
                part = entries[first : first + DATA_AT_ONCE]
                self.cloudwatch.put_metric_data(Namespace=namespace, MetricData=part)


@contextmanager
def _held(file: Path) -> Iterator[set[str]]:
    """Hold a set that is kept in a file; other processes wait."""
    with file.open("a+") as opened:
        fcntl.flock(opened, fcntl.LOCK_EX)
        opened.seek(0)
        kept = set(json.loads(opened.read() or "[]"))
        yield kept
        opened.seek(0)
        opened.truncate()
        json.dump(sorted(kept), opened)
