"""Reads generations, and what is stored of their answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from functions.shared.dynamodb import generation_key, message_key, n, text_of
from functions.shared.generations.format_items import format_key
from functions.shared.generations.items import generation_from, prompt_key, text_key
from functions.shared.generations.part_reader import PartReader
from functions.shared.generations.response_format import ResponseFormat
from functions.shared.times import epoch_seconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from mypy_boto3_dynamodb import DynamoDBClient

    from functions.shared.generations.model import Generation
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
