"""The table's keys, and what every repository needs to read and write it.

One table; `docs/architecture.md` lists its items. Every item carries `expires_at` (epoch seconds): DynamoDB
deletes it some time later (up to two days), so every reader compares it and none relies on the deletion.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from botocore.exceptions import ClientError
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

Item: TypeAlias = "dict[str, AttributeValueTypeDef]"
MESSAGE = "MESSAGE#"
WAITING = "WAITING#"
SUMMARY = "SUMMARY#"
LAST_NUMBER = 9_999_999_999
"""The highest that has the ten digits of a message's key."""


def s(value: str) -> AttributeValueTypeDef:
    """A text as DynamoDB writes it."""
    return {"S": value}


def n(value: int) -> AttributeValueTypeDef:
    """A whole number as DynamoDB writes it."""
    return {"N": str(value)}


def user_key(user_id: str) -> str:
    """The partition of a user's connection slots."""
    return f"USER#{user_id}"


def connection_key(connection_id: str) -> Item:
    """The item that names a connection's user."""
    return {"pk": s(f"CONNECTION#{connection_id}"), "sk": s("META")}


def slot_key(user_id: str, slot: int) -> Item:
    """The item of one slot."""
    return {"pk": s(user_key(user_id)), "sk": s(f"SLOT#{slot}")}


def limit_key(user_id: str, kind: str) -> Item:
    """The item that counts what a user asks for."""
    return {"pk": s(f"LIMIT#{user_id}"), "sk": s(kind)}


def generation_key(generation_id: str, part: str = "META") -> Item:
    """One of the items of a generation."""
    return {"pk": s(f"GENERATION#{generation_id}"), "sk": s(part)}


def chats_partition(user_id: str) -> AttributeValueTypeDef:
    """The partition of the heads of a user's chats."""
    return s(f"CHATS#{user_id}")


def head_key(user_id: str, chat_id: str) -> Item:
    """The item that is a chat's head."""
    return {"pk": chats_partition(user_id), "sk": s(f"CHAT#{chat_id}")}


def chat_partition(user_id: str, chat_id: str) -> AttributeValueTypeDef:
    """The partition of a chat's messages. An id may hold any character: its length tells where it ends."""
    return s(f"CHAT#{len(user_id)}#{user_id}#{chat_id}")


def message_key(user_id: str, chat_id: str, number: int) -> Item:
    """The item of one message."""
    return {"pk": chat_partition(user_id, chat_id), "sk": s(f"{MESSAGE}{number:010d}")}


def waiting_key(user_id: str, chat_id: str, generation_id: str) -> Item:
    """The item of a prompt that waits in its chat's queue."""
    return {"pk": chat_partition(user_id, chat_id), "sk": s(f"{WAITING}{generation_id}")}


def summary_key(user_id: str, chat_id: str, number: int) -> Item:
    """The item of a summary of the path up to the message with this number."""
    return {"pk": chat_partition(user_id, chat_id), "sk": s(f"{SUMMARY}{number:010d}")}


def text_of(item: Mapping[str, Any], name: str) -> str:
    """Read a text attribute; empty when it is not there."""
    return str(item.get(name, {}).get("S", ""))


def number_of(item: Mapping[str, Any], name: str) -> int:
    """Read a whole-number attribute; 0 when it is not there."""
    return int(item.get(name, {}).get("N", 0))


def moment_of(item: Mapping[str, Any], name: str) -> datetime:
    """Read an attribute that holds epoch seconds."""
    return datetime.fromtimestamp(number_of(item, name), UTC)


def moment_from_milliseconds(value: int) -> datetime:
    """Read epoch milliseconds."""
    return datetime.fromtimestamp(value / 1000, UTC)


def heard_at(item: Mapping[str, Any]) -> datetime:
    """Read from a connection's item when a keep-alive came last; when it connected, if none did."""
    return max(moment_of(item, "connected_at"), moment_of(item, "heard"))


def item_that_refused(error: ClientError) -> Item:
    """The item as it was when a condition failed (`ReturnValuesOnConditionCheckFailure=ALL_OLD`)."""
    item: Item = error.response.get("Item", {})  # type: ignore[assignment]
    return item
