"""One conditional write of a generation's META item, and how its failures are told apart."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from functions.shared.aws import reason_of
from functions.shared.dynamodb import Item, generation_key, item_that_refused
from functions.shared.errors import Unavailable
from functions.shared.generations.claims import WriteRefused
from functions.shared.generations.items import generation_from

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_dynamodb import DynamoDBClient

    from functions.shared.generations.model import Generation


FOR_GOOD = {"ParamValidationError", "ValidationException", "SerializationException"}
"""The SDK's and DynamoDB's words for a write that no repetition makes right."""


@dataclass(frozen=True, slots=True)
class Write:
    """Whether a write was made, and the item: as it is now, or as it refused; empty if there is none."""

    is_made: bool
    item: Item

    @property
    def generation(self) -> Generation | None:
        """The item's generation."""
        return generation_from(self.item) if self.item else None


@dataclass(frozen=True, slots=True)
class ConditionalWrites:
    """Writes META items, each if its condition holds. What else the SDK raises passes through."""

    client: DynamoDBClient
    table: str

    def _put(self, item: Item, condition: str, values: Item) -> Write:
        try:
            self.client.put_item(
                TableName=self.table,
                Item=item,
                ConditionExpression=condition,
                ExpressionAttributeValues=values,
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self.client.exceptions.ConditionalCheckFailedException as error:
            return Write(is_made=False, item=item_that_refused(error))
        return Write(is_made=True, item=item)

    def _update(self, generation_id: str, update: str, condition: str, values: Item) -> Write:
        """In both expressions `#name` is the attribute `name`."""
        try:
            reply = self.client.update_item(
                TableName=self.table,
                Key=generation_key(generation_id),
                UpdateExpression=update,
                ConditionExpression=condition,
                ExpressionAttributeNames={
                    f"#{name}": name for name in re.findall(r"#(\w+)", f"{update} {condition}")
                },
                ExpressionAttributeValues=values,
                ReturnValues="ALL_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self.client.exceptions.ConditionalCheckFailedException as error:
            return Write(is_made=False, item=item_that_refused(error))
        return Write(is_made=True, item=reply["Attributes"])


def setting(attributes: Item) -> tuple[str, Item]:
    """The update expression that sets attributes, and its values."""
    update = "SET " + ", ".join(f"#{name} = :new_{name}" for name in attributes)
    return update, {f":new_{name}": value for name, value in attributes.items()}


@contextmanager
def writing() -> Iterator[None]:
    """Tell outages, which pass, from writes that cannot be made.

    Raises:
        WriteRefused: If the write itself is wrong.
        Unavailable: If there was no answer, or another one than its adapter expects.
    """
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        reason = reason_of(error)
        if reason in FOR_GOOD:
            raise WriteRefused(reason) from None
        raise Unavailable(reason) from error
