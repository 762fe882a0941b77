"""How instants are written: RFC 3339 for people, epoch numbers for conditions."""

from __future__ import annotations

from datetime import UTC, datetime


def rfc3339(moment: datetime) -> str:
    """Write an instant in UTC with milliseconds and a `Z` (RFC 3339 §5.6)."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def epoch_seconds(moment: datetime) -> int:
    """Whole seconds since 1970, the unit of DynamoDB's TTL."""
    return int(moment.timestamp())


def epoch_milliseconds(moment: datetime) -> int:
    """Whole milliseconds since 1970, cut off as `rfc3339` does: what was stored is told as it was told."""
    return int(moment.timestamp()) * 1000 + moment.microsecond // 1000
