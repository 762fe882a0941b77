"""What turns an alarm red on the system on this machine; each cause is over when its context is left."""

from __future__ import annotations

import json
import time
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, TypeAlias

from infra.config.fields import Config

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from infra.alarm_table import AlarmRow
    from tools.drill.site import Site

Cause: TypeAlias = "Callable[[Site, AlarmRow], AbstractContextManager[None]]"

QUESTION = "What is a drill?"
LONG_WAIT = 15
"""Seconds: more than `queue_wait_seconds_alarm`, less than a reminder waits."""
AT_LEAST = 12
"""What a share is computed of, at least: an alarm about a share is silent below ten."""


@contextmanager
def nothing(_site: Site, _row: AlarmRow) -> Iterator[None]:
    """Do nothing: what was done for others raises this alarm, too."""
    yield


def failing(function: str) -> Cause:
    """Call a function with an event that no trigger of it sends, so that it fails."""

    @contextmanager
    def cause(site: Site, _row: AlarmRow) -> Iterator[None]:
        site.invoke(function, {})
        yield

    return cause


@contextmanager
def refused_handshakes(site: Site, row: AlarmRow) -> Iterator[None]:
    """Open sockets with a token that is none."""
    for _ in range(more_than(row)):
        site.open_without_token()
    yield


def failed_answers(status: int) -> Cause:
    """Ask what the stand-in model refuses with this status."""

    @contextmanager
    def cause(site: Site, row: AlarmRow) -> Iterator[None]:
        for _ in range(more_than(row)):
            site.ask(f"Fail with {status}.")
        yield

    return cause


@contextmanager
def no_worker(site: Site, _row: AlarmRow) -> Iterator[None]:
    """Take the queue from the worker, and ask; half a minute later a reminder finds the prompt waiting."""
    functions, name = site.aws("lambda"), site.names.functions["worker"]["FunctionName"]
    [mapping] = functions.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
    functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    try:
        for _ in range(AT_LEAST):
            site.ask(QUESTION)
        yield
    finally:
        functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)


@contextmanager
def late_worker(site: Site, row: AlarmRow) -> Iterator[None]:
    """Give the worker its queue back after some time."""
    with no_worker(site, row):
        time.sleep(LONG_WAIT)
    yield


@contextmanager
def dead_letter(site: Site, _row: AlarmRow) -> Iterator[None]:
    """Put a letter among the dead ones, and take it away again."""
    sqs, url = site.aws("sqs"), site.endpoints.dead_letter_queue_url
    letter = sqs.send_message(QueueUrl=url, MessageBody=json.dumps({"drill": True}))["MessageId"]
    try:
        yield
    finally:
        received = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=1)
        for message in received.get("Messages", []):
            if message["MessageId"] == letter:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


@contextmanager
def put_metric(site: Site, row: AlarmRow) -> Iterator[None]:
    """Put the metric itself beyond the threshold, where this system has no cause for it."""
    site.measure(row, more_than(row))
    yield


def more_than(row: AlarmRow) -> int:
    """Return a number beyond the threshold that the settings' defaults give."""
    return max(row.above.of(Config()) + 1, AT_LEAST)
