"""Handshakes that must be refused: which there are, and how one is tried."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.smoke.sockets import RefusedError, opened

if TYPE_CHECKING:
    from tools.smoke.site import Site

STATUSES = {"a ticket that was used": 401, "another page": 403, "one socket too many": 429}
CODES = {"a ticket that was used": 4001, "another page": 4003, "one socket too many": 4429}
USED, PAGE, CAP = STATUSES


async def refusal(
    site: Site, reason: str, *, url: str | None = None, origin: str | None = None
) -> RefusedError | None:
    """Try to open a socket that must be refused, and keep the refusal for other checks."""
    try:
        async with opened(site, url=url, origin=origin):
            return None
    except RefusedError as error:
        site.memory.refusals[reason] = error
        return error
