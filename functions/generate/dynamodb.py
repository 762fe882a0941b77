"""Accepts and cancels generations: conditional writes, so that repeated and racing requests are harmless."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.shared.dynamodb import Item, generation_key, item_that_refused, n, s
from functions.shared.dynamodb_generations import attributes_of, generation_from, item_of, prompt_key
from functions.shared.failures import Failure
from functions.shared.generations import PICKED_UP_WITHIN, Generation, Outcome, Status
from functions.shared.times import epoch_milliseconds, epoch_seconds

if TYPE_CHECKING:
    from datetime import datetime

    from mypy_boto3_dynamodb import DynamoDBClient

STATUS = {"#status": "status"}  # a reserved word of DynamoDB's expressions


@dataclass(frozen=True, slots=True)
class Submissions:
    """Writes what users ask for."""

    client: DynamoDBClient
    table: str

    def put(self, generation: Generation, prompt: str, *, now: datetime) -> Generation:
        """Record a generation and its prompt.

        The prompt goes first, under a name made of the request's hash: whoever repeats the request writes
        the same again, and another request with the same id writes beside it. That saves a transaction.

        Returns the recorded generation: this one, or the one that was accepted under its id before.
        """
        self.client.put_item(
            TableName=self.table,
            Item=prompt_key(generation)
            | {"prompt": s(prompt), "expires_at": n(epoch_seconds(generation.expires_at))},
        )
        try:
            self.client.put_item(
                TableName=self.table,
                Item=item_of(generation),
                ConditionExpression="attribute_not_exists(pk) OR expires_at <= :now",
                ExpressionAttributeValues={":now": n(epoch_seconds(now))},
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self.client.exceptions.ConditionalCheckFailedException as error:
            return generation_from(item_that_refused(error))
        return generation

    def withdraw(self, generation_id: str) -> bool:
        """End a generation that could not be queued. Returns False if a worker has it all the same."""
        outcome = Outcome(status=Status.FAILED, length=0, failure=Failure.INTERNAL)
        return self._write(
            generation_id,
            attributes_of(outcome) | {"withdrawn": {"BOOL": True}, "announced": {"BOOL": True}},
            while_it_is=Status.QUEUED,
            or_if="attribute_exists(withdrawn)",
        )

    def reopen(self, generation_id: str, *, start_by: datetime) -> bool:
        """Put a withdrawn generation back to where it can be queued. Returns whether this call did it.

        It may have been withdrawn long ago, so it gets a new deadline.
        """
        try:
            self.client.update_item(
                TableName=self.table,
                Key=generation_key(generation_id),
                UpdateExpression="SET #status = :queued, start_by = :start_by "
                "REMOVE withdrawn, announced, failure, text_length",
                ConditionExpression="attribute_exists(withdrawn)",
                ExpressionAttributeNames=STATUS,
                ExpressionAttributeValues={
                    ":queued": s(Status.QUEUED),
                    ":start_by": n(epoch_milliseconds(start_by)),
                },
            )
        except self.client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def requeue(self, generation_id: str, *, now: datetime) -> bool:
        """Note that a generation is queued again. Returns False if it was so lately, or its end was told."""
        try:
            self.client.update_item(
                TableName=self.table,
                Key=generation_key(generation_id),
                UpdateExpression="SET requeued_at = :now",
                ConditionExpression="attribute_exists(pk) AND attribute_not_exists(announced) AND "
                "(attribute_not_exists(requeued_at) OR requeued_at < :lately)",
                ExpressionAttributeValues={
                    ":now": n(epoch_milliseconds(now)),
                    ":lately": n(epoch_milliseconds(now - PICKED_UP_WITHIN)),
                },
            )
        except self.client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def cancel_queued(self, generation_id: str) -> bool:
        """Cancel before any worker has begun. Returns False if one has, or it has ended."""
        outcome = Outcome(status=Status.CANCELLED, length=0)
        return self._write(generation_id, attributes_of(outcome), while_it_is=Status.QUEUED)

    def ask_to_cancel(self, generation_id: str) -> bool:
        """Ask the worker to stop; it sees this with its next heartbeat. Returns False if it has ended."""
        return self._write(generation_id, {"cancel_requested": {"BOOL": True}}, while_it_is=Status.PROCESSING)

    def _write(self, generation_id: str, attributes: Item, *, while_it_is: Status, or_if: str = "") -> bool:
        names = {f"#{name}": name for name in attributes} | STATUS
        values = {f":{name}": value for name, value in attributes.items()}
        try:
            self.client.update_item(
                TableName=self.table,
                Key=generation_key(generation_id),
                UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in attributes),
                ConditionExpression=f"#status = :expected OR {or_if}" if or_if else "#status = :expected",
                ExpressionAttributeNames=names,
                ExpressionAttributeValues={**values, ":expected": s(while_it_is)},
            )
        except self.client.exceptions.ConditionalCheckFailedException:
            return False
        return True
