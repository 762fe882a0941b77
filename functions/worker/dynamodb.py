"""The state machine's writes. Each names the attempt it was made for, and DynamoDB refuses an old one."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from functions.shared.aws import reason_of
from functions.shared.dynamodb import Item, generation_key, item_that_refused, n, s
from functions.shared.errors import Unavailable
from functions.shared.generations.claims import Claim, Fenced, WriteRefused
from functions.shared.generations.model import Status
from functions.shared.generations.reader import attributes_of, generation_from, text_key
from functions.shared.times import epoch_milliseconds, epoch_seconds

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import UpdateItemOutputTypeDef

    from functions.shared.generations.model import Generation, Outcome

LARGEST_PIECE = 90_000
"""Code points, at most 360 KB of UTF-8: an item holds 400 KB."""
NAMES = {"#status": "status", "#owner": "owner"}
OURS = "#status = :processing AND attempt = :attempt"


EXPECTED = "ConditionalCheckFailedException"
FOR_GOOD = {"ParamValidationError", "ValidationException", "SerializationException"}
"""The SDK's and DynamoDB's words for a write that no repetition makes right."""


@contextmanager
def _writing() -> Iterator[None]:
    """Tell outages, which pass, from writes that cannot be made.

    Raises:
        WriteRefused: If the write itself is wrong.
        Unavailable: If there was no answer, or another one than its caller expects.
    """
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        reason = reason_of(error)
        if reason == EXPECTED:
            raise
        if reason in FOR_GOOD:
            raise WriteRefused(reason) from None
        raise Unavailable(reason) from error


@dataclass(frozen=True, slots=True)
class Transitions:
    """Where it is decided who works on a generation, and how it ended."""

    client: DynamoDBClient
    table: str

    def claim(
        self,
        generation_id: str,
        *,
        owner: str,
        message_id: str,
        lease_until: datetime,
        max_attempts: int,
        now: datetime,
    ) -> Claim | None:
        """Take a generation that is queued, or whose lease has run out. None: there is no such generation.

        A claim whose reply was lost is found again by its owner's name. A generation that was withdrawn,
        because its message seemed not to be taken, is revived: here is its message, and another request with
        the same key may have been told 202.
        """
        abandoned = "(#status = :processing AND lease_until < :now)"
        free = f"#status = :queued OR {abandoned} OR attribute_exists(withdrawn)"
        try:
            item = self._update(
                Key=generation_key(generation_id),
                UpdateExpression="SET #status = :processing, attempt = attempt + :one, "
                "lease_until = :lease, #owner = :owner, message_id = :message "
                "REMOVE withdrawn, announced, failure, text_length",
                ConditionExpression=f"attribute_exists(pk) AND ({free}) AND attempt < :max",
                ExpressionAttributeNames=NAMES,
                ExpressionAttributeValues={
                    ":queued": s(Status.QUEUED),
                    ":processing": s(Status.PROCESSING),
                    ":now": n(epoch_milliseconds(now)),
                    ":one": n(1),
                    ":lease": n(epoch_milliseconds(lease_until)),
                    ":owner": s(owner),
                    ":message": s(message_id),
                    ":max": n(max_attempts),
                },
                ReturnValues="ALL_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )["Attributes"]
        except self.client.exceptions.ConditionalCheckFailedException as error:
            found = item_that_refused(error)
            if not found:
                return None
            generation = generation_from(found)
            is_ours = generation.status is Status.PROCESSING and generation.owner == owner
            return Claim(generation, is_ours)
        return Claim(generation_from(item), is_ours=True)

    def beat(self, generation_id: str, attempt: int, *, lease_until: datetime) -> bool:
        """Keep the lease. Returns whether the user has asked to cancel.

        Raises:
            Fenced: If the generation is another attempt's, or has ended.
        """
        lease = {":lease": n(epoch_milliseconds(lease_until))}
        item = self._write(generation_id, attempt, "SET lease_until = :lease", lease)
        return "cancel_requested" in item

    def restart(self, generation: Generation, attempt: int) -> int:
        """Begin the next attempt, by the same worker. Returns its number.

        Raises:
            Fenced: If the generation is another attempt's, or has ended.
        """
        following = attempt + 1
        try:
            self._write(generation.generation_id, attempt, "SET attempt = :next", {":next": n(following)})
        except Fenced as fenced:
            found = fenced.args[0]
            # Our own write, if the SDK repeated it because the reply was lost: no other claim has this owner.
            if found is None or (found.status, found.attempt, found.owner) != (
                Status.PROCESSING,
                following,
                generation.owner,
            ):
                raise
        return following

    def release(self, generation_id: str, attempt: int) -> None:
        """Give up the lease, so that the next delivery begins the next attempt at once.

        Raises:
            Fenced: If the generation is another attempt's, or has ended.
        """
        self._write(generation_id, attempt, "SET lease_until = :never", {":never": n(0)})

    def finish(self, generation: Generation, attempt: int, outcome: Outcome) -> None:
        """Record how the generation ended; the second to say so is refused.

        Raises:
            Fenced: If the generation is another attempt's, or has ended otherwise.
        """
        attributes = attributes_of(outcome)
        update = "SET " + ", ".join(f"#{name} = :new_{name}" for name in attributes)
        try:
            self._write(
                generation.generation_id,
                attempt,
                update,
                {f":new_{name}": value for name, value in attributes.items()},
                {f"#{name}": name for name in attributes},
            )
        except Fenced as fenced:
            found = fenced.args[0]
            # Our own write, if the SDK repeated it because the reply was lost.
            if found is None or (found.outcome, found.attempt, found.owner) != (
                outcome,
                attempt,
                generation.owner,
            ):
                raise

    def note_announced(self, generation_id: str) -> None:
        """Record that the end was told to whoever was there to hear it."""
        self._update(
            Key=generation_key(generation_id),
            UpdateExpression="SET announced = :true",
            ConditionExpression="attribute_exists(pk)",
            ExpressionAttributeValues={":true": {"BOOL": True}},
        )

    def save(self, generation: Generation, attempt: int, offset: int, text: str) -> None:
        """Store text from an offset on (code points). No condition: every attempt has items of its own."""
        for start in range(0, len(text), LARGEST_PIECE):
            item = text_key(generation.generation_id, attempt, offset + start) | {
                "text": s(text[start : start + LARGEST_PIECE]),
                "expires_at": n(epoch_seconds(generation.expires_at)),
            }
            with _writing():
                self.client.put_item(TableName=self.table, Item=item)

    def _update(self, **update: Any) -> UpdateItemOutputTypeDef:
        with _writing():
            return self.client.update_item(TableName=self.table, **update)

    def _write(
        self,
        generation_id: str,
        attempt: int,
        update: str,
        values: Item,
        names: dict[str, str] | None = None,
    ) -> dict[str, Any]:
        try:
            return dict(
                self._update(
                    Key=generation_key(generation_id),
                    UpdateExpression=update,
                    ConditionExpression=OURS,
                    ExpressionAttributeNames={"#status": "status", **(names or {})},
                    ExpressionAttributeValues={
                        ":processing": s(Status.PROCESSING),
                        ":attempt": n(attempt),
                        **values,
                    },
                    ReturnValues="ALL_NEW",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )["Attributes"]
            )
        except self.client.exceptions.ConditionalCheckFailedException as error:
            found = item_that_refused(error)
            raise Fenced(generation_from(found) if found else None) from error
