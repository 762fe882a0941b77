"""Stores an attempt's text, as it grows, in items of its own; `reader.py` reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.shared.dynamodb import n, s
from functions.shared.generations.conditional_update import writing
from functions.shared.generations.items import text_key
from functions.shared.times import epoch_seconds

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from functions.shared.generations.model import Generation

LARGEST_PIECE = 90_000
"""Code points, at most 360 KB of UTF-8: an item holds 400 KB."""


@dataclass(frozen=True, slots=True)
class TextStore:
    """Writes text."""

    client: DynamoDBClient
    table: str

    def save(self, generation: Generation, attempt: int, offset: int, text: str) -> None:
        """Store text from an offset on (code points). No condition: every attempt has items of its own.

        Raises:
            WriteRefused: If DynamoDB will never take it.
            Unavailable: If DynamoDB did not answer.
        """
        for start in range(0, len(text), LARGEST_PIECE):
            item = text_key(generation.generation_id, attempt, offset + start) | {
                "text": s(text[start : start + LARGEST_PIECE]),
                "expires_at": n(epoch_seconds(generation.expires_at)),
            }
            with writing():
                self.client.put_item(TableName=self.table, Item=item)
