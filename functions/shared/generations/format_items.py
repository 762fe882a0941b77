"""The item that holds the form in which an answer is wanted. META, written each second, is to be small."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.shared.dynamodb import generation_key, n, s
from functions.shared.times import epoch_seconds
from functions.shared.transactions import delete, put

if TYPE_CHECKING:
    from functions.shared.dynamodb import Item
    from functions.shared.generations.model import Generation
    from functions.shared.generations.response_format import ResponseFormat
    from functions.shared.transactions import Entry


def format_key(generation_id: str) -> Item:
    """The item's key."""
    return generation_key(generation_id, "FORMAT")


def keep_format(generation: Generation, wanted: ResponseFormat | None) -> list[Entry]:
    """Keep it with the generation, if there is one."""
    if wanted is None:
        return []
    content = {"text": s(wanted.text), "expires_at": n(epoch_seconds(generation.expires_at))}
    return [put("format", format_key(generation.generation_id) | content)]


def forget_format(generation: Generation) -> list[Entry]:
    """Take it away from a generation that will not be made."""
    return [delete("format", format_key(generation.generation_id))] if generation.has_format else []
