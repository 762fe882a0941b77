"""The tables and figures of the documents, by the names of their markers."""

from __future__ import annotations

from tools.capacity import limits
from tools.costs import account_tables, answer_tables, month, usage
from tools.costs.answer_usage import Answer
from tools.costs.bill import dollars
from tools.costs.prices import AS_OF, PRICES, REGION, Item

BEATS_OF_A_MINUTE = 60
UNITS_WITH_PROMPT = 9
"""What a heartbeat would cost if it wrote the item of an 8 KB prompt."""


def blocks() -> dict[str, str]:
    """Return every block."""
    return {
        "as-of": f"list prices of {REGION}, as of {AS_OF}",
        "example": answer_tables.example(),
        "answers": answer_tables.answers(),
        "calls": answer_tables.calls(),
        "formula": answer_tables.formula(),
        "sharing": answer_tables.sharing(),
        "hour": answer_tables.hour(),
        "hour-total": answer_tables.open_hours(usage.HEARTBEAT_SECONDS),
        "hour-frequent": answer_tables.open_hours(60),
        "heartbeat": f"{usage.HEARTBEAT_SECONDS:g} s",
        "events": answer_tables.events(),
        "gigabyte-read": answer_tables.gigabyte_read(),
        "reminder": answer_tables.reminder(),
        "readme": answer_tables.readme(),
        "shares": answer_tables.shares(),
        "standing-still": account_tables.standing_still(),
        "standing-still-total": f"{answer_tables.total(month.standing_still()):.0f}",
        "in-use": account_tables.in_use(),
        "snapshots": f"{dollars(month.snapshots()):.0f}",
        "edge": account_tables.edge(),
        "limits": account_tables.limits(),
        "quotas": account_tables.quotas(),
        "posts-quota": f"{limits.POSTS_PER_SECOND:,} requests per second "
        f"({limits.POSTS_PER_SECOND_SMALL_REGION:,} in some Regions)",
        "posts": account_tables.posts(),
        "posts-default": f"{limits.by_posts(Answer()):,}",
        "workers": f"{usage.DEFAULTS.worker_max_concurrency * usage.DEFAULTS.worker_answers:,}",
        "flow": account_tables.flow(),
        "dashboard-month": f"${PRICES[Item.DASHBOARD_MONTH].usd:.2f} a month",
        "secret-month": f"${PRICES[Item.SECRET_MONTH].usd:.2f} a month",
        "kms-requests": f"${PRICES[Item.KMS_REQUEST].usd:.2f} for {PRICES[Item.KMS_REQUEST].per:,} requests",
        "write-price": f"{PRICES[Item.WRITE].usd:g}",
        "message-above": f"{PRICES[Item.WEBSOCKET_MESSAGE].usd_above:.2f}",
        "beats-with-prompt": answer_tables.writes(BEATS_OF_A_MINUTE * UNITS_WITH_PROMPT),
        "beats-alone": answer_tables.writes(BEATS_OF_A_MINUTE),
        "prices": account_tables.prices(),
    }
