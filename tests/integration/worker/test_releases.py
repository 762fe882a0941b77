"""Messages and records of other releases, which wait in the queue and in the table during an upgrade."""

from __future__ import annotations

import json
from typing import Any

import pytest

from functions.shared import queue_message
from functions.shared.generations.model import Status
from functions.shared.queue import Queue
from functions.worker.delivery import Disposition
from tests.integration.worker.worker_fixture import TEXT, WorkerFixture
from tests.support.environment import TABLE_NAME


def message(version: int = queue_message.VERSION, **fields: Any) -> str:
    return json.dumps({"version": version, "generation_id": "g1", **fields})


@pytest.mark.fault(97)
@pytest.mark.parametrize("fields", [{}, {"tenant": "t1", "priority": [1, 2]}], ids=["now", "later"])
async def test_a_message_may_have_fields_that_we_do_not_know(
    bench: WorkerFixture, fields: dict[str, Any]
) -> None:
    bench.accept()

    assert await bench.work(bench.delivery(body=message(**fields))) is Disposition.ACK

    assert (bench.state().status, bench.stored()) == (Status.COMPLETED, TEXT)


@pytest.mark.fault(97)
async def test_a_message_of_a_later_version_waits_for_a_worker_that_knows_it(
    bench: WorkerFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.accept()
    later = bench.delivery(body=message(version=3))

    with pytest.raises(ValueError, match="version"):  # The handler lets the message come back.
        await bench.work(later)
    assert bench.state().status is Status.QUEUED
    monkeypatch.setattr(queue_message, "READABLE", (1, 2, 3))
    disposition = await bench.work(later)

    assert disposition is Disposition.ACK
    assert bench.stored() == TEXT


@pytest.mark.fault(97)
async def test_after_an_upgrade_messages_of_the_version_before_are_still_read(
    bench: WorkerFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.accept()
    monkeypatch.setattr(queue_message, "VERSION", 3)
    monkeypatch.setattr(queue_message, "READABLE", (2, 3))

    assert await bench.work(bench.delivery(body=message(version=2))) is Disposition.ACK


def test_what_is_sent_can_be_read() -> None:
    sent: list[str] = []

    class Client:
        def send_message(self, *, QueueUrl: str, MessageBody: str, DelaySeconds: int) -> None:  # noqa: N803
            sent.append(MessageBody)

    Queue(Client(), "url").send("g1")  # type: ignore[arg-type]

    assert [queue_message.generation_id_from(body) for body in sent] == ["g1"]
    assert max(queue_message.READABLE) == queue_message.VERSION


@pytest.mark.fault(97)
async def test_a_record_may_lack_what_only_later_releases_write_and_have_what_we_do_not_know(
    bench: WorkerFixture,
) -> None:
    accepted = bench.accept()
    bench.client.update_item(
        TableName=TABLE_NAME,
        Key={"pk": {"S": f"GENERATION#{accepted.generation_id}"}, "sk": {"S": "META"}},
        UpdateExpression="SET tenant = :tenant, #owner = :nobody REMOVE message_id, announced",
        ExpressionAttributeNames={"#owner": "owner"},
        ExpressionAttributeValues={":tenant": {"S": "t1"}, ":nobody": {"S": ""}},
    )

    assert await bench.work(bench.delivery(body=message())) is Disposition.ACK

    assert bench.stored() == TEXT
