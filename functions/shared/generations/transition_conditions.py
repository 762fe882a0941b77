"""The conditions under which a generation may change, as DynamoDB judges them, and the values they name."""

from __future__ import annotations

from functions.shared.dynamodb import Item, n, s
from functions.shared.generations.model import Status

EXISTS = "attribute_exists(#status)"
WITHDRAWN = "attribute_exists(withdrawn)"
WAITS = "attribute_exists(waits)"
QUEUED = "(#status = :queued AND attribute_not_exists(waits))"
LEASE_OVER = "(#status = :processing AND lease_until < :now)"
OURS = "#status = :processing AND attempt = :attempt"
"""The fence: what every write of an attempt names."""
UNDER_WAY = "#status = :queued OR #status = :processing"
BOTH: Item = {":queued": s(Status.QUEUED), ":processing": s(Status.PROCESSING)}
ASK_TO_STOP = "SET cancel_requested = :true"
TRUE: Item = {":true": {"BOOL": True}}


def fence(attempt: int) -> Item:
    """Give the values of OURS."""
    return {":processing": s(Status.PROCESSING), ":attempt": n(attempt)}
