"""How attachments lie in the table: in their chat's partition, so that they are found and deleted with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.shared.attachments.model import Attachment
from functions.shared.dynamodb import (
    chat_partition,
    moment_from_milliseconds,
    moment_of,
    n,
    number_of,
    s,
    text_of,
)
from functions.shared.times import epoch_milliseconds, epoch_seconds

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from functions.shared.dynamodb import Item

ATTACHMENT = "ATTACHMENT#"


def attachment_key(user_id: str, chat_id: str, attachment_id: str) -> Item:
    """The item of one attachment."""
    return {"pk": chat_partition(user_id, chat_id), "sk": s(f"{ATTACHMENT}{attachment_id}")}


def attachment_item(attachment: Attachment) -> Item:
    """Write an attachment."""
    key = attachment_key(attachment.user_id, attachment.chat_id, attachment.attachment_id)
    return key | {
        "user_id": s(attachment.user_id),
        "chat_id": s(attachment.chat_id),
        "name": s(attachment.name),
        "media_type": s(attachment.media_type),
        "size": n(attachment.size),
        "after_version": n(attachment.after_version),
        "created_at": n(epoch_milliseconds(attachment.created_at)),
        "expires_at": n(epoch_seconds(attachment.expires_at)),
    }


def attachment_from(item: Mapping[str, Any]) -> Attachment:
    """Read an attachment."""
    return Attachment(
        attachment_id=text_of(item, "sk").removeprefix(ATTACHMENT),
        user_id=text_of(item, "user_id"),
        chat_id=text_of(item, "chat_id"),
        name=text_of(item, "name"),
        media_type=text_of(item, "media_type"),
        size=number_of(item, "size"),
        after_version=number_of(item, "after_version"),
        created_at=moment_from_milliseconds(number_of(item, "created_at")),
        expires_at=moment_of(item, "expires_at"),
    )


def ids_item(ids: tuple[str, ...]) -> Item:
    """The attribute by which a prompt names its attachments; none if there are none."""
    return {"attachments": {"L": [s(each) for each in ids]}} if ids else {}


def ids_from(item: Mapping[str, Any]) -> tuple[str, ...]:
    """Read it."""
    return tuple(each["S"] for each in item.get("attachments", {}).get("L", ()))
