"""Checks of refused handshakes: of other pages, beyond the cap, and what of a refusal reaches the client."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, suppress
from typing import TYPE_CHECKING

from tools.smoke.calls import call, expect
from tools.smoke.checks import sockets
from tools.smoke.checks.http import TICKETS
from tools.smoke.findings import FailedError, NotApplicableError
from tools.smoke.refused import CAP, CODES, PAGE, STATUSES, refusal
from tools.smoke.site import FOREIGN_ORIGIN
from tools.smoke.sockets import RefusedError, opened

if TYPE_CHECKING:
    from tools.smoke.site import Site


async def refused_origin(site: Site) -> str:
    """See that another page gets no socket."""
    if await refusal(site, PAGE, origin=FOREIGN_ORIGIN) is None:
        raise FailedError(f"A socket opened for {FOREIGN_ORIGIN}, a page that is in no list.")
    return "A handshake from a page that is not allowed is refused."


async def refused_cap(site: Site) -> str:
    """See that a user who holds the most sockets gets no more, and is told so by the ticket call."""
    if site.setting("connect", "CONNECTION_POLICY", "reject") != "reject":
        raise NotApplicableError("the oldest socket gives way here (connection_policy), and none is refused")
    most = int(site.setting("connect", "CONNECTIONS_PER_USER", "3"))
    async with AsyncExitStack() as held:
        for number in range(1, most + 1):
            await _hold(site, held, f"Socket {number} of {most}")
        if await refusal(site, CAP) is None:
            raise FailedError(f"{site.user_id} holds more than {most} sockets: the cap does not hold.")
        problem = expect(await call(site, "POST", TICKETS), 429, f"A ticket beside {most} open sockets")
    if problem.get("code") != 4429:
        raise FailedError(
            f"The ticket beside {most} sockets is refused with {problem.get('code')!r}, not 4429."
        )
    return f"{most} sockets open, one more is refused, and so is a ticket (429, code 4429)."


async def _hold(site: Site, held: AsyncExitStack, which: str) -> None:
    """Open a socket and keep it; one that was closed a moment ago may still take its place."""
    for is_last in (False, False, True):
        try:
            await held.enter_async_context(opened(site))
        except RefusedError as error:
            if is_last:
                raise FailedError(
                    f"{which} was refused ({error}): has {site.user_id} others open? See "
                    f"`python -m tools connections list {site.user_id}`."
                ) from error
            await asyncio.sleep(site.pause)
        else:
            return


async def refusal_status(site: Site) -> str:
    """See that the status of a refused handshake reaches the client."""
    site.only_on_aws("the emulator answers 403 to every refused handshake")
    refusals = await _refusals(site)
    for reason, error in refusals.items():
        if error.status != STATUSES[reason]:
            raise FailedError(
                f"A handshake with {reason} is refused with {error.status}, not {STATUSES[reason]}: clients "
                "that go by the status will do the wrong thing."
            )
    return "Refused handshakes carry their status: " + ", ".join(str(STATUSES[r]) for r in refusals) + "."


async def refusal_body(site: Site) -> str:
    """See that the body of a refused handshake reaches the client; AWS does not promise it."""
    site.only_on_aws("the emulator answers refused handshakes without a body")
    refusals = await _refusals(site)
    for reason, error in refusals.items():
        if error.code != CODES[reason]:
            told = "without a body of ours" if error.code is None else f"with code {error.code!r}"
            raise FailedError(
                f"A handshake with {reason} is refused {told}, not with code {CODES[reason]}. Our clients go "
                "by the status then; leave this check out (--without refusal-body) once you have told us."
            )
    return "Refused handshakes carry their code: " + ", ".join(str(CODES[r]) for r in refusals) + "."


async def _refusals(site: Site) -> dict[str, RefusedError]:
    """Return the refusals of the checks before, or have some now."""
    if not site.memory.refusals:
        await sockets.socket(site)
        await refused_origin(site)
        with suppress(NotApplicableError):
            await refused_cap(site)
    return site.memory.refusals
