"""What the registry asks of DynamoDB, and how it reads answers that an emulator does not give."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from functions.shared.connections.model import SlotClaim
from functions.shared.connections.store import MAY_PASS, ConnectionStore
from tests.support import environment
from tests.support.builders import NOON, USER, connection

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_dynamodb import DynamoDBClient


@pytest.fixture
def client(aws: None) -> DynamoDBClient:
    return boto3.client("dynamodb")


@pytest.fixture
def answers(client: DynamoDBClient) -> Iterator[Stubber]:
    """What DynamoDB will answer, in this order."""
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def cancelled(*codes: str) -> dict[str, Any]:
    return {"CancellationReasons": [{"Code": code} for code in codes]}


@pytest.mark.parametrize("codes", [[code] for code in sorted(MAY_PASS)] + [sorted(MAY_PASS)])
@pytest.mark.fault(38)
def test_a_claim_that_may_succeed_later_is_no_error(
    client: DynamoDBClient, answers: Stubber, codes: list[str]
) -> None:
    answers.add_client_error(
        "transact_write_items", "TransactionCanceledException", modeled_fields=cancelled(*codes)
    )

    assert not ConnectionStore(client, "table").claim(connection(), 0, now=NOON)


@pytest.mark.parametrize(
    ("codes", "claim"),
    [
        (["ConditionalCheckFailed", "None"], SlotClaim.LOST),
        (["TransactionConflict", "None"], SlotClaim.CONFLICT),
        (["None", "TransactionConflict"], SlotClaim.CONFLICT),
        (["ConditionalCheckFailed", "TransactionConflict"], SlotClaim.CONFLICT),
        (["ThrottlingError", "None"], SlotClaim.THROTTLED),
        (["None", "ProvisionedThroughputExceeded"], SlotClaim.THROTTLED),
        (["ConditionalCheckFailed", "ThrottlingError"], SlotClaim.THROTTLED),
        (["TransactionConflict", "ProvisionedThroughputExceeded"], SlotClaim.THROTTLED),
    ],
)
@pytest.mark.fault(38)
def test_a_throttled_transaction_is_told_from_a_rivals(
    client: DynamoDBClient, answers: Stubber, codes: list[str], claim: SlotClaim
) -> None:
    answers.add_client_error(
        "transact_write_items", "TransactionCanceledException", modeled_fields=cancelled(*codes)
    )

    assert ConnectionStore(client, "table").claim(connection(), 0, now=NOON) is claim


@pytest.mark.parametrize(
    "codes",
    [
        ["ValidationError"],
        ["ValidationError", "ThrottlingError"],
        ["None", "ItemCollectionSizeLimitExceeded"],
        ["ConditionalCheckFailed", "?"],
    ],
)
@pytest.mark.fault(38)
def test_a_claim_that_never_succeeds_is_an_error(
    client: DynamoDBClient, answers: Stubber, codes: list[str]
) -> None:
    answers.add_client_error(
        "transact_write_items", "TransactionCanceledException", modeled_fields=cancelled(*codes)
    )

    with pytest.raises(ClientError):
        ConnectionStore(client, "table").claim(connection(), 0, now=NOON)


def test_nobody_is_admitted_on_what_was_true_a_moment_ago(client: DynamoDBClient, answers: Stubber) -> None:
    answers.add_response(
        "query",
        {"Items": []},
        {
            "TableName": "table",
            "KeyConditionExpression": "pk = :user AND begins_with(sk, :slot)",
            "ExpressionAttributeValues": {":user": {"S": f"USER#{USER}"}, ":slot": {"S": "SLOT#"}},
            "ConsistentRead": True,
        },
    )
    answers.add_response(
        "get_item",
        {},
        {
            "TableName": "table",
            "Key": {"pk": {"S": "CONNECTION#c1"}, "sk": {"S": "META"}},
            "ConsistentRead": True,
        },
    )

    assert ConnectionStore(client, "table").slots(USER) == []
    assert not ConnectionStore(client, "table").release("c1")


@pytest.mark.parametrize("slot", [0, 1, 2, 9])
def test_a_release_frees_the_slot_that_was_claimed(dynamodb: DynamoDBClient, slot: int) -> None:
    registry = ConnectionStore(dynamodb, environment.TABLE_NAME)
    assert registry.claim(connection("c1"), slot, now=NOON)
    assert registry.claim(connection("c2"), slot + 1, now=NOON)

    assert registry.release("c1")

    assert [held.number for held in registry.slots(USER)] == [slot + 1]
