"""Which pages may talk to us."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OriginAllowList:
    """The pages that may open a socket or call the HTTP API.

    An Origin is compared whole with each entry. Browsers send exactly one serialisation of an origin
    (RFC 6454 §6.2: lower-case scheme and host, no default port, no path), so anything else is not a page of
    ours, whatever it might be normalised to. The deployment checks that entries have this form.
    """

    allowed: frozenset[str]
    missing_is_allowed: bool = False

    def allows(self, origin: str | None) -> bool:
        """Say whether a request with this Origin header (None: without one) may go on."""
        if origin is None:
            return self.missing_is_allowed
        return origin in self.allowed
