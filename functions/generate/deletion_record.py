"""What is recorded of the deletion of a chat, so that one which is cut off is finished.

It is an item of its own, `DELETION#version` in the chat's partition, which is put with the tombstone of the
head.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.shared.dynamodb import chat_partition, n, s, text_of
from functions.shared.times import epoch_seconds
from functions.shared.transactions import put

if TYPE_CHECKING:
    from datetime import datetime

    from functions.shared.deletion_message import Deletion
    from functions.shared.dynamodb import Item
    from functions.shared.transactions import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletionRecord:
    """What a deletion must not forget."""

    running: str
    """The generation that was being made; empty if none was."""
    waiting: tuple[str, ...] = ()
    """The generations whose prompts waited."""
    is_purged: bool = False
    """Whether all was taken away, and only what a frozen worker may write late is looked for."""
    recent: tuple[str, ...] = ()
    """The generations that may have such a worker."""
    uploads: tuple[str, ...] = ()
    """The attachments that may have been uploaded after they were taken away."""


def deletion_entry(deletion: Deletion, record: DeletionRecord, *, expires_at: datetime) -> Entry:
    """Put what a deletion has to do."""
    item = deletion_key(deletion) | {
        "running": s(record.running),
        "expires_at": n(epoch_seconds(expires_at)),
    }
    if record.waiting:
        item["waiting"] = {"SS": list(record.waiting)}
    return put("deletion", item)


def record_from(item: Item) -> DeletionRecord:
    """Read what a deletion has to do."""
    return DeletionRecord(
        running=text_of(item, "running"),
        waiting=tuple(item.get("waiting", {}).get("SS", ())),
        is_purged="purged" in item,
        recent=tuple(item.get("recent", {}).get("SS", ())),
        uploads=tuple(item.get("uploads", {}).get("SS", ())),
    )


def deletion_key(deletion: Deletion) -> Item:
    """Return the key of what is recorded of a deletion."""
    return {
        "pk": chat_partition(deletion.user_id, deletion.chat_id),
        "sk": s(f"DELETION#{deletion.version:010d}"),
    }
