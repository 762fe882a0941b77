"""What a user who asks too much is told, and what it costs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any, ClassVar

import pytest

from functions.generate import wiring
from functions.generate.limits import Limits, RecentRequests
from functions.generate.problems import TooManyThisMinute
from functions.generate.recent_requests import RecentRequestsStore
from tests.integration.generate.site import Answer, Site
from tests.support.builders import NOON, USER
from tests.support.environment import TABLE_NAME


@pytest.fixture
def strict(site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setenv("PROMPTS_PER_MINUTE", "5")
    monkeypatch.setenv("PROMPTS_AT_ONCE", "3")
    monkeypatch.setenv("TICKETS_PER_MINUTE", "2")
    wiring.api.cache_clear()
    return site


def told(answer: Answer) -> tuple[int, object, bool]:
    """Status, code, and whether it says when to come back."""
    seconds = answer.headers.get("Retry-After", "")
    return answer.status, answer.code, seconds.isdecimal() and int(seconds) == answer.body["retry_after"]


def test_the_fourth_prompt_at_once_waits_for_one_of_the_three_to_end(strict: Site) -> None:
    first, *_ = [strict.ask() for _ in range(3)]

    assert told(strict.ask()) == (429, "too_many_at_once", True)
    strict.cancel(first.body["generation_id"])
    assert strict.ask().status == 202


def test_the_sixth_prompt_of_a_minute_is_refused(strict: Site) -> None:
    for _ in range(5):
        strict.cancel(strict.ask().body["generation_id"])

    assert told(strict.ask()) == (429, "rate_limited", True)
    assert strict.ask(user="other").status == 202


@pytest.mark.fault(55)
def test_a_refused_prompt_leaves_no_trace(strict: Site) -> None:
    for number in range(3):
        strict.ask(chat_id=f"chat_{number}")
    before, queued = strict.items(), strict.queued()

    for number in range(50):
        assert strict.ask(key=f"flood-{number}").status == 429

    assert strict.items() == before
    assert (len(queued), strict.queued()) == (3, [])


def test_a_repeated_key_is_answered_whatever_the_limits_say(strict: Site) -> None:
    first = strict.ask(key="k")
    strict.claim(first.body["generation_id"])
    for _ in range(2):
        strict.ask()
    assert strict.ask().status == 429
    before = strict.items()

    again = [strict.ask(key="k") for _ in range(20)]

    assert {answer.text for answer in again} == {first.text}
    assert strict.items() == before
    assert strict.ask(key="k", prompt="Another").code == "idempotency_key_reused"


def test_tickets_have_a_limit_of_their_own(strict: Site) -> None:
    tickets = [strict.call("POST", "/api/chat/connection-tickets") for _ in range(3)]

    assert [ticket.status for ticket in tickets] == [201, 201, 429]
    assert told(tickets[2]) == (429, "rate_limited", True)
    assert strict.ask().status == 202


def test_a_ticket_is_not_found_out_from_what_is_counted(strict: Site) -> None:
    secret = strict.call("POST", "/api/chat/connection-tickets").body["ticket"]

    assert secret not in str(strict.items())


class OneAtATime(RecentRequestsStore):
    """DynamoDB decides conditions one after another and moto's threads do not, so this does. It counts."""

    lock = Lock()
    writes: ClassVar[list[str]] = []

    def read(self, user_id: str) -> RecentRequests:
        with self.lock:
            return RecentRequestsStore.read(self, user_id)

    def add(self, user_id: str, name: str, **limits: Any) -> RecentRequests | None:
        with self.lock:
            self.writes.append("add")
            return RecentRequestsStore.add(self, user_id, name, **limits)

    def replace(self, user_id: str, recent: RecentRequests, *, now: datetime) -> RecentRequests | None:
        with self.lock:
            self.writes.append("replace")
            return RecentRequestsStore.replace(self, user_id, recent, now=now)


@pytest.mark.fault(55)
def test_of_two_hundred_at_once_sixty_are_admitted_at_two_writes_each(site: Site) -> None:
    records = OneAtATime(site.dynamodb, TABLE_NAME, "PROMPTS")
    limits = Limits(records=records, per_minute=60)

    def admitted(number: int) -> bool:
        try:
            limits.admit(USER, f"g{number}", now=NOON)
        except TooManyThisMinute:
            return False
        return True

    with ThreadPoolExecutor(50) as crowd:
        assert sum(crowd.map(admitted, range(200))) == 60
    assert len(records.writes) <= 2 * 200
    assert len(records.read(USER).last_minute) == 60


def test_an_account_is_read_as_it_was_written(site: Site) -> None:
    records = RecentRequestsStore(site.dynamodb, TABLE_NAME, "PROMPTS")
    now = datetime(2026, 11, 23, 1, 2, 3, 456_000, UTC)
    recent = RecentRequests({"a": now}, {"a": now, "b": now - timedelta(hours=1)}, 1)

    assert records.replace(USER, recent, now=now) is None
    assert records.read(USER) == recent
    assert records.replace(USER, recent, now=now) == recent
    assert records.replace(USER, RecentRequests(version=2), now=now) is None
    assert records.read(USER) == RecentRequests(version=2)


@pytest.mark.parametrize(
    ("name", "per_minute", "at_once", "is_added"),
    [("b", 2, 2, True), ("b", 1, 2, False), ("b", 2, 1, False), ("a", 9, 9, False), ("b", 2, None, True)],
)
def test_a_request_is_added_where_there_is_room(
    site: Site, name: str, per_minute: int, at_once: int | None, *, is_added: bool
) -> None:
    records = RecentRequestsStore(site.dynamodb, TABLE_NAME, "PROMPTS")
    before = RecentRequests({"a": NOON}, {"a": NOON}, 1)
    records.replace(USER, before, now=NOON)

    found = records.add(USER, name, per_minute=per_minute, at_once=at_once, now=NOON)

    added = RecentRequests({"a": NOON, "b": NOON}, {"a": NOON} | ({"b": NOON} if at_once else {}), 2)
    assert found == (None if is_added else before)
    assert records.read(USER) == (added if is_added else before)


def test_nothing_is_added_to_an_account_that_is_not_there(site: Site) -> None:
    records = RecentRequestsStore(site.dynamodb, TABLE_NAME, "PROMPTS")

    assert records.add(USER, "a", per_minute=9, at_once=9, now=NOON) == RecentRequests()
    assert site.items() == []
