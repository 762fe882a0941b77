"""Accepts and cancels generations: conditional writes, so that repeated and racing requests are harmless."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.shared.dynamodb import Item, generation_key, item_that_refused, n, s
from functions.shared.generations.failures import Failure
from functions.shared.generations.model import PICKED_UP_WITHIN, Generation, Outcome, Status
from functions.shared.generations.reader import attributes_of, generation_from, item_of, prompt_key
from functions.shared.times import epoch_milliseconds, epoch_seconds

if TYPE_CHECKING:
    from datetime import datetime

    from mypy_boto3_dynamodb import DynamoDBClient

STATUS = {"#status": "status"}  # a reserved word of DynamoDB's expressions
REOPENINGS = 10
"""How often a withdrawn generation may be opened again without a pause."""


@dataclass(frozen=True, slots=True)
class Submissions:
    """Writes what users ask for."""

    client: DynamoDBClient
    table: str

    def put(self, generation: Generation, prompt: str, *, now: datetime) -> Generation:
        """Record a generation and its prompt.

        The prompt goes first, under a name made of the request's hash: a repetition of the request writes
        the same again, and another request with the same id writes beside it and takes that away when it
        has lost. This saves a transaction.

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
            recorded = generation_from(item_that_refused(error))
            if recorded.request_hash != generation.request_hash:
                self.client.delete_item(TableName=self.table, Key=prompt_key(generation))
            return recorded
        return generation

    def withdraw(self, generation_id: str) -> bool:
        """End a generation that could not be queued.

        Returns False if a worker has it all the same, or the queue confirmed a message of another request.
        """
        outcome = Outcome(status=Status.FAILED, length=0, failure=Failure.INTERNAL)
        return self._write(
            generation_id,
            attributes_of(outcome) | {"withdrawn": {"BOOL": True}, "announced": {"BOOL": True}},
            while_it_is=Status.QUEUED,
            rule="#status = :expected AND attribute_not_exists(queued_at) OR attribute_exists(withdrawn)",
        )

    def reopen(self, generation_id: str, *, start_by: datetime, now: datetime) -> bool:
        """Put a withdrawn generation back to where it can be queued. Returns whether this call did it.

        It may have been withdrawn long ago, so it gets a new deadline. A queue that takes messages and loses
        its replies must not be filled: after a few times there is a pause, as for `requeue`.
        """
        return self._update(
            generation_id,
            "SET #status = :queued, start_by = :start_by, requeued_at = :now ADD reopenings :one "
            "REMOVE withdrawn, announced, failure, text_length, queued_at",
            "attribute_exists(withdrawn) AND "
            "(attribute_not_exists(reopenings) OR reopenings < :most OR requeued_at < :lately)",
            {
                ":queued": s(Status.QUEUED),
                ":start_by": n(epoch_milliseconds(start_by)),
                ":one": n(1),
                ":most": n(REOPENINGS),
                **_lately(now),
            },
        )

    def requeue(self, generation_id: str, *, now: datetime) -> bool:
        """Note that a generation is queued again. Returns False if it was so lately, or its end was told."""
        return self._update(
            generation_id,
            "SET requeued_at = :now",
            "attribute_exists(#status) AND attribute_not_exists(announced) AND "
            "(attribute_not_exists(requeued_at) OR requeued_at < :lately)",
            _lately(now),
        )

    def note_queued(self, generation_id: str, *, now: datetime) -> None:
        """Note that the queue has confirmed a message of it."""
        known = "attribute_exists(#status)"
        self._update(generation_id, "SET queued_at = :now", known, {":now": n(epoch_milliseconds(now))})

    def cancel_queued(self, generation_id: str) -> bool:
        """Cancel before any worker has begun. Returns False if one has, or it has ended."""
        outcome = Outcome(status=Status.CANCELLED, length=0)
        return self._write(generation_id, attributes_of(outcome), while_it_is=Status.QUEUED)

    def ask_to_cancel(self, generation_id: str) -> bool:
        """Ask the worker to stop; it sees this with its next heartbeat. Returns False if it has ended."""
        return self._write(generation_id, {"cancel_requested": {"BOOL": True}}, while_it_is=Status.PROCESSING)

    def _write(
        self, generation_id: str, attributes: Item, *, while_it_is: Status, rule: str = "#status = :expected"
    ) -> bool:
        return self._update(
            generation_id,
            "SET " + ", ".join(f"#{name} = :{name}" for name in attributes),
            rule,
            {f":{name}": value for name, value in attributes.items()} | {":expected": s(while_it_is)},
            {f"#{name}": name for name in attributes} | STATUS,
        )

    def _update(
        self,
        generation_id: str,
        update: str,
        condition: str,
        values: Item,
        names: dict[str, str] = STATUS,
    ) -> bool:
        try:
            self.client.update_item(
                TableName=self.table,
                Key=generation_key(generation_id),
                UpdateExpression=update,
                ConditionExpression=condition,
                ExpressionAttributeValues=values,
                ExpressionAttributeNames=names,
            )
        except self.client.exceptions.ConditionalCheckFailedException:
            return False
        return True


def _lately(now: datetime) -> Item:
    return {":now": n(epoch_milliseconds(now)), ":lately": n(epoch_milliseconds(now - PICKED_UP_WITHIN))}
