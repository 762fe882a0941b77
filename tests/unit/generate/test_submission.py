"""Where prompts are handed in: durably before it is said, and once per Idempotency-Key."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from functions.generate.problems import Invalid, KeyReused, NotFound
from functions.generate.queueing import Queueing
from functions.generate.requests import GenerateRequest
from functions.generate.settings import GenerateOptions
from functions.generate.submission import Submission
from functions.generate.user_generations import UserGenerations
from functions.shared.errors import Unavailable
from functions.shared.generations.model import PICKED_UP_WITHIN, Generation, Status
from functions.shared.generations.transitions import REOPENINGS
from tests.support.builders import NOON, USER, generation

OPTIONS = GenerateOptions(llm_model="gpt-test", llm_allowed_models=("gpt-test", "gpt-other"))


@dataclass
class Shelf:
    """Generations in memory, as the table keeps them."""

    kept: dict[str, Generation] = field(default_factory=dict)
    prompts: dict[str, str] = field(default_factory=dict)
    withdrawn: set[str] = field(default_factory=set)
    requeued: dict[str, datetime] = field(default_factory=dict)
    reopened: int = 0

    def submit(self, generation: Generation, prompt: str, **_: datetime) -> Generation:
        self.prompts.setdefault(generation.generation_id, prompt)
        return self.kept.setdefault(generation.generation_id, generation)

    def withdraw(self, generation_id: str, *, reopened_at: datetime | None) -> bool:
        if self.kept[generation_id].queued_at:
            return False
        if self.requeued.get(generation_id) != reopened_at:
            return self.kept[generation_id].status is Status.QUEUED
        if not self._move(generation_id, Status.QUEUED, Status.FAILED):
            return False
        self.kept[generation_id] = replace(self.kept[generation_id], withdrawn=True, announced=True)
        return True

    def reopen(self, generation_id: str, *, start_by: datetime, now: datetime) -> bool:
        if not self.kept[generation_id].withdrawn:
            return False
        if self.reopened == REOPENINGS and not self._is_due(generation_id, now):
            return False
        self.reopened = min(self.reopened + 1, REOPENINGS)
        self.requeued[generation_id] = now
        self.kept[generation_id] = replace(
            self.kept[generation_id],
            status=Status.QUEUED,
            start_by=start_by,
            withdrawn=False,
            announced=False,
            queued_at=None,
        )
        return True

    def requeue(self, generation_id: str, *, now: datetime) -> bool:
        is_due = self._is_due(generation_id, now)
        if is_due:
            self.requeued[generation_id] = now
        return is_due

    def note_queued(self, generation_id: str, *, now: datetime) -> None:
        self.kept[generation_id] = replace(self.kept[generation_id], queued_at=now)

    def _is_due(self, generation_id: str, now: datetime) -> bool:
        last = self.requeued.get(generation_id)
        return last is None or last < now - PICKED_UP_WITHIN

    def cancel_queued(self, generation_id: str) -> bool:
        return self._move(generation_id, Status.QUEUED, Status.CANCELLED)

    def request_cancel(self, generation_id: str) -> bool:
        asked = self.kept[generation_id].status is Status.PROCESSING
        self.kept[generation_id] = replace(self.kept[generation_id], cancel_requested=asked)
        return asked

    def find(self, generation_id: str, **_: datetime) -> Generation | None:
        return self.kept.get(generation_id)

    def _move(self, generation_id: str, before: Status, after: Status) -> bool:
        if self.kept[generation_id].status is not before:
            return False
        self.kept[generation_id] = replace(self.kept[generation_id], status=after)
        return True


@dataclass
class Line:
    """A queue that fails when it is told to; `taken` says what it does with the message all the same."""

    sent: list[str] = field(default_factory=list)
    down: bool = False
    taken: Any = None

    def send(self, generation_id: str) -> None:
        if self.down:
            if self.taken:
                self.taken(generation_id)
            raise Unavailable("ServiceUnavailable")
        self.sent.append(generation_id)

    send_again = send


class Anything:
    """No limits."""

    def admit(self, user_id: str, name: str, **_: datetime) -> None:
        """Let it pass."""


def queueing(shelf: Shelf, line: Line, *, sleep: Callable[[float], None] = lambda _: None) -> Queueing:
    return Queueing(transitions=shelf, archive=shelf, queue=line, options=OPTIONS, sleep=sleep)


def submission(shelf: Shelf, line: Line, **changes: Any) -> Submission:
    return Submission(
        transitions=shelf,
        archive=shelf,
        limits=Anything(),
        queueing=queueing(shelf, line, **changes),
        options=OPTIONS,
    )


def user_generations(shelf: Shelf) -> UserGenerations:
    return UserGenerations(transitions=shelf, archive=shelf)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def line() -> Line:
    return Line()


def request(**changes: Any) -> GenerateRequest:
    valid = {"user_id": USER, "chat_id": "chat_1", "prompt": "Tell me about otters"}
    return GenerateRequest(**valid | changes)


def test_a_prompt_is_recorded_and_queued(shelf: Shelf, line: Line) -> None:
    accepted = submission(shelf, line).submit(request(), key=None, now=NOON)

    assert accepted == generation(accepted.generation_id, request_hash=request().fingerprint())
    assert shelf.kept == {accepted.generation_id: accepted}
    assert shelf.prompts == {accepted.generation_id: "Tell me about otters"}
    assert line.sent == [accepted.generation_id]


def test_without_a_key_every_prompt_is_a_new_one(shelf: Shelf, line: Line) -> None:
    ids = {submission(shelf, line).submit(request(), key=None, now=NOON).generation_id for _ in range(20)}

    assert len(ids) == 20
    assert all(len(generation_id) == 32 for generation_id in ids)


def test_the_same_key_is_the_same_generation(shelf: Shelf, line: Line) -> None:
    first = submission(shelf, line).submit(request(), key="k", now=NOON)
    later = submission(shelf, line).submit(request(), key="k", now=NOON + timedelta(hours=1))

    assert later == first
    assert set(line.sent) == {first.generation_id}


@pytest.mark.parametrize("status", [Status.PROCESSING, Status.COMPLETED, Status.FAILED, Status.CANCELLED])
def test_a_key_whose_generation_has_begun_queues_nothing(shelf: Shelf, line: Line, status: Status) -> None:
    first = submission(shelf, line).submit(request(), key="k", now=NOON)
    shelf.kept[first.generation_id] = replace(first, status=status)
    line.sent.clear()

    again = submission(shelf, line).submit(request(), key="k", now=NOON)

    assert again.generation_id == first.generation_id
    assert line.sent == []


@pytest.mark.parametrize("change", [{"prompt": "Another"}, {"chat_id": "chat_2"}, {"model": "gpt-other"}])
def test_the_same_key_with_another_request_is_refused(
    shelf: Shelf, line: Line, change: dict[str, str]
) -> None:
    first = submission(shelf, line).submit(request(), key="k", now=NOON)
    line.sent.clear()

    with pytest.raises(KeyReused):
        submission(shelf, line).submit(request(**change), key="k", now=NOON)

    assert shelf.kept == {first.generation_id: first}
    assert line.sent == []


def test_the_same_key_of_two_users_is_two_keys(shelf: Shelf, line: Line) -> None:
    mine = submission(shelf, line).submit(request(), key="k", now=NOON)
    theirs = submission(shelf, line).submit(request(user_id="other", prompt="Another"), key="k", now=NOON)

    assert mine.generation_id != theirs.generation_id


@pytest.mark.parametrize(
    ("asked", "given"), [(None, "gpt-test"), ("gpt-test", "gpt-test"), ("gpt-other",) * 2]
)
def test_a_request_may_choose_among_the_allowed_models(
    shelf: Shelf, line: Line, asked: str | None, given: str
) -> None:
    assert submission(shelf, line).submit(request(model=asked), key=None, now=NOON).model == given


def test_another_model_is_refused_with_the_choice_there_is(shelf: Shelf, line: Line) -> None:
    with pytest.raises(Invalid) as problem:
        submission(shelf, line).submit(request(model="canary"), key=None, now=NOON)

    assert problem.value.facts["errors"] == [
        {"field": "model", "message": "must be one of: gpt-other, gpt-test"}
    ]
    assert shelf.kept == {}


def test_when_the_queue_is_down_nothing_stays_accepted(shelf: Shelf, line: Line) -> None:
    line.down = True

    with pytest.raises(Unavailable):
        submission(shelf, line).submit(request(), key="k", now=NOON)

    assert [kept.status for kept in shelf.kept.values()] == [Status.FAILED]


def test_after_an_outage_the_same_key_is_queued(shelf: Shelf, line: Line) -> None:
    line.down = True
    with pytest.raises(Unavailable):
        submission(shelf, line).submit(request(), key="k", now=NOON)
    line.down = False

    later = NOON + timedelta(hours=1)
    accepted = submission(shelf, line).submit(request(), key="k", now=later)

    kept = shelf.kept[accepted.generation_id]
    assert (kept.status, kept.start_by) == (Status.QUEUED, later + timedelta(minutes=5))
    assert line.sent == [accepted.generation_id]


def test_when_only_the_reply_was_lost_the_prompt_is_accepted(shelf: Shelf, line: Line) -> None:
    def worker_takes_it(generation_id: str) -> None:
        shelf.kept[generation_id] = replace(shelf.kept[generation_id], status=Status.PROCESSING)

    line.down, line.taken = True, worker_takes_it

    accepted = submission(shelf, line).submit(request(), key="k", now=NOON)

    assert shelf.kept[accepted.generation_id].status is Status.PROCESSING


def test_a_key_that_was_recorded_but_never_queued_is_queued_now(shelf: Shelf, line: Line) -> None:
    """The function died between its two writes."""
    first = submission(shelf, line).submit(request(), key="k", now=NOON)
    line.sent.clear()

    submission(shelf, line).submit(request(), key="k", now=NOON)

    assert line.sent == [first.generation_id]


def repeat(shelf: Shelf, line: Line, times: int, *, over: timedelta) -> int:
    """Repeat one key, evenly over a time. Returns how often the prompt was accepted."""
    accepted = 0
    for number in range(times):
        with suppress(Unavailable):
            submission(shelf, line).submit(request(), key="k", now=NOON + over * number / times)
            accepted += 1
    return accepted


@pytest.mark.parametrize(("over", "sent"), [(0, 2), (30, 2), (60, 3), (299, 11)])
def test_however_often_a_waiting_prompt_is_repeated_its_messages_are_few(
    shelf: Shelf, line: Line, over: int, sent: int
) -> None:
    assert repeat(shelf, line, 200, over=timedelta(seconds=over)) == 200

    assert len(line.sent) == sent


def test_a_queue_that_takes_messages_and_loses_its_replies_is_not_filled(shelf: Shelf, line: Line) -> None:
    line.down, line.taken = True, line.sent.append

    assert repeat(shelf, line, 200, over=timedelta(minutes=1)) == 0

    assert len(line.sent) == 1 + REOPENINGS + 1


def test_a_prompt_whose_messages_keep_failing_is_never_said_to_be_accepted(shelf: Shelf, line: Line) -> None:
    line.down = True

    assert repeat(shelf, line, 200, over=timedelta(minutes=1)) == 0

    assert [kept.withdrawn for kept in shelf.kept.values()] == [True]


def test_while_a_rival_talks_to_the_queue_nothing_is_promised(shelf: Shelf, line: Line) -> None:
    first = submission(shelf, line).submit(request(), key="k", now=NOON)
    shelf.requeue(first.generation_id, now=NOON)

    with pytest.raises(Unavailable):
        submission(shelf, line).submit(request(), key="k", now=NOON)


def test_a_repetition_waits_for_the_rival_that_is_sending(shelf: Shelf, line: Line) -> None:
    first = submission(shelf, line).submit(request(), key="k", now=NOON)
    shelf.requeue(first.generation_id, now=NOON)
    waiting = submission(shelf, line, sleep=lambda _: shelf.note_queued(first.generation_id, now=NOON))

    assert waiting.submit(request(), key="k", now=NOON).generation_id == first.generation_id
    assert line.sent == [first.generation_id]


def test_what_a_repetition_was_promised_is_kept_when_the_first_request_fails(
    shelf: Shelf, line: Line
) -> None:
    def repeat_meanwhile(generation_id: str) -> None:
        line.down = False
        submission(shelf, line).submit(request(), key="k", now=NOON)

    line.down, line.taken = True, repeat_meanwhile

    accepted = submission(shelf, line).submit(request(), key="k", now=NOON)

    assert shelf.kept[accepted.generation_id].status is Status.QUEUED
    assert line.sent == [accepted.generation_id]


def test_a_repetition_that_fails_does_not_withdraw_what_the_first_request_was_promised(
    shelf: Shelf, line: Line
) -> None:
    """The first request's message is confirmed, and no worker has it yet."""
    accepted = submission(shelf, line).submit(request(), key="k", now=NOON)
    line.down = True

    with pytest.raises(Unavailable):
        submission(shelf, line).submit(request(), key="k", now=NOON)

    kept = shelf.kept[accepted.generation_id]
    assert (kept.status, kept.withdrawn) == (Status.QUEUED, False)


def test_the_first_request_does_not_withdraw_what_a_repetition_is_sending(shelf: Shelf, line: Line) -> None:
    def rival_begins_to_send(generation_id: str) -> None:
        assert shelf.requeue(generation_id, now=NOON)

    line.down, line.taken = True, rival_begins_to_send

    with pytest.raises(Unavailable):
        submission(shelf, line).submit(request(), key="k", now=NOON)

    assert [(kept.status, kept.withdrawn) for kept in shelf.kept.values()] == [(Status.QUEUED, False)]


def test_a_rescue_counts_as_a_message_of_the_prompt(shelf: Shelf, line: Line) -> None:
    first = submission(shelf, line).submit(request(), key="k", now=NOON)
    later = NOON + timedelta(minutes=1)

    queueing(shelf, line).requeue_if_stranded(first, now=later)
    submission(shelf, line).submit(request(), key="k", now=later)

    assert line.sent == [first.generation_id] * 2


@pytest.mark.parametrize(
    ("status", "lease", "age", "rescued"),
    [
        (Status.QUEUED, None, 30, False),
        (Status.QUEUED, None, 31, True),
        (Status.PROCESSING, 60, 65, False),
        (Status.PROCESSING, 60, 66, True),
        (Status.COMPLETED, 60, 65, False),
        (Status.COMPLETED, 60, 66, True),
        (Status.CANCELLED, None, 31, True),
    ],
)
def test_what_no_worker_seems_to_have_is_queued_again_once(
    shelf: Shelf, line: Line, status: Status, lease: int | None, age: int, *, rescued: bool
) -> None:
    until = None if lease is None else NOON + timedelta(seconds=lease)
    found = shelf.kept["g"] = generation("g", status=status, lease_until=until)

    for _ in range(2):
        queueing(shelf, line).requeue_if_stranded(found, now=NOON + timedelta(seconds=age))

    assert line.sent == (["g"] if rescued else [])


def test_an_end_that_was_told_needs_no_rescue(shelf: Shelf, line: Line) -> None:
    told = generation("g", status=Status.COMPLETED, lease_until=NOON, announced=True)

    queueing(shelf, line).requeue_if_stranded(told, now=NOON + timedelta(hours=1))

    assert line.sent == []


def test_who_repeats_a_key_rescues_too(shelf: Shelf, line: Line) -> None:
    first = submission(shelf, line).submit(request(), key="k", now=NOON)
    shelf.kept[first.generation_id] = replace(first, status=Status.PROCESSING, lease_until=NOON)
    line.sent.clear()

    submission(shelf, line).submit(request(), key="k", now=NOON + timedelta(minutes=1))

    assert line.sent == [first.generation_id]


def test_a_requeue_that_fails_disturbs_nobody(shelf: Shelf, line: Line) -> None:
    line.down = True

    queueing(shelf, line).requeue_if_stranded(generation("g"), now=NOON + timedelta(minutes=1))

    assert shelf.requeued.keys() == {"g"}


@pytest.mark.parametrize("user_id", ["other", "", USER.upper()])
def test_nobody_else_finds_or_cancels_a_generation(shelf: Shelf, line: Line, user_id: str) -> None:
    mine = submission(shelf, line).submit(request(), key=None, now=NOON)

    with pytest.raises(NotFound) as foreign:
        user_generations(shelf).find(mine.generation_id, user_id=user_id, now=NOON)
    with pytest.raises(NotFound):
        user_generations(shelf).cancel(mine.generation_id, user_id=user_id, now=NOON)
    with pytest.raises(NotFound) as missing:
        user_generations(shelf).find("f" * 32, user_id=user_id, now=NOON)

    assert str(foreign.value) == str(missing.value)
    assert shelf.kept[mine.generation_id] == mine


@pytest.mark.parametrize(
    ("before", "after", "asked"),
    [
        (Status.QUEUED, Status.CANCELLED, False),
        (Status.PROCESSING, Status.PROCESSING, True),
        (Status.COMPLETED, Status.COMPLETED, False),
        (Status.FAILED, Status.FAILED, False),
        (Status.CANCELLED, Status.CANCELLED, False),
    ],
)
def test_to_cancel_is_to_ask_whoever_has_it(
    shelf: Shelf, line: Line, before: Status, after: Status, *, asked: bool
) -> None:
    shelf.kept["g"] = generation("g", status=before)

    user_generations(shelf).cancel("g", user_id=USER, now=NOON)
    user_generations(shelf).cancel("g", user_id=USER, now=NOON)

    assert (shelf.kept["g"].status, shelf.kept["g"].cancel_requested) == (after, asked)
