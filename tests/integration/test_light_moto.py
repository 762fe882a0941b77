"""A transaction that fails takes back every entry that was made before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.environment import TABLE_NAME

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def key(name: str) -> dict[str, Any]:
    return {"pk": {"S": "P"}, "sk": {"S": name}}


def test_a_transaction_that_fails_takes_back_what_it_changed(dynamodb: DynamoDBClient) -> None:
    for name in ("updated", "deleted", "replaced"):
        dynamodb.put_item(TableName=TABLE_NAME, Item=key(name) | {"is": {"S": "old"}})
    before = dynamodb.scan(TableName=TABLE_NAME)["Items"]
    new = {":new": {"S": "new"}}
    update: Any = {"UpdateExpression": "SET #is = :new", "ExpressionAttributeNames": {"#is": "is"}}
    update |= {"TableName": TABLE_NAME, "ExpressionAttributeValues": new}

    with pytest.raises(dynamodb.exceptions.TransactionCanceledException):
        dynamodb.transact_write_items(
            TransactItems=[
                {"Update": update | {"Key": key("updated")}},
                {"Update": update | {"Key": key("created")}},
                {"Delete": {"TableName": TABLE_NAME, "Key": key("deleted")}},
                {"Put": {"TableName": TABLE_NAME, "Item": key("replaced") | {"is": {"S": "new"}}}},
                {"Put": {"TableName": TABLE_NAME, "Item": key("added")}},
                {
                    "Delete": {
                        "TableName": TABLE_NAME,
                        "Key": key("x"),
                        "ConditionExpression": "attribute_exists(pk)",
                    }
                },
            ]
        )

    assert dynamodb.scan(TableName=TABLE_NAME)["Items"] == before
