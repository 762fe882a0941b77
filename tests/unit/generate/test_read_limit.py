"""How much one user may read."""

from __future__ import annotations

from datetime import timedelta

import pytest

from functions.generate.problems import TooManyThisMinute
from functions.generate.read_limit import CAPACITY, MOST_USERS, PER_SECOND, UNIT, ReadLimit
from tests.support.builders import NOON, USER


def read(limit: ReadLimit, text: str = "", *, user: str = USER, at: timedelta = timedelta()) -> None:
    limit.admit(user, now=NOON + at)
    limit.charge(user, text, now=NOON + at)


def test_ten_tabs_may_ask_for_five_answers_every_two_and_a_half_seconds() -> None:
    limit = ReadLimit()

    for poll in range(1000):
        for _ in range(10 * 5):
            read(limit, "a few words", at=poll * timedelta(seconds=2.5))


def test_a_flood_is_refused_and_told_when_to_come_back() -> None:
    limit = ReadLimit()
    for _ in range(CAPACITY):
        read(limit)

    with pytest.raises(TooManyThisMinute) as problem:
        read(limit)

    assert problem.value.headers() == {"Retry-After": "1"}
    for _ in range(PER_SECOND):
        read(limit, at=timedelta(seconds=1))
    with pytest.raises(TooManyThisMinute):
        read(limit, at=timedelta(seconds=1))


def test_long_texts_cost_what_the_table_charges_for_them() -> None:
    limit = ReadLimit()
    text = "獭" * 1_000_000
    while True:
        try:
            read(limit, text)
        except TooManyThisMinute as problem:
            wait = timedelta(seconds=problem.facts["retry_after"])
            break

    assert wait <= timedelta(seconds=3_000_000 / UNIT / PER_SECOND + 1)
    read(limit, at=wait)


def test_nobody_else_is_affected() -> None:
    limit = ReadLimit()
    for _ in range(CAPACITY):
        read(limit)

    read(limit, user="other")


def test_only_so_many_users_are_remembered() -> None:
    limit = ReadLimit()

    for number in range(2 * MOST_USERS):
        read(limit, user=f"user_{number}")

    assert len(limit._left) == MOST_USERS


def test_a_clock_that_goes_back_gives_nothing() -> None:
    limit = ReadLimit()
    for _ in range(CAPACITY):
        read(limit)

    with pytest.raises(TooManyThisMinute):
        read(limit, at=timedelta(hours=-1))
