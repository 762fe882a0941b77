"""Where prompts are handed in: durably before it is said, and once per Idempotency-Key."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from functions.generate.acceptance import Acceptance, Placed, Recorded
from functions.generate.attachments import NoAttachments
from functions.generate.problems import Busy, Invalid, KeyReused, NotFound, StaleParent
from functions.generate.queueing import Queueing
from functions.generate.requests import GenerateRequest, RegenerateRequest
from functions.generate.settings import GenerateOptions
from functions.generate.submission import REOPENINGS, Request, Submission
from functions.generate.under_way import GenerationEnds
from functions.generate.user_generations import UserGenerations
from functions.shared.chats import heads
from functions.shared.chats.model import Chat, Ended, prompt_id_of
from functions.shared.errors import Unavailable
from functions.shared.generations.model import PICKED_UP_WITHIN, Generation, Outcome, Status
from functions.shared.generations.response_format import ResponseFormat
from tests.support.builders import NOON, USER, generation

OPTIONS = GenerateOptions(llm_model="gpt-test", llm_allowed_models=("gpt-test", "gpt-other"))


@dataclass
class Shelf:
    """Generations and chats in memory, as the table keeps them."""

    kept: dict[str, Generation] = field(default_factory=dict)
    prompts: dict[str, str] = field(default_factory=dict)
    chats: dict[tuple[str, str], Chat] = field(default_factory=dict)
    formats: dict[str, ResponseFormat | None] = field(default_factory=dict)
    requeued: dict[str, datetime] = field(default_factory=dict)
    rivals: list[Callable[[], None]] = field(default_factory=list)
    """What others do just before the next prompts are written."""
    conflicts: int = 0
    """So many of the next writes meet another transaction."""

    def head(self, user_id: str, chat_id: str, **_: datetime) -> Chat | None:
        return self.chats.get((user_id, chat_id))

    def accept(self, placed: Placed, *, now: datetime) -> Recorded | None:
        if self.rivals:
            self.rivals.pop(0)()
        if self.conflicts:
            self.conflicts -= 1
            return None
        generation, asked = placed.generation, placed.asked
        found = self.kept.get(generation.generation_id)
        if found is not None and (asked.withdrawn is None or not found.withdrawn):
            return Recorded(found, is_new=False)
        chat = (generation.user_id, generation.chat_id)
        if self.chats.get(chat) != placed.before:
            return None
        self.chats[chat] = placed.after
        self.kept[generation.generation_id] = generation
        self.prompts[generation.generation_id] = asked.prompt
        self.formats[generation.generation_id] = asked.response_format
        if generation.requeued_at:
            self.requeued[generation.generation_id] = generation.requeued_at
        if placed.is_interrupting:
            self.request_cancel(placed.after.running)
        return Recorded(generation, is_new=True)

    def withdraw(self, generation: Generation, *, now: datetime) -> bool:
        found = self.kept[generation.generation_id]
        if found.queued_at:
            return False
        if self.requeued.get(found.generation_id) != generation.requeued_at:
            return found.status is Status.QUEUED
        if found.status is not Status.QUEUED:
            return False
        self.kept[found.generation_id] = replace(found, status=Status.FAILED, withdrawn=True, announced=True)
        chat = (found.user_id, found.chat_id)
        self.chats[chat] = heads.withdrawn(self.chats[chat], generation_id=found.generation_id, now=now)
        return True

    def cancel(self, generation: Generation, *, now: datetime) -> Ended | None:
        if self.kept[generation.generation_id].status is not Status.QUEUED:
            return None
        self.kept[generation.generation_id] = replace(generation, status=Status.CANCELLED)
        return Ended()

    def leave(self, generation: Generation, *, now: datetime) -> bool:
        if not self.kept[generation.generation_id].waits:
            return False
        self.kept[generation.generation_id] = replace(generation, status=Status.CANCELLED, waits=False)
        return True

    def delete(self, generation_id: str, *, is_ended: bool) -> None:
        del self.kept[generation_id]

    def requeue(self, generation_id: str, *, now: datetime) -> bool:
        last = self.requeued.get(generation_id)
        is_due = last is None or last < now - PICKED_UP_WITHIN
        if is_due:
            self.requeued[generation_id] = now
        return is_due

    def note_queued(self, generation_id: str, *, now: datetime) -> None:
        self.kept[generation_id] = replace(self.kept[generation_id], queued_at=now)

    def note_unqueued(self, generation_id: str) -> None:
        self.kept[generation_id] = replace(self.kept[generation_id], queued_at=None)

    def request_cancel(self, generation_id: str) -> bool:
        asked = not self.kept[generation_id].status.is_final
        self.kept[generation_id] = replace(self.kept[generation_id], cancel_requested=asked)
        return asked

    def find(self, generation_id: str, **_: datetime) -> Generation | None:
        return self.kept.get(generation_id)

    def response_format(self, generation: Generation) -> ResponseFormat | None:
        return self.formats.get(generation.generation_id)


@dataclass
class Line:
    """A queue that fails when it is told to; `taken` says what it does with the message all the same."""

    sent: list[str] = field(default_factory=list)
    reminded: list[str] = field(default_factory=list)
    down: bool = False
    taken: Any = None

    def send(self, generation_id: str) -> None:
        if self.down:
            if self.taken:
                self.taken(generation_id)
            raise Unavailable("ServiceUnavailable")
        self.sent.append(generation_id)

    send_again = send

    def remind(self, generation_id: str) -> None:
        self.reminded.append(generation_id)


class Anything:
    """No limits."""

    def admit(self, user_id: str, name: str, **_: datetime) -> None:
        """Let it pass."""


def queueing(shelf: Shelf, line: Line, *, sleep: Callable[[float], None] = lambda _: None) -> Queueing:
    return Queueing(transitions=shelf, submissions=shelf, archive=shelf, queue=line, sleep=sleep)


def submission(shelf: Shelf, line: Line, **changes: Any) -> Submission:
    acceptance = Acceptance(
        chats=shelf,
        submissions=shelf,
        archive=shelf,
        queue=line,
        ends=GenerationEnds(shelf),
        sleep=lambda _: None,
    )
    return Submission(
        acceptance=acceptance,
        archive=shelf,
        formats=shelf,
        attachments=NoAttachments(),
        limits=Anything(),
        queueing=queueing(shelf, line, **changes),
        options=OPTIONS,
    )


def user_generations(shelf: Shelf, line: Line) -> UserGenerations:
    return UserGenerations(
        transitions=shelf, submissions=shelf, queueing=queueing(shelf, line), archive=shelf
    )


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def line() -> Line:
    return Line()


def call(key: str | None, now: datetime = NOON) -> Request:
    return Request(key=key, now=now)


def request(**changes: Any) -> GenerateRequest:
    valid = {"user_id": USER, "chat_id": "chat_1", "prompt": "Tell me about otters"}
    return GenerateRequest(**valid | changes)


def test_a_prompt_is_recorded_and_queued(shelf: Shelf, line: Line) -> None:
    accepted = submission(shelf, line).submit(request(), call(None))

    assert accepted == generation(
        accepted.generation_id,
        request_hash=request().fingerprint(),
        prompt_id=prompt_id_of(accepted.generation_id),
        prompt_number=1,
        chat_version=1,
    )
    assert shelf.kept == {accepted.generation_id: accepted}
    assert shelf.prompts == {accepted.generation_id: "Tell me about otters"}
    assert line.sent == [accepted.generation_id]


def test_without_a_key_every_prompt_is_a_new_one(shelf: Shelf, line: Line) -> None:
    requests = [request(chat_id=f"chat_{number}") for number in range(20)]
    ids = {submission(shelf, line).submit(each, call(None)).generation_id for each in requests}

    assert len(ids) == 20
    assert all(len(generation_id) == 32 for generation_id in ids)


def test_the_same_key_is_the_same_generation(shelf: Shelf, line: Line) -> None:
    first = submission(shelf, line).submit(request(), call("k"))
    later = submission(shelf, line).submit(request(), call("k", NOON + timedelta(hours=1)))

    assert later == first
    assert set(line.sent) == {first.generation_id}


@pytest.mark.parametrize("status", [Status.PROCESSING, Status.COMPLETED, Status.FAILED, Status.CANCELLED])
def test_a_key_whose_generation_has_begun_queues_nothing(shelf: Shelf, line: Line, status: Status) -> None:
    first = submission(shelf, line).submit(request(), call("k"))
    shelf.kept[first.generation_id] = replace(first, status=status)
    line.sent.clear()

    again = submission(shelf, line).submit(request(), call("k"))

    assert again.generation_id == first.generation_id
    assert line.sent == []


@pytest.mark.parametrize("change", [{"prompt": "Another"}, {"chat_id": "chat_2"}, {"model": "gpt-other"}])
def test_the_same_key_with_another_request_is_refused(
    shelf: Shelf, line: Line, change: dict[str, str]
) -> None:
    first = submission(shelf, line).submit(request(), call("k"))
    line.sent.clear()

    with pytest.raises(KeyReused):
        submission(shelf, line).submit(request(**change), call("k"))

    assert shelf.kept == {first.generation_id: first}
    assert line.sent == []


def test_the_same_key_of_two_users_is_two_keys(shelf: Shelf, line: Line) -> None:
    mine = submission(shelf, line).submit(request(), call("k"))
    theirs = submission(shelf, line).submit(request(user_id="other", prompt="Another"), call("k"))

    assert mine.generation_id != theirs.generation_id


@pytest.mark.parametrize(
    ("asked", "given"), [(None, "gpt-test"), ("gpt-test", "gpt-test"), ("gpt-other",) * 2]
)
def test_a_request_may_choose_among_the_allowed_models(
    shelf: Shelf, line: Line, asked: str | None, given: str
) -> None:
    assert submission(shelf, line).submit(request(model=asked), call(None)).model == given


def test_another_model_is_refused_with_the_choice_there_is(shelf: Shelf, line: Line) -> None:
    with pytest.raises(Invalid) as problem:
        submission(shelf, line).submit(request(model="canary"), call(None))

    assert problem.value.facts["errors"] == [
        {"field": "model", "message": "must be one of: gpt-other, gpt-test"}
    ]
    assert shelf.kept == {}


def test_when_the_queue_is_down_nothing_stays_accepted(shelf: Shelf, line: Line) -> None:
    line.down = True

    with pytest.raises(Unavailable):
        submission(shelf, line).submit(request(), call("k"))

    assert [kept.status for kept in shelf.kept.values()] == [Status.FAILED]


def test_after_an_outage_the_same_key_is_queued(shelf: Shelf, line: Line) -> None:
    line.down = True
    with pytest.raises(Unavailable):
        submission(shelf, line).submit(request(), call("k"))
    line.down = False

    later = NOON + timedelta(hours=1)
    accepted = submission(shelf, line).submit(request(), call("k", later))

    kept = shelf.kept[accepted.generation_id]
    assert (kept.status, kept.start_by) == (Status.QUEUED, later + timedelta(minutes=5))
    assert line.sent == [accepted.generation_id]


def test_when_only_the_reply_was_lost_the_prompt_is_accepted(shelf: Shelf, line: Line) -> None:
    def worker_takes_it(generation_id: str) -> None:
        shelf.kept[generation_id] = replace(shelf.kept[generation_id], status=Status.PROCESSING)

    line.down, line.taken = True, worker_takes_it

    accepted = submission(shelf, line).submit(request(), call("k"))

    assert shelf.kept[accepted.generation_id].status is Status.PROCESSING


def test_a_key_that_was_recorded_but_never_queued_is_queued_now(shelf: Shelf, line: Line) -> None:
    """The function died between its two writes."""
    first = submission(shelf, line).submit(request(), call("k"))
    line.sent.clear()

    submission(shelf, line).submit(request(), call("k"))

    assert line.sent == [first.generation_id]


def repeat(shelf: Shelf, line: Line, times: int, *, over: timedelta) -> int:
    """Repeat one key, evenly over a time. Returns how often the prompt was accepted."""
    accepted = 0
    for number in range(times):
        with suppress(Unavailable):
            submission(shelf, line).submit(request(), call("k", NOON + over * number / times))
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
    first = submission(shelf, line).submit(request(), call("k"))
    shelf.requeue(first.generation_id, now=NOON)

    with pytest.raises(Unavailable):
        submission(shelf, line).submit(request(), call("k"))


def test_a_repetition_waits_for_the_rival_that_is_sending(shelf: Shelf, line: Line) -> None:
    first = submission(shelf, line).submit(request(), call("k"))
    shelf.requeue(first.generation_id, now=NOON)
    waiting = submission(shelf, line, sleep=lambda _: shelf.note_queued(first.generation_id, now=NOON))

    assert waiting.submit(request(), call("k")).generation_id == first.generation_id
    assert line.sent == [first.generation_id]


def test_what_a_repetition_was_promised_is_kept_when_the_first_request_fails(
    shelf: Shelf, line: Line
) -> None:
    def repeat_meanwhile(generation_id: str) -> None:
        line.down = False
        submission(shelf, line).submit(request(), call("k"))

    line.down, line.taken = True, repeat_meanwhile

    accepted = submission(shelf, line).submit(request(), call("k"))

    assert shelf.kept[accepted.generation_id].status is Status.QUEUED
    assert line.sent == [accepted.generation_id]


def test_a_repetition_that_fails_does_not_withdraw_what_the_first_request_was_promised(
    shelf: Shelf, line: Line
) -> None:
    """The first request's message is confirmed, and no worker has it yet."""
    accepted = submission(shelf, line).submit(request(), call("k"))
    line.down = True

    with pytest.raises(Unavailable):
        submission(shelf, line).submit(request(), call("k"))

    kept = shelf.kept[accepted.generation_id]
    assert (kept.status, kept.withdrawn) == (Status.QUEUED, False)


def test_the_first_request_does_not_withdraw_what_a_repetition_is_sending(shelf: Shelf, line: Line) -> None:
    def rival_begins_to_send(generation_id: str) -> None:
        assert shelf.requeue(generation_id, now=NOON)

    line.down, line.taken = True, rival_begins_to_send

    with pytest.raises(Unavailable):
        submission(shelf, line).submit(request(), call("k"))

    assert [(kept.status, kept.withdrawn) for kept in shelf.kept.values()] == [(Status.QUEUED, False)]


def test_what_was_withdrawn_and_then_queued_is_repeated_without_another_message(
    shelf: Shelf, line: Line
) -> None:
    line.down = True
    with pytest.raises(Unavailable):
        submission(shelf, line).submit(request(), call("k"))
    line.down = False
    accepted = submission(shelf, line).submit(request(), call("k"))

    repeated = submission(shelf, line).submit(request(), call("k"))

    assert repeated.generation_id == accepted.generation_id
    assert line.sent == [accepted.generation_id]


def test_a_rescue_counts_as_a_message_of_the_prompt(shelf: Shelf, line: Line) -> None:
    first = submission(shelf, line).submit(request(), call("k"))
    later = NOON + timedelta(minutes=1)

    queueing(shelf, line).requeue_if_stranded(first, now=later)
    submission(shelf, line).submit(request(), call("k", later))

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
    first = submission(shelf, line).submit(request(), call("k"))
    shelf.kept[first.generation_id] = replace(first, status=Status.PROCESSING, lease_until=NOON)
    line.sent.clear()

    submission(shelf, line).submit(request(), call("k", NOON + timedelta(minutes=1)))

    assert line.sent == [first.generation_id]


def test_a_requeue_that_fails_disturbs_nobody(shelf: Shelf, line: Line) -> None:
    line.down = True

    queueing(shelf, line).requeue_if_stranded(generation("g"), now=NOON + timedelta(minutes=1))

    assert shelf.requeued.keys() == {"g"}


@pytest.mark.parametrize("user_id", ["other", "", USER.upper()])
def test_nobody_else_finds_or_cancels_a_generation(shelf: Shelf, line: Line, user_id: str) -> None:
    mine = submission(shelf, line).submit(request(), call(None))

    with pytest.raises(NotFound) as foreign:
        user_generations(shelf, line).find(mine.generation_id, user_id=user_id, now=NOON)
    with pytest.raises(NotFound):
        user_generations(shelf, line).cancel(mine.generation_id, user_id=user_id, now=NOON)
    with pytest.raises(NotFound) as missing:
        user_generations(shelf, line).find("f" * 32, user_id=user_id, now=NOON)

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

    user_generations(shelf, line).cancel("g", user_id=USER, now=NOON)
    user_generations(shelf, line).cancel("g", user_id=USER, now=NOON)

    assert (shelf.kept["g"].status, shelf.kept["g"].cancel_requested) == (after, asked)


def end(shelf: Shelf, generation: Generation) -> None:
    """Complete what is being made."""
    chat = (generation.user_id, generation.chat_id)
    outcome = Outcome(status=Status.COMPLETED, length=1)
    after = heads.ended(shelf.chats[chat], generation, outcome, now=NOON)
    shelf.chats[chat] = after
    shelf.kept[generation.generation_id] = replace(
        generation, status=Status.COMPLETED, outcome=outcome, number=after.version
    )


def test_a_second_prompt_follows_the_first_ones_answer(shelf: Shelf, line: Line) -> None:
    first = submission(shelf, line).submit(request(), call("a"))
    end(shelf, first)

    second = submission(shelf, line).submit(request(), call("b"))

    assert (first.parent_id, first.prompt_number) == ("", 1)
    assert (second.parent_id, second.prompt_number) == (first.generation_id, 3)


def test_one_answer_of_a_chat_is_made_at_a_time(shelf: Shelf, line: Line) -> None:
    first = submission(shelf, line).submit(request(), call("a"))

    with pytest.raises(Busy) as refused:
        submission(shelf, line).submit(request(), call("b"))

    assert refused.value.facts["generation_id"] == first.generation_id
    assert shelf.kept.keys() == {first.generation_id}


def test_an_answer_that_has_no_worker_any_more_blocks_its_chat_no_longer(shelf: Shelf, line: Line) -> None:
    lost = submission(shelf, line).submit(request(), call("a"))
    shelf.kept[lost.generation_id] = replace(lost, status=Status.PROCESSING, lease_until=NOON)
    later = NOON + timedelta(minutes=8)

    second = submission(shelf, line).submit(request(), call("b", later))

    assert shelf.chats[USER, "chat_1"].running == second.generation_id


def test_prompts_wait_in_their_order_and_are_not_queued(shelf: Shelf, line: Line) -> None:
    first = submission(shelf, line).submit(request(), call("a"))
    waiting = [submission(shelf, line).submit(request(on_busy="queue"), call(key)) for key in "bc"]

    assert [one.waits for one in waiting] == [True, True]
    assert shelf.chats[USER, "chat_1"].waiting == tuple(one.generation_id for one in waiting)
    assert line.sent == [first.generation_id]
    assert line.reminded == [first.generation_id] * 2, "what they wait for comes to its end"


def test_a_waiting_prompt_that_is_repeated_goes_on_waiting(shelf: Shelf, line: Line) -> None:
    submission(shelf, line).submit(request(), call("a"))
    waiting = submission(shelf, line).submit(request(on_busy="queue"), call("b"))
    line.sent.clear()
    later = NOON + timedelta(hours=1)

    again = submission(shelf, line).submit(request(on_busy="queue"), call("b", later))
    queueing(shelf, line).requeue_if_stranded(again, now=later)

    assert again == waiting
    assert line.sent == []


def test_what_others_wait_for_has_a_reminder_before_it_is_accepted(shelf: Shelf, line: Line) -> None:
    first = submission(shelf, line).submit(request(), call("a"))
    submission(shelf, line).submit(request(on_busy="queue"), call("b"))
    chat = shelf.chats[USER, "chat_1"]
    shelf.chats[USER, "chat_1"] = replace(chat, running="", is_paused=True)

    second = submission(shelf, line).submit(request(), call("c"))

    assert line.reminded == [first.generation_id, second.generation_id]


def test_an_interruption_stops_what_runs_and_is_first_in_the_queue(shelf: Shelf, line: Line) -> None:
    first = submission(shelf, line).submit(request(), call("a"))
    patient = submission(shelf, line).submit(request(on_busy="queue"), call("b"))

    urgent = submission(shelf, line).submit(request(on_busy="interrupt"), call("c"))

    assert shelf.kept[first.generation_id].cancel_requested
    assert shelf.chats[USER, "chat_1"].waiting == (urgent.generation_id, patient.generation_id)
    assert shelf.chats[USER, "chat_1"].is_interrupting


@pytest.mark.parametrize("wish", [{}, {"on_stale": "fork"}])
def test_a_prompt_with_an_older_parent_begins_a_branch(
    shelf: Shelf, line: Line, wish: dict[str, str]
) -> None:
    first = submission(shelf, line).submit(request(), call("a"))
    end(shelf, first)
    end(shelf, submission(shelf, line).submit(request(), call("b")))

    for key, parent in (("c", first.generation_id), ("d", "root")):
        branch = submission(shelf, line).submit(request(parent_id=parent, **wish), call(key))
        assert branch.parent_id == ("" if parent == "root" else parent)
        end(shelf, branch)


def test_a_prompt_may_wish_to_be_refused_if_its_parent_is_stale(shelf: Shelf, line: Line) -> None:
    first = submission(shelf, line).submit(request(), call("a"))
    end(shelf, first)
    end(shelf, submission(shelf, line).submit(request(), call("b")))

    with pytest.raises(StaleParent) as refused:
        submission(shelf, line).submit(request(parent_id=first.generation_id, on_stale="reject"), call("c"))

    assert refused.value.facts["chat_version"] == 4


def test_a_parent_must_be_an_answer_of_the_chat(shelf: Shelf, line: Line) -> None:
    other = submission(shelf, line).submit(request(chat_id="chat_2"), call("a"))
    end(shelf, other)

    for parent in (other.generation_id, "f" * 32):
        with pytest.raises(Invalid) as refused:
            submission(shelf, line).submit(request(parent_id=parent), call("b"))
        assert refused.value.facts["errors"][0]["field"] == "parent_id"


def test_of_two_prompts_at_once_one_is_answered(shelf: Shelf, line: Line) -> None:
    rival: list[Generation] = []
    shelf.rivals.append(lambda: rival.append(submission(shelf, line).submit(request(), call("a"))))

    with pytest.raises(Busy) as refused:
        submission(shelf, line).submit(request(), call("b"))

    assert refused.value.facts["generation_id"] == rival[0].generation_id


def test_a_chat_that_others_change_again_and_again_is_unavailable(shelf: Shelf, line: Line) -> None:
    def change() -> None:
        chat = shelf.chats.get((USER, "chat_1")) or heads.begun(generation("g"), "", former=None)
        shelf.chats[USER, "chat_1"] = replace(chat, version=chat.version + 1)

    shelf.rivals.extend([change] * 50)

    with pytest.raises(Unavailable):
        submission(shelf, line).submit(request(), call("a"))
    assert line.sent == []


def regenerated(shelf: Shelf, line: Line, former: Generation, **changes: Any) -> Generation:
    wish = RegenerateRequest(**{"user_id": USER} | changes)
    return submission(shelf, line).regenerate(shelf.kept[former.generation_id], wish, call("again"))


def test_an_answer_is_made_anew_beside_the_one_there_is(shelf: Shelf, line: Line) -> None:
    first = submission(shelf, line).submit(request(), call("a"))
    end(shelf, first)

    again = regenerated(shelf, line, first, model="gpt-other")

    same = (first.prompt_id, first.prompt_number, first.parent_id)
    assert (again.prompt_id, again.prompt_number, again.parent_id) == same
    assert (again.model, again.chat_version, again.is_regenerated) == ("gpt-other", 3, True)
    assert shelf.kept[first.generation_id].status is Status.COMPLETED


def test_an_answer_that_is_being_made_is_not_made_anew(shelf: Shelf, line: Line) -> None:
    first = submission(shelf, line).submit(request(), call("a"))

    with pytest.raises(Busy):
        regenerated(shelf, line, first)


@pytest.mark.parametrize("change", [{"prompt_number": 0}, {"withdrawn": True}])
def test_what_has_no_question_in_the_chat_is_not_made_anew(
    shelf: Shelf, line: Line, change: dict[str, Any]
) -> None:
    first = submission(shelf, line).submit(request(), call("a"))
    shelf.kept[first.generation_id] = replace(first, status=Status.FAILED, **change)

    with pytest.raises(NotFound):
        regenerated(shelf, line, first)


def deletes(shelf: Shelf) -> None:
    """Delete the chat; the records of its answers are dealt with later."""
    shelf.chats[USER, "chat_1"] = heads.deleted(shelf.chats[USER, "chat_1"], expires_at=NOON, now=NOON)


def deletes_and_begins_anew(shelf: Shelf) -> None:
    deletes(shelf)
    begun = heads.begun(generation("new"), "New", former=shelf.chats[USER, "chat_1"])
    shelf.chats[USER, "chat_1"] = replace(begun, version=begun.version + 2)


@pytest.mark.parametrize("meanwhile", [deletes, deletes_and_begins_anew])
def test_an_answer_whose_chat_is_deleted_meanwhile_is_not_made_anew(
    shelf: Shelf, line: Line, meanwhile: Callable[[Shelf], None]
) -> None:
    """It would be the answer to a question that is not there."""
    first = submission(shelf, line).submit(request(), call("a"))
    end(shelf, first)
    shelf.rivals.append(lambda: meanwhile(shelf))

    with pytest.raises(NotFound):
        regenerated(shelf, line, first)
    assert line.sent == [first.generation_id]


@pytest.mark.parametrize("meanwhile", [deletes, deletes_and_begins_anew])
def test_a_prompt_does_not_follow_an_answer_whose_chat_is_deleted_meanwhile(
    shelf: Shelf, line: Line, meanwhile: Callable[[Shelf], None]
) -> None:
    first = submission(shelf, line).submit(request(), call("a"))
    end(shelf, first)
    shelf.rivals.append(lambda: meanwhile(shelf))

    with pytest.raises(Invalid) as refused:
        submission(shelf, line).submit(request(parent_id=first.generation_id), call("b"))
    assert refused.value.facts["errors"][0]["field"] == "parent_id"


@pytest.mark.parametrize("wish", [{}, {"parent_id": "root"}])
def test_a_prompt_that_follows_nothing_begins_a_chat_anew_that_is_deleted_meanwhile(
    shelf: Shelf, line: Line, wish: dict[str, str]
) -> None:
    end(shelf, submission(shelf, line).submit(request(), call("a")))
    shelf.rivals.append(lambda: deletes(shelf))

    anew = submission(shelf, line).submit(request(**wish), call("b"))

    assert (anew.parent_id, anew.prompt_number) == ("", 4)


def test_a_prompt_that_could_not_be_queued_leaves_its_chat_free(shelf: Shelf, line: Line) -> None:
    line.down = True
    with pytest.raises(Unavailable):
        submission(shelf, line).submit(request(), call("a"))
    line.down = False

    second = submission(shelf, line).submit(request(), call("b"))

    assert shelf.chats[USER, "chat_1"].running == second.generation_id


def test_of_two_requests_with_the_same_key_neither_finds_the_chat_busy(shelf: Shelf, line: Line) -> None:
    rival: list[Generation] = []
    shelf.rivals.append(lambda: rival.append(submission(shelf, line).submit(request(), call("a"))))

    assert submission(shelf, line).submit(request(), call("a")).generation_id == rival[0].generation_id


@pytest.mark.parametrize("conflicts", [1, 50])
@pytest.mark.parametrize("on_busy", ["reject", "queue", "interrupt"])
def test_a_request_that_collides_with_one_of_the_same_key_has_its_generation(
    shelf: Shelf, line: Line, on_busy: str, conflicts: int
) -> None:
    rival = []

    def accept_and_collide() -> None:
        rival.append(submission(shelf, line).submit(request(on_busy=on_busy), call("a")))
        shelf.conflicts = conflicts

    shelf.rivals.append(accept_and_collide)

    accepted = submission(shelf, line).submit(request(on_busy=on_busy), call("a"))

    assert [accepted] == rival
    assert shelf.conflicts == conflicts - 1, "it was looked up before anything else was tried"


def test_a_request_that_collides_with_one_of_another_key_goes_on(shelf: Shelf, line: Line) -> None:
    shelf.conflicts = 3

    accepted = submission(shelf, line).submit(request(), call("a"))

    assert shelf.kept == {accepted.generation_id: accepted}
