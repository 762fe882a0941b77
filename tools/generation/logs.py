"""The logs of a deployment's functions, searched for an id."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from functions.shared.times import epoch_milliseconds
from tools.output import progress

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_logs import CloudWatchLogsClient

    from tools.deployment import Deployment

DELIVERED = "/aws/vendedlogs/"
"""Where gateways write their access logs; they know no generation."""


@dataclass(frozen=True, slots=True)
class Line:
    """One JSON line that a function has logged."""

    at: datetime
    facts: dict[str, Any]

    @property
    def message(self) -> str:
        """The sentence."""
        return str(self.facts.get("message", ""))


@dataclass(frozen=True, slots=True)
class FunctionLogs:
    """The log groups of the functions."""

    client: CloudWatchLogsClient
    groups: tuple[str, ...]

    @classmethod
    def of(cls, deployment: Deployment) -> FunctionLogs:
        """Find them among the stack's resources."""
        names = deployment.resources("AWS::Logs::LogGroup")
        groups = tuple(sorted(name for name in names if not name.startswith(DELIVERED)))
        return cls(deployment.client("logs"), groups)

    def about(self, term: str, *, since: datetime, until: datetime) -> list[Line]:
        """Return the lines with this term, in order of time."""
        lines: list[Line] = []
        for number, group in enumerate(self.groups, start=1):
            progress(f"Searching log {number} of {len(self.groups)}: {group} ...")
            lines += self._in_group(group, term, since, until)
        return sorted(lines, key=lambda line: line.at)

    def _in_group(self, group: str, term: str, since: datetime, until: datetime) -> Iterator[Line]:
        pages = self.client.get_paginator("filter_log_events").paginate(
            logGroupName=group,
            filterPattern=f'"{term}"',
            startTime=epoch_milliseconds(since),
            endTime=epoch_milliseconds(until),
        )
        for page in pages:
            for event in page["events"]:
                line = line_from(event["message"], event["timestamp"])
                if line is not None:
                    yield line


def line_from(text: str, ingested: int) -> Line | None:
    """Read a line; None if it is not one of ours, such as Lambda's own, or an embedded metric."""
    try:
        facts = json.loads(text)
    except ValueError:
        return None
    if not isinstance(facts, dict) or "message" not in facts:
        return None
    return Line(_moment(str(facts.get("timestamp", "")), ingested), facts)


def _moment(text: str, ingested: int) -> datetime:
    """The line's own time. What CloudWatch notes may be when a whole invocation's lines were delivered."""
    try:
        return datetime.strptime(text.replace(",", "."), "%Y-%m-%d %H:%M:%S.%f%z")
    except ValueError:
        return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=ingested)
