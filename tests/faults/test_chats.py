"""Several answers of one user, and messages of several releases in one queue."""

from __future__ import annotations

import json
import secrets
from itertools import pairwise

import httpx
import pytest

from tests.support.grants import Grants
from tests.support.held_back import held_back
from tests.support.history import Asked, History
from tests.support.listener import Listener


@pytest.mark.fault(69)
async def test_answers_of_one_user_come_in_any_order_and_never_in_each_other(history: History) -> None:
    listeners = [await history.listen(history.user) for _ in range(2)]
    slow = await history.ask(
        history.user, deltas=[f"slow {n} " for n in range(600)], rate=8, endings="cancelled"
    )
    await listeners[0].until(lambda: slow.generation_id in listeners[0].generations)
    middle, quick = [
        await history.ask(history.user, deltas=[f"{name} {n} " for n in range(40)], rate=rate)
        for name, rate in (("middle", 10), ("quick", 20))
    ]
    for asked in (quick, middle, slow):  # The queue promises no order; here comes each again, the last first.
        history.lab.deliver_again(asked.generation_id)
    for asked in (quick, middle):
        await history.status(asked, "completed")
    assert (await history.cancel(slow)).status_code == httpx.codes.ACCEPTED  # Or we would wait for it.
    await history.settle()

    for listener in listeners:
        assert switches(listener, slow, quick) > 2
        assert switches(listener, slow, middle) > 2
        for asked in (slow, middle, quick):
            heard = listener.generations[asked.generation_id]
            assert (heard.text, heard.missing, heard.repeated) == (asked.final["text"], 0, 0)


@pytest.mark.fault(69)
async def test_prompts_of_one_chat_have_their_turns_in_their_order(history: History) -> None:
    """Each end lets the next one in, whatever else comes twice or late."""
    listener = await history.listen(history.user)
    chat = {"chat_id": secrets.token_hex(8), "on_busy": "queue"}
    asked = [
        await history.ask(history.user, deltas=[f"{name} {n} " for n in range(20)], rate=20, in_chat=chat)
        for name in ("first", "second", "third")
    ]
    for each in reversed(asked):
        history.lab.deliver_again(each.generation_id)
    await history.settle()

    order = [m["generation_id"] for m in listener.messages if m.get("type") == "llm_frame"]
    assert list(dict.fromkeys(order)) == [each.generation_id for each in asked]
    assert sum(before != after for before, after in pairwise(order)) == len(asked) - 1


def switches(listener: Listener, *answers: Asked) -> int:
    """How often the socket went from one of these answers to another: that they really ran side by side."""
    ids = {asked.generation_id for asked in answers}
    order = [m["generation_id"] for m in listener.messages if m.get("type") == "llm_frame"]
    ours = [generation_id for generation_id in order if generation_id in ids]
    return sum(before != after for before, after in pairwise(ours))


@pytest.mark.fault(97)
async def test_prompts_that_wait_during_an_upgrade_or_a_rollback_are_answered(history: History) -> None:
    """One message as it is sent now; one with a field more, as a later release may send it."""
    await history.listen(history.user)
    sqs, queue_url = history.lab.aws("sqs"), history.lab.site.queue_url
    with Grants(history.lab.site).queue_to_ourselves():
        first, second = await held_back(history, rate=0), await history.ask(history.user, rate=0)
        found: dict[str, str] = {}
        while not {first.generation_id, second.generation_id} <= found.keys():
            for message in sqs.receive_message(QueueUrl=queue_url, WaitTimeSeconds=1).get("Messages", []):
                found[json.loads(message["Body"])["generation_id"]] = message["Body"]
                sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
        now, later = found[first.generation_id], json.loads(found[second.generation_id])
        for body in (now, json.dumps({**later, "tenant": "t1", "priority": [1, 2]})):
            sqs.send_message(QueueUrl=queue_url, MessageBody=body)
        assert [(await history.read(each))["status"] for each in (first, second)] == ["queued", "queued"]
    await history.settle()

    assert [each.final["status"] for each in (first, second)] == ["completed", "completed"]
