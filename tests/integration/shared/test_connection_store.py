"""A user's connections in the table: slots that cannot drift."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING, Any

import pytest

from functions.shared import aws
from functions.shared.connections.model import SlotClaim
from functions.shared.connections.store import ConnectionStore
from functions.shared.errors import TooManyConnections, Unavailable
from tests.support.admission import admission, handshake
from tests.support.builders import LIFETIME, NOON, USER, connection, slot
from tests.support.environment import TABLE_NAME

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@pytest.fixture
def registry(dynamodb: DynamoDBClient) -> ConnectionStore:
    return ConnectionStore(dynamodb, TABLE_NAME)


def held(registry: ConnectionStore, user_id: str = USER) -> dict[int, str]:
    slots = registry.slots(user_id)
    return {slot.number: slot.connection.connection_id for slot in slots}


def test_what_was_claimed_is_listed(registry: ConnectionStore) -> None:
    assert registry.claim(connection("c1"), 2, now=NOON)

    assert registry.slots(USER) == [slot(2, "c1")]
    assert registry.of_user(USER, now=NOON) == [connection("c1")]
    assert registry.of_user("other", now=NOON) == []


def test_a_held_slot_is_not_given_away(registry: ConnectionStore) -> None:
    registry.claim(connection("c1"), 0, now=NOON)

    assert not registry.claim(connection("c2"), 0, now=NOON)

    assert held(registry) == {0: "c1"}
    assert not registry.release("c2")


@pytest.mark.fault(35)
def test_a_claim_whose_reply_was_lost_may_be_repeated(registry: ConnectionStore) -> None:
    assert registry.claim(connection("c1"), 0, now=NOON)
    assert registry.claim(connection("c1"), 0, now=NOON)

    assert held(registry) == {0: "c1"}


@pytest.mark.fault(33)
def test_an_expired_slot_is_free_although_it_is_still_there(registry: ConnectionStore) -> None:
    registry.claim(connection("c1"), 0, now=NOON)
    later = NOON + LIFETIME

    assert registry.of_user(USER, now=later - timedelta(seconds=1)) != []
    assert registry.of_user(USER, now=later) == []
    assert not registry.claim(connection("c2", at=later), 0, now=later - timedelta(seconds=1))
    assert registry.claim(connection("c2", at=later), 0, now=later)


def test_a_slot_can_be_taken_over_from_a_named_holder_alone(registry: ConnectionStore) -> None:
    registry.claim(connection("dead"), 0, now=NOON)

    assert not registry.claim(connection("c2"), 0, now=NOON, instead_of="another")
    assert registry.claim(connection("c2"), 0, now=NOON, instead_of="dead")
    assert not registry.claim(connection("c3"), 0, now=NOON, instead_of="dead")
    assert held(registry) == {0: "c2"}


def test_a_released_slot_is_free(registry: ConnectionStore, dynamodb: DynamoDBClient) -> None:
    registry.claim(connection("c1"), 0, now=NOON)

    assert registry.release("c1")

    assert dynamodb.scan(TableName=TABLE_NAME)["Items"] == []


@pytest.mark.fault(36)
def test_to_release_twice_or_what_was_never_there_does_no_harm(registry: ConnectionStore) -> None:
    registry.claim(connection("c1"), 0, now=NOON)
    registry.claim(connection("c2"), 1, now=NOON)

    assert registry.release("c1")
    assert not registry.release("c1")
    assert not registry.release("never")
    assert held(registry) == {1: "c2"}


@pytest.mark.parametrize("instead_of", ["old", None])
@pytest.mark.fault(34)
def test_a_late_disconnect_does_not_free_the_new_owners_slot(
    registry: ConnectionStore, instead_of: str | None
) -> None:
    earlier = NOON if instead_of else NOON - LIFETIME
    registry.claim(connection("old", at=earlier), 0, now=earlier)
    registry.claim(connection("new"), 0, now=NOON, instead_of=instead_of)

    assert registry.release("old")

    assert held(registry) == {0: "new"}
    assert registry.release("new")
    assert held(registry) == {}


def test_a_release_that_died_halfway_can_be_finished(
    registry: ConnectionStore, dynamodb: DynamoDBClient
) -> None:
    registry.claim(connection("c1"), 0, now=NOON)
    dynamodb.delete_item(TableName=TABLE_NAME, Key={"pk": {"S": f"USER#{USER}"}, "sk": {"S": "SLOT#0"}})

    assert registry.release("c1")
    assert dynamodb.scan(TableName=TABLE_NAME)["Items"] == []


@pytest.mark.parametrize("user_id", ["a#b", "USER#a", "SLOT#0", "水獭", "x" * 128, "a b"])
def test_any_name_is_a_user_of_its_own(registry: ConnectionStore, user_id: str) -> None:
    registry.claim(connection("c1", user_id="a"), 0, now=NOON)
    registry.claim(connection("c2", user_id=user_id), 0, now=NOON)

    assert held(registry, user_id) == {0: "c2"}
    assert held(registry, "a") == {0: "c1"}


def test_every_item_is_swept_away_some_time(registry: ConnectionStore, dynamodb: DynamoDBClient) -> None:
    registry.claim(connection("c1"), 0, now=NOON)

    expiries = {item["expires_at"]["N"] for item in dynamodb.scan(TableName=TABLE_NAME)["Items"]}

    assert expiries == {str(int((NOON + LIFETIME).timestamp()))}


def test_an_outage_is_no_refusal(registry: ConnectionStore, dynamodb: DynamoDBClient) -> None:
    dynamodb.delete_table(TableName=TABLE_NAME)

    with pytest.raises(Unavailable), aws.outages():
        registry.claim(connection("c1"), 0, now=NOON)
    with pytest.raises(Unavailable), aws.outages():
        registry.of_user(USER, now=NOON)


class OneClaimAtATime(ConnectionStore):
    """DynamoDB serialises transactions and moto does not, so this does; reading and claiming still race."""

    lock = Lock()

    def claim(self, *claimed: Any, **how: Any) -> SlotClaim:
        with self.lock:
            return ConnectionStore.claim(self, *claimed, **how)


@pytest.mark.parametrize("round_", range(10))
def test_of_fifty_parallel_handshakes_exactly_three_succeed(dynamodb: DynamoDBClient, round_: int) -> None:
    """Threads against moto show that our side of the race is right; they prove nothing of DynamoDB.

    The end-to-end tests run the same race over real sockets.
    """
    registry = OneClaimAtATime(dynamodb, TABLE_NAME)
    ours = admission(registry, sleep=time.sleep)

    def is_admitted(number: int) -> bool:
        try:
            ours.admit(handshake(f"c{number}"), now=NOON)
        except TooManyConnections:
            return False
        return True

    with ThreadPoolExecutor(50) as crowd:
        admitted = [number for number, is_in in enumerate(crowd.map(is_admitted, range(50))) if is_in]

    assert len(admitted) == 3
    assert set(held(registry).values()) == {f"c{number}" for number in admitted}
