"""The queue as a worker that receives by itself sees it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import boto3
import pytest
from moto import mock_aws

from functions.shared.errors import Unavailable
from functions.shared.queue import Queue
from functions.shared.queue_message import generation_id_from


@pytest.fixture
def queue() -> Iterator[Queue]:
    with mock_aws():
        client = boto3.client("sqs", region_name="us-east-1")
        url = client.create_queue(QueueName="work", Attributes={"VisibilityTimeout": "5400"})["QueueUrl"]
        yield Queue(client, url)


def receive(queue: Queue, most: int = 10, *, hidden_for: float = 31) -> list[str]:
    received = queue.receive(most, wait=0, hidden_for=timedelta(seconds=hidden_for))
    return [generation_id_from(message.body) for message in received]


def test_what_was_sent_is_received_and_no_more_than_was_asked_for(queue: Queue) -> None:
    for number in range(5):
        queue.send(f"g{number}")

    assert len(receive(queue, 3)) == 3
    assert len(receive(queue)) == 2
    assert receive(queue) == []


def test_a_message_is_hidden_for_as_long_as_the_receiver_says_and_not_for_the_queues_time_out(
    queue: Queue,
) -> None:
    queue.send("g1")

    first = receive(queue, hidden_for=0)

    assert (first, receive(queue), receive(queue)) == (["g1"], ["g1"], [])


def test_deliveries_are_counted_and_a_message_that_is_deleted_does_not_come_back(queue: Queue) -> None:
    queue.send("g1")
    counts = []
    for _ in range(3):
        (message,) = queue.receive(10, wait=0, hidden_for=timedelta())
        counts.append(message.receive_count)

    queue.delete(message.receipt_handle)

    assert counts == [1, 2, 3]
    assert receive(queue) == []


def test_a_queue_that_does_not_answer_is_unavailable(queue: Queue) -> None:
    gone = Queue(queue.client, queue.url + "-gone")

    with pytest.raises(Unavailable):
        receive(gone)
