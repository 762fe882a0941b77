"""How a generation lies in the table: META (small, written often), TEXT#attempt#offset, and parts beside it.

The prompt is a message of its chat, because DynamoDB charges an update by the size of the whole item: with
it, each second's heartbeat of an 8 KB prompt would cost nine write units instead of one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.shared.attachments.items import ids_from, ids_item
from functions.shared.dynamodb import (
    generation_key,
    moment_from_milliseconds,
    moment_of,
    n,
    number_of,
    s,
    text_of,
)
from functions.shared.generations.model import Generation, Status
from functions.shared.generations.outcomes import outcome_from
from functions.shared.times import epoch_milliseconds, epoch_seconds
from functions.shared.trace_context import TraceContext

if TYPE_CHECKING:
    from datetime import datetime

    from functions.shared.dynamodb import Item


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
