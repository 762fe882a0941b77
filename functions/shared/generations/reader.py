"""How a generation lies in the table: META (small, written often), TEXT#attempt#offset, and parts beside it.

The prompt is a message of its chat, because DynamoDB charges an update by the size of the whole item: with
it, each second's heartbeat of an 8 KB prompt would cost nine write units instead of one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from functions.shared.attachments.items import ids_from, ids_item
from functions.shared.dynamodb import (
    Item,
    generation_key,
    message_key,
    moment_from_milliseconds,
    moment_of,
    n,
    number_of,
    s,
    text_of,
)
from functions.shared.generations.format_items import format_key
from functions.shared.generations.model import Generation, Status
from functions.shared.generations.outcomes import outcome_from
from functions.shared.generations.part_reader import PartReader
from functions.shared.generations.response_format import ResponseFormat
from functions.shared.times import epoch_milliseconds, epoch_seconds
from functions.shared.trace_context import TraceContext

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from mypy_boto3_dynamodb import DynamoDBClient

    from functions.shared.generations.parts import StoredPart
    from functions.shared.generations.ports import HasText


LAST_OFFSET = 9_999_999_999
"""The highest that has the ten digits of a text item's key."""


@dataclass(frozen=True, slots=True)
class GenerationReader:
    """Reads generations and their text."""

    client: DynamoDBClient
    table: str

    def find(self, generation_id: str, *, now: datetime) -> Generation | None:
        """Return the generation, None if there is none or its record's life is over."""
        reply = self.client.get_item(
            TableName=self.table, Key=generation_key(generation_id), ConsistentRead=True
        )
        if "Item" not in reply:
            return None
        generation = generation_from(reply["Item"])
        return generation if generation.expires_at > now else None

    def prompt(self, generation: Generation) -> str:
        """Return what the user asked: a message of its chat."""
        if not generation.prompt_number:
            return self._former_prompt(generation)
        key = message_key(generation.user_id, generation.chat_id, generation.prompt_number)
        reply = self.client.get_item(TableName=self.table, Key=key, ConsistentRead=True)
        return text_of(reply["Item"], "text")

    def _former_prompt(self, generation: Generation) -> str:
        """Return the prompt of a record of an older release, which is an item of the generation."""
        reply = self.client.get_item(TableName=self.table, Key=prompt_key(generation), ConsistentRead=True)
        return text_of(reply["Item"], "prompt")

    def response_format(self, generation: Generation) -> ResponseFormat | None:
        """Return the form in which its answer is wanted; None if that is any text, or was deleted."""
        if not generation.has_format:
            return None
        key = format_key(generation.generation_id)
        reply = self.client.get_item(TableName=self.table, Key=key, ConsistentRead=True)
        return ResponseFormat(text_of(reply["Item"], "text")) if "Item" in reply else None

    def text(self, generation: HasText) -> str:
        """Return the text that is stored of the present attempt (code points, from the beginning)."""
        return joined(self.pieces(generation, 0))

    def parts(self, generation: HasText) -> list[StoredPart]:
        """Return what is stored of the present attempt's other parts.

        They are read before the text, or else may refer to more of it than was read.
        """
        return PartReader(self.client, self.table).parts(generation)

    def pieces(self, generation: HasText, offset: int) -> Iterator[tuple[int, str]]:
        """Yield the pieces of the present attempt's text, each with its own offset.

        The first one is the last that begins at or before `offset`, so what lies before is not read; and what
        comes after is read a megabyte at a time, as far as the caller goes on.
        """
        following = 0
        if offset:
            first = next(self._stored(generation, 0, offset, newest_first=True), None)
            if first:
                yield first
                following = first[0] + 1
        yield from self._stored(generation, following, LAST_OFFSET)

    def length(self, generation: HasText) -> int:
        """Return how many code points are stored of the present attempt, by its last piece alone."""
        offset, piece = next(self._stored(generation, 0, LAST_OFFSET, newest_first=True), (0, ""))
        return offset + len(piece)

    def _stored(
        self, generation: HasText, low: int, high: int, *, newest_first: bool = False
    ) -> Iterator[tuple[int, str]]:
        """Yield pieces whose offset is between two.

        Those that have expired are an earlier generation's, whose Idempotency-Key came again after its life.
        """
        query: dict[str, Any] = {
            "TableName": self.table,
            "KeyConditionExpression": "pk = :pk AND sk BETWEEN :low AND :high",
            "ExpressionAttributeValues": {
                ":pk": generation_key(generation.generation_id)["pk"],
                ":low": text_key(generation.generation_id, generation.attempt, low)["sk"],
                ":high": text_key(generation.generation_id, generation.attempt, high)["sk"],
                ":born": n(epoch_seconds(generation.created_at)),
            },
            "FilterExpression": "expires_at > :born",
            "ConsistentRead": True,
            "ScanIndexForward": not newest_first,
            **({"Limit": 1} if newest_first else {}),
        }
        following: dict[str, Any] | None = {}
        while following is not None:
            page = self.client.query(**query, **following)
            for item in page["Items"]:
                yield int(text_of(item, "sk")[-10:]), text_of(item, "text")
            last = page.get("LastEvaluatedKey")
            following = {"ExclusiveStartKey": last} if last else None


def joined(pieces: Iterable[tuple[int, str]]) -> str:
    """Join pieces by their offsets. A piece may repeat what an earlier one already had."""
    text: list[str] = []
    length = 0
    for offset, piece in pieces:
        fresh = piece[max(length - offset, 0) :] if offset <= length else ""
        text.append(fresh)
        length += len(fresh)
    return "".join(text)


def prompt_key(generation: Generation) -> Item:
    """The item that holds what the user asked, in records of older releases."""
    return generation_key(generation.generation_id, f"PROMPT#{generation.request_hash}")


def text_key(generation_id: str, attempt: int, offset: int) -> Item:
    """The item that holds an attempt's text from an offset on."""
    return generation_key(generation_id, f"TEXT#{attempt:04d}#{offset:010d}")


def item_of(generation: Generation) -> Item:
    """Write a generation that is being accepted."""
    return (
        generation_key(generation.generation_id)
        | {
            "user_id": s(generation.user_id),
            "chat_id": s(generation.chat_id),
            "model": s(generation.model),
            "status": s(generation.status),
            "attempt": n(generation.attempt),
            "created_at": n(epoch_milliseconds(generation.created_at)),
            "start_by": n(epoch_milliseconds(generation.start_by)),
            "request_hash": s(generation.request_hash),
            "expires_at": n(epoch_seconds(generation.expires_at)),
        }
        | _origin_of(generation)
        | _place_of(generation)
    )


def _origin_of(generation: Generation) -> Item:
    origin = {
        "trace": generation.trace.text if generation.trace else "",
        "request_id": generation.request_id,
    }
    return {name: s(value) for name, value in origin.items() if value}


def _place_of(generation: Generation) -> Item:
    """Say where in its chat a generation stands."""
    texts = {"prompt_id": generation.prompt_id, "parent_id": generation.parent_id}
    numbers = {
        "prompt_number": generation.prompt_number,
        "chat_version": generation.chat_version,
        "reopenings": generation.reopenings,
    }
    flags = {
        "waits": generation.waits,
        "regenerated": generation.is_regenerated,
        "format": generation.has_format,
        "warned": generation.is_warned,
    }
    places = {"parent_number": generation.parent_number, "position": generation.position}
    moments = {"requeued_at": generation.requeued_at}
    return {
        **ids_item(generation.attachments),
        **{name: n(place) for name, place in places.items() if place is not None},
        **{name: n(epoch_milliseconds(moment)) for name, moment in moments.items() if moment},
        **{name: s(value) for name, value in texts.items() if value},
        **{name: n(value) for name, value in numbers.items() if value},
        **{name: {"BOOL": True} for name, is_set in flags.items() if is_set},
    }


def generation_from(item: Item) -> Generation:
    """Read a META item."""
    status = Status(text_of(item, "status"))
    return Generation(
        generation_id=text_of(item, "pk").removeprefix("GENERATION#"),
        user_id=text_of(item, "user_id"),
        chat_id=text_of(item, "chat_id"),
        model=text_of(item, "model"),
        status=status,
        attempt=number_of(item, "attempt"),
        created_at=moment_from_milliseconds(number_of(item, "created_at")),
        start_by=moment_from_milliseconds(number_of(item, "start_by")),
        expires_at=moment_of(item, "expires_at"),
        request_hash=text_of(item, "request_hash"),
        trace=TraceContext.stored(text_of(item, "trace")),
        request_id=text_of(item, "request_id"),
        lease_until=_moment(item, "lease_until"),
        owner=text_of(item, "owner"),
        message_id=text_of(item, "message_id"),
        cancel_requested="cancel_requested" in item,
        announced="announced" in item,
        withdrawn="withdrawn" in item,
        reopenings=number_of(item, "reopenings"),
        requeued_at=_moment(item, "requeued_at"),
        queued_at=_moment(item, "queued_at"),
        outcome=outcome_from(item, status) if status.is_final else None,
        prompt_id=text_of(item, "prompt_id"),
        prompt_number=number_of(item, "prompt_number"),
        parent_id=text_of(item, "parent_id"),
        parent_number=_place(item, "parent_number"),
        position=_place(item, "position"),
        chat_version=number_of(item, "chat_version"),
        number=number_of(item, "number"),
        following=text_of(item, "following"),
        waits="waits" in item,
        is_regenerated="regenerated" in item,
        has_format="format" in item,
        attachments=ids_from(item),
        is_warned="warned" in item,
        is_deleted="deleted" in item,
    )


def _place(item: Item, name: str) -> int | None:
    return number_of(item, name) if name in item else None


def _moment(item: Item, name: str) -> datetime | None:
    return moment_from_milliseconds(number_of(item, name)) if name in item else None
