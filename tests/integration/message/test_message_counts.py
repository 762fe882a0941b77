"""A connection's messages per minute, counted on its record."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from functions.message.message_counts import MessageCounts
from functions.message.replies import MessageTally
from functions.shared.connections.store import ConnectionStore
from functions.shared.dynamodb import connection_key
from tests.support.builders import LIFETIME, NOON, USER, connection
from tests.support.environment import TABLE_NAME

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@pytest.fixture
def counts(dynamodb: DynamoDBClient) -> MessageCounts:
    ConnectionStore(dynamodb, TABLE_NAME).claim(connection("c1"), 0, now=NOON)
    return MessageCounts(dynamodb, TABLE_NAME)


def hear(counts: MessageCounts, *, at: datetime = NOON, refused: bool = False) -> MessageTally:
    tally = counts.add("c1", refused=refused, now=at)
    assert tally is not None
    return tally


def test_the_first_keep_alive_is_known_as_such(counts: MessageCounts) -> None:
    assert hear(counts) == MessageTally(
        connection_id="c1",
        expires_at=NOON + LIFETIME,
        is_first=True,
        messages_this_minute=1,
        refusals_this_minute=0,
        user_id=USER,
    )
    assert not hear(counts).is_first
    assert not hear(counts, at=NOON + timedelta(hours=1)).is_first


def test_a_keep_alive_tells_how_long_the_connection_was_not_heard_of(counts: MessageCounts) -> None:
    minute = timedelta(minutes=1)

    assert hear(counts, at=NOON + 2 * minute).unheard_for == 2 * minute
    assert hear(counts, at=NOON + 5 * minute, refused=True).unheard_for == 3 * minute
    assert hear(counts, at=NOON + 9 * minute).unheard_for == 7 * minute


def test_what_was_refused_is_not_the_first_keep_alive(counts: MessageCounts) -> None:
    hear(counts, refused=True)
    hear(counts, refused=True)

    assert hear(counts).is_first
    assert not hear(counts).is_first


def test_messages_and_refusals_are_counted(counts: MessageCounts) -> None:
    tally = [hear(counts, refused=refused) for refused in (False, True, False, True, True)]

    assert [(one.messages_this_minute, one.refusals_this_minute) for one in tally] == [
        (1, 0),
        (2, 1),
        (3, 1),
        (4, 2),
        (5, 3),
    ]


@pytest.mark.parametrize("refused", [False, True])
def test_a_new_minute_begins_anew(counts: MessageCounts, *, refused: bool) -> None:
    for second in (0, 30, 59):
        hear(counts, at=NOON + timedelta(seconds=second), refused=True)

    tally = hear(counts, at=NOON + timedelta(seconds=60), refused=refused)

    assert (tally.messages_this_minute, tally.refusals_this_minute) == (1, int(refused))


def test_minutes_that_are_over_leave_next_to_nothing(counts: MessageCounts, dynamodb: DynamoDBClient) -> None:
    def attributes() -> set[str]:
        item = dynamodb.get_item(TableName=TABLE_NAME, Key=connection_key("c1"))["Item"]
        return {name for name in item if name.startswith(("messages_", "refusals_"))}

    for minute in range(30):
        hear(counts, at=NOON + timedelta(minutes=minute), refused=True)
    assert len(attributes()) == 2

    # A client that is silent for longer than is looked back, for as long as a connection may last.
    for minute in range(30, 120, 9):
        hear(counts, at=NOON + timedelta(minutes=minute))
    assert len(attributes()) <= 12


def test_connections_are_counted_each_for_itself(counts: MessageCounts, dynamodb: DynamoDBClient) -> None:
    ConnectionStore(dynamodb, TABLE_NAME).claim(connection("c2"), 1, now=NOON)
    hear(counts)

    other = counts.add("c2", refused=False, now=NOON)

    assert other is not None
    assert (other.is_first, other.messages_this_minute) == (True, 1)


def test_nobody_hears_a_connection_that_is_not_known(counts: MessageCounts, dynamodb: DynamoDBClient) -> None:
    before = dynamodb.scan(TableName=TABLE_NAME)["Items"]

    assert counts.add("c9", refused=False, now=NOON) is None
    assert counts.add("c1", refused=False, now=NOON + LIFETIME) is None
    assert dynamodb.scan(TableName=TABLE_NAME)["Items"] == before
