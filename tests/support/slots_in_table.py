"""A user's slots_in_table, as the table has them: who holds which, and how long ago that was."""

from __future__ import annotations

from tests.support.lab import Lab

LONGEST_HANDSHAKE = 30
"""Seconds that a handshake may take: a younger holder of a slot is not taken for dead."""


def slots_in_table(lab: Lab, user_id: str) -> dict[int, str]:
    """Which connection holds which of a user's slots, as the table has it."""
    found = lab.aws("dynamodb").query(
        TableName=lab.site.table_name,
        KeyConditionExpression="pk = :user AND begins_with(sk, :slot)",
        ExpressionAttributeValues={":user": {"S": f"USER#{user_id}"}, ":slot": {"S": "SLOT#"}},
    )["Items"]
    return {int(item["sk"]["S"].removeprefix("SLOT#")): item["connection_id"]["S"] for item in found}


def is_known(lab: Lab, connection_id: str) -> bool:
    key = {"pk": {"S": f"CONNECTION#{connection_id}"}, "sk": {"S": "META"}}
    return "Item" in lab.aws("dynamodb").get_item(TableName=lab.site.table_name, Key=key)


def let_time_pass(lab: Lab, user_id: str, number: int) -> None:
    """Make a slot's holder older than a handshake can be, as half a minute would."""
    lab.aws("dynamodb").update_item(
        TableName=lab.site.table_name,
        Key={"pk": {"S": f"USER#{user_id}"}, "sk": {"S": f"SLOT#{number}"}},
        UpdateExpression="SET connected_at = connected_at - :handshake",
        ExpressionAttributeValues={":handshake": {"N": str(LONGEST_HANDSHAKE + 1)}},
    )
