"""How much one user may ask for."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

import pytest

from functions.generate.limits import Account, GenerationEnds, Limits
from functions.generate.problems import TooManyAtOnce, TooManyThisMinute
from functions.shared.generations import Generation, Status
from tests.support.builders import NOON, USER, generation

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


@dataclass
class Ledger:
    """Accounts in memory, which decide races as the table does."""

    kept: dict[str, Account] = field(default_factory=dict)
    writes: int = 0
    lock: Lock = field(default_factory=Lock)

    def read(self, user_id: str) -> Account:
        return self.kept.get(user_id, Account())

    def write(self, user_id: str, account: Account, *, now: datetime) -> bool:
        with self.lock:
            if self.read(user_id).version != account.version - 1:
                return False
            self.kept[user_id] = account
            self.writes += 1
            return True


@dataclass
class Ends:
    """Knows what has ended, and counts how often it was asked."""

    ended: set[str] = field(default_factory=set)
    asked: int = 0

    def has_ended(self, name: str, *, since: datetime, now: datetime) -> bool:
        self.asked += 1
        return name in self.ended


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def ends() -> Ends:
    return Ends()


def minutely(ledger: Ledger, per_minute: int = 3) -> Limits:
    return Limits(accounts=ledger, per_minute=per_minute)


def under_way(ledger: Ledger, ends: Ends) -> Limits:
    return Limits(accounts=ledger, per_minute=100, at_once=2, ends=ends)


def test_so_many_a_minute_and_no_more(ledger: Ledger) -> None:
    for number in range(3):
        minutely(ledger).admit(USER, f"g{number}", now=NOON + number * SECOND)

    with pytest.raises(TooManyThisMinute) as problem:
        minutely(ledger).admit(USER, "g3", now=NOON + 10 * SECOND)

    assert problem.value.headers() == {"Retry-After": "50"}
    assert ledger.writes == 3


def test_the_minute_moves_on_with_the_clock(ledger: Ledger) -> None:
    for number in range(3):
        minutely(ledger).admit(USER, f"g{number}", now=NOON + 20 * number * SECOND)

    minutely(ledger).admit(USER, "g3", now=NOON + MINUTE)
    with pytest.raises(TooManyThisMinute):
        minutely(ledger).admit(USER, "g4", now=NOON + MINUTE)


def test_to_wait_as_long_as_one_is_told_is_enough(ledger: Ledger) -> None:
    for number in range(3):
        minutely(ledger).admit(USER, f"g{number}", now=NOON)
    asked = NOON + timedelta(seconds=7, milliseconds=300)
    with pytest.raises(TooManyThisMinute) as problem:
        minutely(ledger).admit(USER, "g3", now=asked)

    minutely(ledger).admit(USER, "g3", now=asked + timedelta(seconds=problem.value.fields["retry_after"]))


def test_what_is_repeated_counts_once(ledger: Ledger) -> None:
    for _ in range(20):
        minutely(ledger).admit(USER, "same", now=NOON)

    assert ledger.writes == 1


@pytest.mark.fault(55)
def test_nobody_else_is_affected(ledger: Ledger) -> None:
    for number in range(3):
        minutely(ledger).admit(USER, f"g{number}", now=NOON)

    minutely(ledger).admit("other", "g3", now=NOON)


@pytest.mark.fault(55)
def test_of_many_at_once_exactly_as_many_are_admitted_as_may_be(ledger: Ledger) -> None:
    def admitted(number: int) -> bool:
        try:
            minutely(ledger, per_minute=20).admit(USER, f"g{number}", now=NOON)
        except TooManyThisMinute:
            return False
        return True

    with ThreadPoolExecutor(50) as crowd:
        assert sum(crowd.map(admitted, range(200))) == 20
    assert ledger.writes == 20


@pytest.mark.fault(55)
def test_a_flood_of_refused_requests_writes_nothing(ledger: Ledger, ends: Ends) -> None:
    limits = under_way(ledger, ends)
    limits.admit(USER, "a", now=NOON)
    limits.admit(USER, "b", now=NOON)

    for number in range(1000):
        with pytest.raises(TooManyAtOnce):
            limits.admit(USER, f"flood {number}", now=NOON)

    assert ledger.writes == 2


def test_so_many_at_once_and_no_more_until_one_has_ended(ledger: Ledger, ends: Ends) -> None:
    limits = under_way(ledger, ends)
    limits.admit(USER, "a", now=NOON)
    limits.admit(USER, "b", now=NOON + timedelta(hours=1))
    with pytest.raises(TooManyAtOnce) as problem:
        limits.admit(USER, "c", now=NOON + timedelta(hours=2))
    assert problem.value.headers() == {"Retry-After": "5"}

    ends.ended.add("a")
    limits.admit(USER, "c", now=NOON + timedelta(hours=2))

    with pytest.raises(TooManyAtOnce):
        limits.admit(USER, "d", now=NOON + timedelta(hours=2))


def test_what_has_ended_is_looked_up_only_where_it_matters(ledger: Ledger, ends: Ends) -> None:
    limits = Limits(accounts=ledger, per_minute=100, at_once=10, ends=ends)

    for number in range(10):
        limits.admit(USER, f"g{number}", now=NOON)

    assert ends.asked == 0


def test_who_wins_after_a_lost_race_is_counted_with_the_winner(ledger: Ledger) -> None:
    class Rival(Ledger):
        """Somebody is faster, once."""

        def write(self, user_id: str, account: Account, *, now: datetime) -> bool:
            if not self.writes:
                super().write(user_id, Account({"rival": now}, {}, 1), now=now)
            return super().write(user_id, account, now=now)

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
