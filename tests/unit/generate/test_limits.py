"""How much one user may ask for."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Barrier, Lock

import pytest

from functions.generate.limits import CONTENDED, Limits, RecentRequests
from functions.generate.problems import TooManyAtOnce, TooManyThisMinute
from functions.generate.under_way import AtOnce, GenerationEnds
from functions.shared.errors import Unavailable
from functions.shared.generations.model import Generation, Status
from tests.support.builders import NOON, USER, generation

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


@dataclass
class Transitions:
    """RequestRecords in memory, which decide races as the table does."""

    kept: dict[str, RecentRequests] = field(default_factory=dict)
    writes: int = 0
    tries: int = 0
    lock: Lock = field(default_factory=Lock)

    def read(self, user_id: str) -> RecentRequests:
        return self.kept.get(user_id, RecentRequests())

    def add(
        self, user_id: str, name: str, *, per_minute: int, at_once: int | None, now: datetime
    ) -> RecentRequests | None:
        with self.lock:
            found = self.read(user_id)
            has_room = len(found.last_minute) < per_minute and name not in found.last_minute
            if at_once is not None:
                has_room = has_room and len(found.under_way) < at_once
            under_way = {**found.under_way, name: now} if at_once else found.under_way
            counted = RecentRequests({**found.last_minute, name: now}, under_way, found.version + 1)
            return self._write(user_id, counted, found, allowed=has_room)

    def replace(self, user_id: str, recent: RecentRequests, *, now: datetime) -> RecentRequests | None:
        with self.lock:
            found = self.read(user_id)
            return self._write(user_id, recent, found, allowed=found.version == recent.version - 1)

    def _write(
        self, user_id: str, recent: RecentRequests, found: RecentRequests, *, allowed: bool
    ) -> RecentRequests | None:
        self.tries += 1
        if not allowed:
            return found
        self.kept[user_id] = recent
        self.writes += 1
        return None


@dataclass
class Ends:
    """Knows what has ended, and counts how often it was asked."""

    ended: set[str] = field(default_factory=set)
    asked: int = 0

    def has_ended(self, name: str, *, since: datetime, now: datetime) -> bool:
        self.asked += 1
        return name in self.ended


@pytest.fixture
def transitions() -> Transitions:
    return Transitions()


@pytest.fixture
def ends() -> Ends:
    return Ends()


def minutely(transitions: Transitions, per_minute: int = 3) -> Limits:
    return Limits(records=transitions, per_minute=per_minute, sleep=lambda _: None)


def under_way(transitions: Transitions, ends: Ends) -> Limits:
    return Limits(records=transitions, per_minute=100, at_once=AtOnce(most=2, ends=ends))


def test_so_many_a_minute_and_no_more(transitions: Transitions) -> None:
    for number in range(3):
        minutely(transitions).admit(USER, f"g{number}", now=NOON + number * SECOND)

    with pytest.raises(TooManyThisMinute) as problem:
        minutely(transitions).admit(USER, "g3", now=NOON + 10 * SECOND)

    assert problem.value.headers() == {"Retry-After": "50"}
    assert transitions.writes == 3


def test_the_minute_moves_on_with_the_clock(transitions: Transitions) -> None:
    for number in range(3):
        minutely(transitions).admit(USER, f"g{number}", now=NOON + 20 * number * SECOND)

    minutely(transitions).admit(USER, "g3", now=NOON + MINUTE)
    with pytest.raises(TooManyThisMinute):
        minutely(transitions).admit(USER, "g4", now=NOON + MINUTE)


def test_to_wait_as_long_as_one_is_told_is_enough(transitions: Transitions) -> None:
    for number in range(3):
        minutely(transitions).admit(USER, f"g{number}", now=NOON)
    asked = NOON + timedelta(seconds=7, milliseconds=300)
    with pytest.raises(TooManyThisMinute) as problem:
        minutely(transitions).admit(USER, "g3", now=asked)

    minutely(transitions).admit(USER, "g3", now=asked + timedelta(seconds=problem.value.facts["retry_after"]))


def test_what_is_repeated_counts_once(transitions: Transitions) -> None:
    for _ in range(20):
        minutely(transitions).admit(USER, "same", now=NOON)

    assert transitions.writes == 1


@pytest.mark.fault(55)
def test_nobody_else_is_affected(transitions: Transitions) -> None:
    for number in range(3):
        minutely(transitions).admit(USER, f"g{number}", now=NOON)

    minutely(transitions).admit("other", "g3", now=NOON)


@pytest.mark.fault(55)
@pytest.mark.parametrize("asked_before", [[], ["now"], ["a minute ago"]])
def test_of_many_at_once_exactly_as_many_are_admitted_as_may_be(
    transitions: Transitions, asked_before: list[str]
) -> None:
    """And each of them costs a few writes at most, however many rivals it has."""
    if asked_before:
        age = MINUTE if asked_before == ["a minute ago"] else 0 * SECOND
        transitions.kept[USER] = RecentRequests({f"old{number}": NOON - age for number in range(5)}, {}, 5)
    free = 15 if asked_before == ["now"] else 20
    together = Barrier(200)

    def admitted(number: int) -> bool:
        together.wait()
        try:
            minutely(transitions, per_minute=20).admit(USER, f"g{number}", now=NOON)
        except TooManyThisMinute:
            return False
        return True

    with ThreadPoolExecutor(200) as crowd:
        assert sum(crowd.map(admitted, range(200))) == free
    assert transitions.writes == free
    assert transitions.tries <= 2 * 200


@pytest.mark.fault(55)
def test_of_many_at_once_no_more_are_under_way_than_may_be(transitions: Transitions, ends: Ends) -> None:
    def admitted(number: int) -> bool:
        try:
            under_way(transitions, ends).admit(USER, f"g{number}", now=NOON)
        except TooManyAtOnce:
            return False
        return True

    with ThreadPoolExecutor(50) as crowd:
        assert sum(crowd.map(admitted, range(200))) == 2
    assert len(transitions.kept[USER].under_way) == 2


def test_a_request_whose_rivals_are_always_faster_is_asked_to_come_again(transitions: Transitions) -> None:
    class Rivals(Transitions):
        """Another request replaces the record just before each write."""

        def replace(self, user_id: str, recent: RecentRequests, *, now: datetime) -> RecentRequests | None:
            self.tries += 1
            return RecentRequests({"rival": now - MINUTE}, {}, recent.version)

    rivals = Rivals()
    with pytest.raises(Unavailable):
        minutely(rivals).admit(USER, "me", now=NOON)

    assert rivals.tries == CONTENDED.attempts


@pytest.mark.fault(55)
def test_a_flood_of_refused_requests_writes_nothing(transitions: Transitions, ends: Ends) -> None:
    limits = under_way(transitions, ends)
    limits.admit(USER, "a", now=NOON)
    limits.admit(USER, "b", now=NOON)

    for number in range(1000):
        with pytest.raises(TooManyAtOnce):
            limits.admit(USER, f"flood {number}", now=NOON)

    assert transitions.writes == 2


def test_so_many_at_once_and_no_more_until_one_has_ended(transitions: Transitions, ends: Ends) -> None:
    limits = under_way(transitions, ends)
    limits.admit(USER, "a", now=NOON)
    limits.admit(USER, "b", now=NOON + timedelta(hours=1))
    with pytest.raises(TooManyAtOnce) as problem:
        limits.admit(USER, "c", now=NOON + timedelta(hours=2))
    assert problem.value.headers() == {"Retry-After": "5"}

    ends.ended.add("a")
    limits.admit(USER, "c", now=NOON + timedelta(hours=2))

    with pytest.raises(TooManyAtOnce):
        limits.admit(USER, "d", now=NOON + timedelta(hours=2))


def test_what_has_ended_is_looked_up_only_where_it_matters(transitions: Transitions, ends: Ends) -> None:
    limits = Limits(records=transitions, per_minute=100, at_once=AtOnce(most=10, ends=ends))

    for number in range(10):
        limits.admit(USER, f"g{number}", now=NOON)

    assert ends.asked == 0


def test_who_wins_after_a_lost_race_is_counted_with_the_winner(transitions: Transitions) -> None:
    class Rival(Transitions):
        """Another request is faster, once."""

        def replace(self, user_id: str, recent: RecentRequests, *, now: datetime) -> RecentRequests | None:
            if not self.writes:
                super().replace(user_id, RecentRequests({"rival": now}, {}, 1), now=now)
            return super().replace(user_id, recent, now=now)

    rival = Rival()
    minutely(rival).admit(USER, "me", now=NOON)

    assert set(rival.read(USER).last_minute) == {"rival", "me"}


@dataclass
class Records:
    """One generation, or none."""

    found: Generation | None

    def find(self, generation_id: str, *, now: datetime) -> Generation | None:
        return self.found


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.FAILED, Status.CANCELLED])
def test_a_generation_with_an_end_has_ended(status: Status) -> None:
    ends = GenerationEnds(Records(generation(status=status)))

    assert ends.has_ended("g", since=NOON, now=NOON)


@pytest.mark.parametrize(("age", "ended"), [(0, False), (59, False), (60, True)])
def test_what_is_not_recorded_may_be_so_in_a_moment(age: int, *, ended: bool) -> None:
    assert GenerationEnds(Records(None)).has_ended("g", since=NOON, now=NOON + age * SECOND) is ended


@pytest.mark.parametrize(
    ("lease", "age", "ended"),
    [
        (None, timedelta(minutes=6), False),  # start_by is five minutes after noon
        (None, timedelta(minutes=7), True),
        (timedelta(minutes=9), timedelta(minutes=10), False),
        (timedelta(minutes=9), timedelta(minutes=11), True),
        (timedelta(minutes=1), timedelta(minutes=6), False),
    ],
)
def test_what_nobody_has_worked_on_for_long_is_over(
    lease: timedelta | None, age: timedelta, *, ended: bool
) -> None:
    status = Status.PROCESSING if lease else Status.QUEUED
    lost = generation(status=status, lease_until=NOON + lease if lease else None)

    assert GenerationEnds(Records(lost)).has_ended("g", since=NOON, now=NOON + age) is ended
