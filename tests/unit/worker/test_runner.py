"""What one worker does while it makes an answer and others, outages and the user come in between."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from functions.shared.errors import Unavailable
from functions.shared.generations.failures import Failure
from functions.shared.generations.model import ContextSeen, Outcome, Status
from functions.shared.generations.response_format import ResponseFormat
from functions.worker.delivery import Disposition
from functions.worker.stopping import READING_ON
from tests.support.scripted_model import ALIVE, DONE, Step, finish
from tests.unit.worker.builders import NOON, worker_options
from tests.unit.worker.worker_in_memory import LEASE, SLOW, TEXT, WorkerInMemory, between, seconds

pytestmark = pytest.mark.virtual_time


async def test_an_answer_is_stored_told_and_noted() -> None:
    worker = WorkerInMemory()
    worker.accept()

    assert await worker.work() is Disposition.ACK
    assert worker.record.outcome == Outcome(status=Status.COMPLETED, length=len(TEXT), finish_reason="stop")
    assert worker.record.announced
    assert worker.stored == worker.gateway.text("a") == TEXT
    assert worker.counted == [Status.COMPLETED]


async def test_an_answer_is_made_from_what_was_said_before_and_says_so() -> None:
    worker = WorkerInMemory()
    worker.accept_in_chat(worker.chat.ask("And where?", after=worker.chat.turn("What?", "Sea urchins.")))

    assert await worker.work() is Disposition.ACK
    [conversation] = worker.model.conversations
    assert [turn.answer for turn in conversation.turns] == ["Sea urchins."]
    assert worker.record.outcome is not None
    assert worker.record.outcome.context == ContextSeen(turns=1)


async def test_an_answer_that_is_stopped_says_what_it_saw() -> None:
    worker = WorkerInMemory()
    worker.accept_in_chat(worker.chat.ask("And where?", after=worker.chat.turn("What?", "Sea urchins.")))
    worker.at(5.5, worker.change(cancel_requested=True))

    await worker.work()

    assert worker.record.status is Status.CANCELLED
    assert worker.record.outcome is not None
    assert worker.record.outcome.context == ContextSeen(turns=1)


@pytest.mark.parametrize("call", ["messages", "text"])
async def test_a_chat_that_cannot_be_read_is_another_delivery_and_no_shorter_memory(call: str) -> None:
    worker = WorkerInMemory()
    worker.accept_in_chat(worker.chat.ask("And where?", after=worker.chat.turn("What?", "Sea urchins.")))
    worker.chat.outage = call

    with pytest.raises(Unavailable):
        await worker.work()
    assert worker.model.conversations == []
    worker.chat.outage = ""

    assert await worker.work() is Disposition.ACK
    assert len(worker.model.conversations[0].turns) == 1
    assert (worker.record.attempt, worker.stored) == (2, TEXT)


async def test_a_summary_is_made_when_the_end_was_told_and_the_message_is_gone() -> None:
    options = worker_options(frame_interval_milliseconds=100, context_tokens=600, recent_turns=1)
    summary: list[Step] = [20.0, "Otters.", finish(), DONE]
    worker = WorkerInMemory(scripts=[[ALIVE, "x" * 800, finish(), DONE], summary], options=options)
    last = None
    for _ in range(3):
        last = worker.chat.turn("q" * 60, "a" * 60, after=last)
    worker.accept_in_chat(worker.chat.ask("And?", after=last))
    told: list[tuple[bool, list[str]]] = []
    worker.at(15, lambda: told.append((worker.record.announced, list(worker.queue.deleted))))

    assert await worker.work() is Disposition.ACK

    assert told == [(True, ["r"])]
    assert [summary.text for summary in worker.chat.stored.values()] == ["Otters."]


async def test_an_outage_shorter_than_the_lease_costs_nothing() -> None:
    worker = WorkerInMemory()
    worker.accept()
    worker.table.is_away = between(5, 25)

    assert await worker.work() is Disposition.ACK
    assert worker.record.attempt == 1
    assert worker.stored == worker.gateway.text("a") == TEXT


async def test_a_lease_that_lapses_in_an_outage_ends_the_work_and_silences_the_worker() -> None:
    worker = WorkerInMemory()
    worker.accept()
    worker.table.is_away = between(10.5, 60)

    assert await worker.work() is Disposition.RETRY

    assert LEASE.total_seconds() < seconds() <= 10.5 + LEASE.total_seconds() + 1
    assert worker.model.closed == 1
    told = len(worker.gateway.delivered["a"])
    await asyncio.sleep(30)
    assert len(worker.gateway.delivered["a"]) == told
    assert await worker.work() is Disposition.ACK
    assert (worker.record.attempt, worker.stored) == (2, TEXT)


async def test_a_worker_that_is_fenced_stops_its_model_and_touches_nothing_more() -> None:
    worker = WorkerInMemory()
    worker.accept()
    theirs = NOON + timedelta(minutes=9)
    worker.at(5.5, worker.change(attempt=2, owner="other", lease_until=theirs))

    assert await worker.work() is Disposition.RETRY

    assert seconds() < 7
    assert worker.model.closed == 1
    assert (worker.record.attempt, worker.record.owner, worker.record.lease_until) == (2, "other", theirs)
    assert "release" not in worker.table.made
    assert worker.told[-1] == "streaming"


async def test_a_user_who_cancels_gets_what_was_written_by_then() -> None:
    worker = WorkerInMemory()
    worker.accept()
    worker.at(5.5, worker.change(cancel_requested=True))

    assert await worker.work() is Disposition.ACK
    assert seconds() < 6.1 + READING_ON
    assert worker.record.status is Status.CANCELLED
    assert worker.record.outcome is not None
    assert len(worker.stored) == worker.record.outcome.length > 0
    assert worker.stored == worker.gateway.text("a")
    assert worker.told[-1] == "cancelled"


async def test_a_cancel_that_comes_while_the_end_is_recorded_does_not_change_it() -> None:
    worker = WorkerInMemory()
    worker.accept()
    worker.table.before["finish"] = worker.change(cancel_requested=True)

    assert await worker.work() is Disposition.ACK
    assert worker.record.status is Status.COMPLETED
    assert worker.told[-1] == "completed"
    assert "cancelled" not in worker.told


async def test_a_cancel_during_an_outage_is_heard_after_it() -> None:
    worker = WorkerInMemory()
    worker.accept()
    worker.table.is_away = between(5, 20)
    worker.at(6, worker.change(cancel_requested=True))

    assert await worker.work() is Disposition.ACK
    assert worker.record.status is Status.CANCELLED
    assert 20 <= seconds() < 20.1 + READING_ON


async def test_out_of_time_the_text_is_stored_before_another_may_begin() -> None:
    worker = WorkerInMemory([[0.2, *SLOW], SLOW])  # Each word comes just after a heartbeat.
    worker.accept()

    assert await worker.work(until=5.25) is Disposition.RETRY

    assert worker.table.made[-2:] == ["save", "release"]
    assert worker.stored == worker.gateway.text("a") != ""
    assert worker.queue.hidden[-1] == timedelta(seconds=1)
    await asyncio.sleep(1)
    assert await worker.work() is Disposition.ACK
    assert (worker.record.attempt, worker.stored) == (2, TEXT)


async def test_what_goes_wrong_unexpectedly_hands_the_generation_over() -> None:
    worker = WorkerInMemory()
    worker.accept()

    def broken() -> None:
        raise ZeroDivisionError

    worker.table.before["prompt"] = broken

    with pytest.raises(ZeroDivisionError):
        await worker.work()
    assert worker.table.made[-1] == "release"


async def test_an_end_waits_until_the_connections_can_be_read() -> None:
    worker = WorkerInMemory()
    worker.accept()
    worker.registry.is_away = between(0, 75)

    assert await worker.work() is Disposition.ACK
    assert seconds() >= 75
    assert worker.gateway.text("a") == TEXT
    assert worker.told[-1] == "completed"
    assert worker.record.announced


async def test_an_end_that_nobody_could_be_told_is_left_to_the_next_delivery() -> None:
    worker = WorkerInMemory()
    worker.accept()
    worker.registry.is_away = between(0, 150)

    assert await worker.work() is Disposition.RETRY
    assert (worker.record.status, worker.record.announced) == (Status.COMPLETED, False)
    await asyncio.sleep(150 - seconds())

    assert await worker.work() is Disposition.ACK
    assert worker.record.announced
    assert worker.told[-1] == "completed"
    assert len(worker.model.called_at) == 1


async def test_work_that_is_claimed_too_late_is_not_begun() -> None:
    worker = WorkerInMemory()
    worker.accept(start_by=NOON - timedelta(seconds=1))

    assert await worker.work() is Disposition.ACK
    assert worker.record.outcome == Outcome(status=Status.FAILED, length=0, failure=Failure.EXPIRED)
    assert worker.model.called_at == []


async def test_a_later_attempt_lets_the_former_owner_step_down_before_it_asks_the_model() -> None:
    worker = WorkerInMemory()
    worker.accept(status=Status.PROCESSING, attempt=1, lease_until=NOON - timedelta(seconds=1))

    assert await worker.work() is Disposition.ACK
    assert worker.model.called_at == [2.0]


async def test_a_write_that_is_never_taken_ends_the_answer_as_a_failure_of_ours() -> None:
    worker = WorkerInMemory()
    worker.accept()
    worker.table.refused = {"save"}

    assert await worker.work() is Disposition.ACK
    assert worker.record.outcome is not None
    assert worker.record.outcome.failure is Failure.INTERNAL
    assert worker.told[-1] == "failed"


async def test_an_answer_in_another_form_than_was_wanted_fails_and_keeps_its_text() -> None:
    async def is_valid(text: str, wanted: ResponseFormat) -> bool:
        return text == "{}"

    worker = WorkerInMemory(scripts=[["[]", finish(), DONE]], is_valid=is_valid)
    worker.table.wanted = ResponseFormat('{"type":"json_object"}')
    worker.accept(has_format=True)

    assert await worker.work() is Disposition.ACK
    assert worker.record.outcome == Outcome(
        status=Status.FAILED, length=2, finish_reason="stop", failure=Failure.INVALID_OUTPUT
    )
    assert worker.stored == worker.gateway.text("a") == "[]"
    assert worker.told[-1] == "failed"
    [conversation] = worker.model.conversations
    assert conversation.response_format == worker.table.wanted
    assert len(worker.model.called_at) == 1


@pytest.mark.parametrize("remembers", [True, False])
async def test_a_question_that_was_deleted_with_its_chat_has_a_stopped_answer(*, remembers: bool) -> None:
    def gone(_generation: object) -> str:
        raise KeyError("Item")

    worker = WorkerInMemory(options=worker_options(context_tokens=16_000 if remembers else 0))
    worker.accept_in_chat(worker.chat.ask("What?"))
    worker.chat.numbered.clear()
    worker.table.prompt = gone  # type: ignore[assignment]

    assert await worker.work() is Disposition.ACK

    assert worker.record.outcome == Outcome(status=Status.CANCELLED, length=0)
    assert worker.model.conversations == []
