"""A user's items as documents that people can read; a generation with its prompts and texts is one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import TypeDeserializer

from functions.shared.dynamodb import text_of
from functions.shared.generations.items import generation_from
from functions.shared.generations.part_reader import pieces_from
from functions.shared.generations.parts import StoredPart, joined_parts
from functions.shared.generations.reader import joined
from functions.shared.times import rfc3339

if TYPE_CHECKING:
    from collections.abc import Iterable

    from functions.shared.dynamodb import Item

DESERIALIZER = TypeDeserializer()


def document(item: Item) -> dict[str, Any]:
    """Return an item with plain values."""
    return {name: _plain(DESERIALIZER.deserialize(value)) for name, value in item.items()}


def generation_document(record: Item, parts: Iterable[Item]) -> dict[str, Any]:
    """Return a generation with all that was asked and answered in it."""
    generation = generation_from(record)
    wanted: dict[str, Any] = {}
    prompts, pieces = [], dict[int, list[tuple[int, str]]]()
    others = dict[int, list[StoredPart]]()
    for part in parts:
        kind, _, rest = text_of(part, "sk").partition("#")
        if kind == "PROMPT":
            prompts.append(text_of(part, "prompt"))
        elif kind == "FORMAT":
            wanted["response_format"] = json.loads(text_of(part, "text"))
        elif kind == "TEXT":
            attempt, _, offset = rest.partition("#")
            pieces.setdefault(int(attempt), []).append((int(offset), text_of(part, "text")))
        elif kind == "PART":
            others.setdefault(int(rest.partition("#")[0]), []).extend(pieces_from(part))
    answers = {attempt: joined(sorted(those)) for attempt, those in sorted(pieces.items())}
    answer = answers.pop(generation.attempt, "")
    return document(record) | {
        "generation_id": generation.generation_id,
        "accepted_at": rfc3339(generation.created_at),
        "deleted_after": rfc3339(generation.expires_at),
        "prompts": prompts,
        "answer": answer,
        **wanted,
        "answers_of_earlier_attempts": list(answers.values()),
        "parts": {str(attempt): _described(those) for attempt, those in sorted(others.items())},
    }


def _described(pieces: list[StoredPart]) -> list[dict[str, Any]]:
    parts = joined_parts(sorted(pieces, key=lambda piece: (piece.index, piece.offset)))
    return [{"kind": part.kind, "text_offset": part.text_offset, "text": part.text} for part in parts]


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, set):
        return sorted(_plain(each) for each in value)
    return value if value is None or isinstance(value, str | bool) else int(value)
