"""Who may open a socket, and in which order that is decided."""

from __future__ import annotations

from collections.abc import Container
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from functions.connect.slot_assignment import CONTENDED, THROTTLED
from functions.shared.connections.model import LONGEST_HANDSHAKE, Slot, SlotClaim
from functions.shared.errors import Forbidden, Refused, TooManyConnections, Unauthenticated, Unavailable
from functions.shared.origins import OriginAllowList
from functions.shared.wire.system import Closing
from tests.support.admission import FakeRegistry, admission, handshake
from tests.support.builders import LIFETIME, NOON, ORIGIN, USER, connection, slot
from tests.support.tokens import token

EARLIER = NOON - timedelta(minutes=10)


class Everyone:
    """Who is gone, where sockets end as soon as they open."""

    def __contains__(self, _name: object) -> bool:
        return True


def slots(*slots: Slot, lost: int = 0) -> FakeRegistry:
    return FakeRegistry({slot.number: slot for slot in slots}, lost)


def test_a_known_user_from_our_page_gets_a_slot() -> None:
    registry = slots()

    admitted = admission(registry).admit(handshake("c1"), now=NOON)

    assert admitted == connection("c1")
    assert list(registry.holders().values()) == ["c1"]


def test_a_header_token_speaks_for_itself() -> None:
    assert admission(slots()).admit(handshake(user_id=None), now=NOON).user_id == USER


@pytest.mark.fault(21)
@pytest.mark.parametrize(
    ("token_ends_in", "socket_ends_in"),
    [(timedelta(minutes=5), timedelta(minutes=6)), (timedelta(days=1), LIFETIME)],
)
def test_a_socket_outlives_its_token_by_a_grace_at_most(
    token_ends_in: timedelta, socket_ends_in: timedelta
) -> None:
    text = token(exp=int((NOON + token_ends_in).timestamp()))

    admitted = admission(slots(), token_grace_seconds=60).admit(handshake(token=text), now=NOON)

    assert admitted.expires_at == NOON + socket_ends_in


def test_a_missing_origin_is_let_in_only_where_the_deployment_says_so() -> None:
    lenient = OriginAllowList(frozenset({ORIGIN}), missing_is_allowed=True)

    assert admission(slots(), origins=lenient).admit(handshake(origin=None), now=NOON).origin == ""
    with pytest.raises(Forbidden):
        admission(slots()).admit(handshake(origin=None), now=NOON)


@pytest.mark.parametrize(
    ("wrong", "error", "reason"),
    [
        ({"origin": "https://evil.io", "token": "?", "user_id": "x"}, Forbidden, "origin"),
        ({"token": "?", "user_id": "x"}, Unauthenticated, "token_form"),
        ({"user_id": "x", "token": token()}, Forbidden, "user_id"),
        ({"user_id": "", "token": token()}, Forbidden, "user_id"),
        ({"user_id": USER.upper(), "token": token()}, Forbidden, "user_id"),
        ({}, TooManyConnections, "cap"),
    ],
)
def test_the_cheapest_refusal_comes_first_and_none_takes_a_slot(
    wrong: dict[str, Any], error: type[Refused], reason: str
) -> None:
    registry = slots(slot(0, "a"), slot(1, "b"), slot(2, "c"))

    with pytest.raises(error) as refusal:
        admission(registry).admit(handshake(**wrong), now=NOON)

    assert refusal.value.reason == reason
    assert registry.holders() == {0: "a", 1: "b", 2: "c"}


@pytest.mark.fault(38)
@pytest.mark.parametrize(
    ("outcome", "reason"),
    [(SlotClaim.THROTTLED, "registry_throttled"), (SlotClaim.CONFLICT, "registry_contended")],
)
@pytest.mark.parametrize("held", [0, 3])
@pytest.mark.parametrize("policy", ["reject", "evict_oldest"])
def test_a_busy_table_is_no_full_house(outcome: SlotClaim, reason: str, held: int, policy: str) -> None:
    """Whether slots are free, or those of holders that are gone, or of the oldest, would be taken."""
    gone = [slot(number, f"old{number}", at=EARLIER) for number in range(held)]
    registry = slots(*gone, lost=1000)
    registry.outcome = outcome

    ours = admission(registry, gone={"old0", "old1", "old2"}, connection_policy=policy)

    with pytest.raises(Unavailable) as refusal:
        ours.admit(handshake("c1"), now=NOON)

    assert refusal.value.reason == reason
    assert registry.claims == CONTENDED.attempts


@pytest.mark.fault(38)
@pytest.mark.parametrize("outcome", [SlotClaim.THROTTLED, SlotClaim.CONFLICT])
def test_a_table_that_is_busy_once_costs_a_pause(outcome: SlotClaim) -> None:
    registry = slots(*(slot(number, f"old{number}", at=EARLIER) for number in range(3)), lost=1)
    registry.outcome = outcome

    admission(registry, gone={"old1"}).admit(handshake("c1"), now=NOON)

    assert registry.holders() == {0: "old0", 1: "c1", 2: "old2"}


def test_a_throttled_table_is_left_in_peace_for_longer() -> None:
    pauses: dict[SlotClaim, list[float]] = {SlotClaim.THROTTLED: [], SlotClaim.CONFLICT: []}
    for outcome, slept in pauses.items():
        for _ in range(50):
            registry = slots(lost=1000)
            registry.outcome = outcome
            with pytest.raises(Unavailable):
                admission(registry, sleep=slept.append).admit(handshake("c1"), now=NOON)

    assert sum(pauses[SlotClaim.THROTTLED]) > 1.5 * sum(pauses[SlotClaim.CONFLICT])
    assert max(pauses[SlotClaim.THROTTLED]) <= THROTTLED.longest


@pytest.mark.parametrize("cap", [1, 3, 10])
def test_every_user_has_as_many_slots_as_the_cap_says(cap: int) -> None:
    registry = slots()
    ours = admission(registry, connections_per_user=cap)

    for number in range(cap):
        ours.admit(handshake(f"c{number}"), now=NOON)

    assert sorted(registry.holders()) == list(range(cap))
    with pytest.raises(TooManyConnections):
        ours.admit(handshake("one more"), now=NOON)


def test_others_slots_do_not_count() -> None:
    registry = slots(*(slot(number, f"c{number}", user_id="other") for number in (3, 4, 5)))

    assert admission(registry).admit(handshake(), now=NOON).connection_id == "new"


def test_a_user_at_the_cap_waits_until_a_connection_expires() -> None:
    registry = slots(slot(0, "a"), slot(1, "b"), slot(2, "c", at=EARLIER))
    expiry = EARLIER + LIFETIME
    late = token(exp=int(expiry.timestamp()) + 60)

    with pytest.raises(TooManyConnections):
        admission(registry).admit(handshake(token=late), now=expiry - timedelta(seconds=1))
    admission(registry).admit(handshake(token=late), now=expiry)

    assert registry.holders() == {0: "a", 1: "b", 2: "new"}


def test_after_the_cap_was_lowered_more_slots_are_held_than_there_are() -> None:
    registry = slots(slot(1, "a"), slot(2, "b"), slot(7, "c"))

    with pytest.raises(TooManyConnections):
        admission(registry, connections_per_user=2).admit(handshake(), now=NOON)


def test_a_user_at_the_cap_takes_over_the_oldest_slot_whose_holder_is_gone() -> None:
    registry = slots(
        slot(0, "live", at=EARLIER - timedelta(hours=1)),
        slot(1, "gone later", at=EARLIER + timedelta(minutes=1)),
        slot(2, "gone first", at=EARLIER),
    )

    admission(registry, gone={"gone first", "gone later"}).admit(handshake(), now=NOON)

    assert registry.holders() == {0: "live", 1: "gone later", 2: "new"}


def test_below_the_cap_nobody_is_asked_after() -> None:
    registry = slots(slot(0, "gone", at=EARLIER))
    asked: list[str] = []

    class Asked(list[str]):
        def __contains__(self, connection_id: object) -> bool:
            asked.append(str(connection_id))
            return True

    admission(registry, gone=Asked()).admit(handshake(), now=NOON)

    assert asked == []
    assert sorted(registry.holders().values()) == ["gone", "new"]


@pytest.mark.parametrize(("gone", "admitted"), [((), 3), (Everyone(), 6)])
def test_a_crowd_that_is_slower_than_a_handshake_takes_slots_only_of_those_that_are_gone(
    gone: Container[str], admitted: int
) -> None:
    registry, pause = slots(), (LONGEST_HANDSHAKE + timedelta(seconds=5)) / 49
    ours = admission(registry, gone=gone)
    connections = []

    for number in range(50):
        now = NOON + pause * number
        with suppress(TooManyConnections):
            connections.append(ours.admit(handshake(f"c{number}"), now=now))

    assert len(connections) == admitted
    assert len(registry.holders()) == 3


def test_a_holder_whose_handshake_may_be_pending_is_not_thrown_out() -> None:
    young = NOON - LONGEST_HANDSHAKE
    registry = slots(slot(0, "a", at=young), slot(1, "b", at=young), slot(2, "c", at=young))
    ours = admission(registry, gone="abc")

    with pytest.raises(TooManyConnections):
        ours.admit(handshake(), now=NOON)
    ours.admit(handshake(), now=NOON + timedelta(seconds=1))

    assert "new" in registry.holders().values()


def test_when_a_rival_took_the_slot_of_the_dead_the_next_dead_is_asked() -> None:
    registry = slots(
        slot(0, "a", at=EARLIER), slot(1, "b", at=EARLIER + timedelta(seconds=1)), slot(2, "c"), lost=1
    )

    admission(registry, gone="ab").admit(handshake(), now=NOON)

    assert registry.holders() == {0: "a", 1: "new", 2: "c"}


def test_whoever_takes_a_slot_whose_time_is_over_closes_the_socket_that_is_still_open() -> None:
    registry = slots(*(slot(number, name, at=NOON - LIFETIME) for number, name in enumerate("abc")))
    ours = admission(registry)

    ours.admit(handshake(), now=NOON)

    (left,) = set("abc") - set(registry.holders().values())
    assert ours.slot_assignment.sockets.dismissed == {left: Closing.EXPIRED}  # type: ignore[attr-defined]


def test_where_the_oldest_is_evicted_it_is_told_and_nobody_is_refused() -> None:
    registry = slots(slot(0, "b"), slot(1, "a", at=EARLIER), slot(2, "c"))
    ours = admission(registry, connection_policy="evict_oldest")

    ours.admit(handshake(), now=NOON)

    assert registry.holders() == {0: "b", 1: "new", 2: "c"}
    assert ours.slot_assignment.sockets.dismissed == {"a": Closing.REPLACED}  # type: ignore[attr-defined]


def test_where_the_oldest_is_evicted_the_dead_go_first() -> None:
    registry = slots(slot(0, "b", at=EARLIER), slot(1, "a", at=EARLIER - timedelta(hours=1)), slot(2, "c"))

    admission(registry, connection_policy="evict_oldest", gone={"b"}).admit(handshake(), now=NOON)

    assert registry.holders() == {0: "new", 1: "a", 2: "c"}


def test_a_lost_race_is_run_again_after_a_pause() -> None:
    pauses: list[float] = []
    registry = slots(lost=3)

    admission(registry, sleep=pauses.append).admit(handshake(), now=NOON)

    assert list(registry.holders().values()) == ["new"]
    assert len(pauses) == 3
    assert all(0 <= pause <= 0.02 * 2**attempt for attempt, pause in enumerate(pauses))


def test_endless_contention_is_told_as_unavailable() -> None:
    registry = slots(lost=CONTENDED.attempts)

    with pytest.raises(Unavailable) as refusal:
        admission(registry).admit(handshake(), now=NOON)

    assert refusal.value.reason == "registry_contended"
    assert registry.holders() == {}


def test_an_outage_of_the_registry_admits_nobody() -> None:
    class Broken(FakeRegistry):
        def claim(self, *_: Any, **__: Any) -> SlotClaim:
            raise Unavailable("ProvisionedThroughputExceededException")

    with pytest.raises(Unavailable):
        admission(Broken()).admit(handshake(), now=NOON)


def test_how_many_connections_the_user_has_is_measured_when_one_more_is_admitted() -> None:
    measured: list[int] = []
    registry = slots()

    for number in range(3):
        admission(registry, measure=measured.append).admit(handshake(f"c{number}"), now=NOON)
    with pytest.raises(TooManyConnections):
        admission(registry, measure=measured.append).admit(handshake("c3"), now=NOON)

    assert measured == [1, 2, 3]


def test_a_connection_that_takes_anothers_place_adds_none() -> None:
    measured: list[int] = []
    registry = slots(*(slot(number, f"c{number}", at=EARLIER) for number in range(3)))

    admission(registry, measure=measured.append, connection_policy="evict_oldest").admit(
        handshake("new"), now=NOON
    )

    assert measured == [3]
