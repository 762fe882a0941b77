"""Stores the parts of an attempt beside its text, as they grow; `part_reader.py` reads them.

What is new of several parts is one item, which has the place of its first piece: a heartbeat is one write.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from functions.shared.dynamodb import n
from functions.shared.generations.conditional_update import writing
from functions.shared.generations.part_reader import item_of_parts, part_key
from functions.shared.times import epoch_seconds

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mypy_boto3_dynamodb import DynamoDBClient

    from functions.shared.generations.model import Generation
    from functions.shared.generations.parts import StoredPart

LARGEST_ITEM = 80_000
"""Code points, at most 320 KB of UTF-8: an item holds 400 KB."""
PER_PIECE = 40
"""Code points that the other attributes of a piece are worth."""


@dataclass(frozen=True, slots=True)
class PartStore:
    """Writes parts."""

    client: DynamoDBClient
    table: str

    def save(self, generation: Generation, attempt: int, pieces: Sequence[StoredPart]) -> None:
        """Store pieces. No condition: every attempt has items of its own.

        Raises:
            WriteRefused: If DynamoDB will never take it.
            Unavailable: If DynamoDB did not answer.
        """
        for several in _items_of(pieces):
            key = part_key(generation.generation_id, attempt, several[0])
            life = {"expires_at": n(epoch_seconds(generation.expires_at))}
            item = key | item_of_parts(several) | life
            with writing():
                self.client.put_item(TableName=self.table, Item=item)


def _items_of(pieces: Sequence[StoredPart]) -> Iterator[list[StoredPart]]:
    """Fill items one after another, so that the same beginning is always cut at the same places."""
    several: list[StoredPart] = []
    room = LARGEST_ITEM
    for piece in _cut(pieces):
        size = PER_PIECE + len(piece.text or "")
        if several and size > room:
            yield several
            several, room = [], LARGEST_ITEM
        several.append(piece)
        room -= size
    if several:
        yield several


def _cut(pieces: Sequence[StoredPart]) -> Iterator[StoredPart]:
    longest = LARGEST_ITEM - PER_PIECE
    for piece in pieces:
        if piece.text is None:
            yield piece
            continue
        for start in range(0, len(piece.text), longest):
            text = piece.text[start : start + longest]
            yield replace(piece, offset=piece.offset + start, text=text)
