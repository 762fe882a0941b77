"""A reminder looks after an accepted prompt until its end was told."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from functions.generate.reminders import Reminders
from functions.shared.deletion_message import Deletion, DeletionReminder, message_of
from functions.shared.errors import Unavailable
from functions.shared.generations.model import Generation, Status
from tests.support.builders import NOON, generation

WAITING = {"status": Status.QUEUED, "attempt": 0}
LIVE = {"status": Status.PROCESSING, "lease_until": NOON + timedelta(seconds=1)}
LOST = {"status": Status.PROCESSING, "lease_until": NOON - timedelta(seconds=1)}
UNTOLD = {"status": Status.COMPLETED, "lease_until": NOON - timedelta(seconds=1)}
BEING_TOLD = {"status": Status.COMPLETED, "lease_until": NOON + timedelta(seconds=1)}
TOLD = {"status": Status.COMPLETED, "lease_until": NOON - timedelta(minutes=1), "announced": True}
CANCELLED = {"status": Status.CANCELLED, "attempt": 0}


@dataclass
class FakeArchive:
    records: dict[str, Generation] = field(default_factory=dict)

    def find(self, generation_id: str, *, now: datetime) -> Generation | None:
        if generation_id == "away":
            raise Unavailable("ThrottlingException")
        return self.records.get(generation_id)


@dataclass
class FakeQueueing:
    requeued: list[str] = field(default_factory=list)

    def requeue(self, generation_id: str, *, now: datetime) -> None:
        self.requeued.append(generation_id)


@dataclass
class FakeDeletions:
    """What is done after so many looks."""

    looks: int = 1
    seen: list[DeletionReminder] = field(default_factory=list)

    def look(self, reminder: DeletionReminder, *, now: datetime) -> bool:
        self.seen.append(reminder)
        return len(self.seen) >= self.looks


@dataclass
class Look:
    """Reminders, and what they did."""

    archive: FakeArchive = field(default_factory=FakeArchive)
    queueing: FakeQueueing = field(default_factory=FakeQueueing)
    deletions: FakeDeletions = field(default_factory=FakeDeletions)
    waiting: int = 0

    def record(self, **facts: Any) -> None:
        self.archive.records["g1"] = generation(**facts)

    def again(self, *generation_ids: str) -> list[str]:
        records = [
            {"messageId": f"reminder of {each}", "body": json.dumps({"version": 1, "generation_id": each})}
            for each in generation_ids
        ]
        return self.look_at(*records)

    def look_at(self, *records: dict[str, Any]) -> list[str]:
        reminders = Reminders(
            archive=self.archive,
            queueing=self.queueing,
            deletions=self.deletions,
            count_waiting=self._count_waiting,
        )
        return reminders.again(list(records), now=NOON)

    def _count_waiting(self) -> None:
        self.waiting += 1


@pytest.fixture
def look() -> Look:
    return Look()


@pytest.mark.parametrize("facts", [TOLD, None])
def test_what_was_told_or_is_gone_needs_no_reminder_any_more(
    look: Look, facts: dict[str, Any] | None
) -> None:
    if facts:
        look.record(**facts)

    assert look.again("g1") == []
    assert look.queueing.requeued == []


@pytest.mark.fault(61)
@pytest.mark.parametrize("facts", [WAITING, LOST, UNTOLD, CANCELLED])
def test_what_no_worker_holds_is_queued_again_and_looked_at_again(look: Look, facts: dict[str, Any]) -> None:
    look.record(**facts)

    assert look.again("g1") == ["reminder of g1"]
    assert look.queueing.requeued == ["g1"]


@pytest.mark.parametrize("facts", [LIVE, BEING_TOLD])
def test_what_a_worker_holds_is_left_to_it_and_looked_at_again(look: Look, facts: dict[str, Any]) -> None:
    look.record(**facts)

    assert look.again("g1") == ["reminder of g1"]
    assert look.queueing.requeued == []


@pytest.mark.parametrize(
    ("facts", "waiting"), [(WAITING, 1), (LIVE, 0), (LOST, 0), (TOLD, 0), (CANCELLED, 0)]
)
def test_prompts_that_no_worker_has_begun_with_are_counted(
    look: Look, facts: dict[str, Any], waiting: int
) -> None:
    look.record(**facts)

    look.again("g1")

    assert look.waiting == waiting


def test_a_reminder_that_cannot_be_looked_at_comes_back_and_is_not_the_others_business(look: Look) -> None:
    look.record(**TOLD)
    poison = [
        {"messageId": f"poison {n}", "body": body} for n, body in enumerate(["", "[]", '{"version": 9}'])
    ]

    assert look.again("away", "g1") == ["reminder of away"]
    assert look.look_at(*poison) == ["poison 0", "poison 1", "poison 2"]


@pytest.mark.parametrize("is_last", [True, False])
def test_a_deletion_is_looked_at_until_it_is_done(look: Look, is_last: bool) -> None:  # noqa: FBT001
    deletion = Deletion(user_id="user/1", chat_id='chat "🦦" #1', version=7)
    reminder = DeletionReminder(deletion, is_last)
    record = {"messageId": "r", "body": message_of(reminder)}
    look.deletions.looks = 2

    assert look.look_at(record) == ["r"]
    assert look.look_at(record) == []
    assert look.deletions.seen == [reminder, reminder]
    assert look.queueing.requeued == []


@pytest.mark.parametrize("version", [2, None])
def test_a_deletion_of_another_version_comes_back(look: Look, version: int | None) -> None:
    told = {"user_id": "u", "chat_id": "c", "version": 7, "is_last": False}
    record = {"messageId": "r", "body": json.dumps({"version": version, "deletion": told})}

    assert look.look_at(record) == ["r"]
    assert look.deletions.seen == []
