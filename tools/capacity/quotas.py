"""What AWS allows an account in one Region: as documented, or as Service Quotas tells."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Self

from functions.shared.errors import SettingsError
from tools.capacity import limits
from tools.sdk import CLIENT

if TYPE_CHECKING:
    from collections.abc import Mapping

    import boto3

CODES = {
    "executions": ("lambda", "L-B99A9384"),
    "requests_per_second": ("apigateway", "L-8A5B8E43"),
    "new_sockets_per_second": ("apigateway", "L-9ED1E49A"),
}
"""Those that are asked for by a code; Service Quotas lists the others by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotas:
    """An account's quotas in one Region; the defaults are documented as of November 2026."""

    executions: float = limits.LAMBDA_CONCURRENCY
    requests_per_second: float = limits.POSTS_PER_SECOND
    """Of all its API Gateway APIs, posts to sockets included."""
    new_sockets_per_second: float = limits.NEW_SOCKETS_PER_SECOND
    table_writes_per_second: float = 40_000
    """Units, of one on-demand table. A new one takes 4,000 and doubles with its load."""
    table_reads_per_second: float = 40_000
    messages_in_flight: float = 120_000
    """Of one standard queue: received and not yet deleted."""

    def with_raised(self, given: Mapping[str, str]) -> Self:
        """Return them with some replaced.

        Raises:
            SettingsError: If there is none of that name, or the value is no number above 0.
        """
        known = [each.name for each in fields(self)]
        values = {}
        for name, text in given.items():
            if name not in known:
                raise SettingsError(f"There is no quota {name!r}; there are: {', '.join(known)}.")
            if not text.isdecimal() or not int(text):
                raise SettingsError(f"The quota {name} is {text!r}, but it must be a whole number above 0.")
            values[name] = float(text)
        return replace(self, **values)

    def times(self, factor: float) -> Self:
        """Return them all raised by a factor."""
        return replace(self, **{each.name: factor * getattr(self, each.name) for each in fields(self)})


def of_account(session: boto3.Session) -> Quotas:
    """Ask Service Quotas for those that have a code.

    Raises:
        ClientError: If these credentials may not ask.
    """
    client: Any = session.client("service-quotas", config=CLIENT)
    found = {
        name: client.get_service_quota(ServiceCode=service, QuotaCode=code)["Quota"]["Value"]
        for name, (service, code) in CODES.items()
    }
    return Quotas(**found)


def how_to_raise(name: str) -> str:
    """Return the command that asks AWS for more, or where it is asked for by hand."""
    if name not in CODES:
        return "ask AWS's support"
    service, code = CODES[name]
    return (
        f"aws service-quotas request-service-quota-increase --service-code {service} --quota-code {code} "
        "--desired-value N"
    )
