"""What turns an alarm red on the system on this machine; each cause is over when its context is left."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeAlias

from websockets.exceptions import InvalidHandshake
from websockets.sync.client import connect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tools.drill.site import Site

Alarm: TypeAlias = "Mapping[str, Any]"
"""An alarm as CloudWatch describes it."""
Cause: TypeAlias = "Callable[[Site, Alarm], AbstractContextManager[None]]"

REFUSED_BY_MODEL = "Fail with 401."
"""What the stand-in model refuses."""
QUESTION = "What is a drill?"


def failing(function: str) -> Cause:
    """Call a function with an event that no trigger of it sends, so that it fails."""

    @contextmanager
    def cause(site: Site, _alarm: Alarm) -> Iterator[None]:
        site.invoke(function, {})
        yield

    return cause


@contextmanager
def refused_handshakes(site: Site, alarm: Alarm) -> Iterator[None]:
    """Open sockets with a token that is none."""
    for _ in range(_more_than(alarm)):
        with suppress(InvalidHandshake):
            connect(
                f"{site.endpoints.websocket_url}?token=none&user_id=drill",
                additional_headers={"Origin": site.endpoints.origin},
                proxy=None,
            ).close()
    yield


@contextmanager
def failed_answers(site: Site, alarm: Alarm) -> Iterator[None]:
    """Ask what the stand-in model refuses."""
    for _ in range(_more_than(alarm)):
        site.ask(REFUSED_BY_MODEL)
    yield


@contextmanager
def no_worker(site: Site, _alarm: Alarm) -> Iterator[None]:
    """Take the queue from the worker, and ask; half a minute later a reminder finds the prompt waiting."""
    functions, name = site.aws("lambda"), site.functions["worker"]
    [mapping] = functions.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
    functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    try:
        site.ask(QUESTION)
        yield
    finally:
        functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)


@contextmanager
def dead_letter(site: Site, _alarm: Alarm) -> Iterator[None]:
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
def put_metric(site: Site, alarm: Alarm) -> Iterator[None]:
    """Put the metric itself beyond the threshold, where the emulator has no cause for it."""
    datum = {
        "MetricName": alarm["MetricName"],
        "Dimensions": alarm["Dimensions"],
        "Value": float(_more_than(alarm)),
    }
    site.aws("cloudwatch").put_metric_data(Namespace=alarm["Namespace"], MetricData=[datum])
    yield


def _more_than(alarm: Alarm) -> int:
    return int(alarm["Threshold"]) + 1
