"""Checks of sockets: a ticket opens one, keep-alives are answered, and a subprotocol is negotiated."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from tools.smoke.calls import call, expect
from tools.smoke.checks.http import TICKETS
from tools.smoke.findings import FailedError
from tools.smoke.refused import USED, refusal
from tools.smoke.sockets import opened

if TYPE_CHECKING:
    from tools.smoke.site import Site

SUBPROTOCOL = "framestream.v1"


async def socket(site: Site) -> str:
    """See that a ticket opens a socket, and only one."""
    url = await _ticket_url(site)
    async with opened(site, url=url) as first:
        await first.say("heartbeat")
    if await refusal(site, USED, url=url) is None:
        raise FailedError("The same ticket opened a second socket: it must work once.")
    return f"A ticket opens a socket at {site.websocket_url}, and does not open a second one."


async def heartbeat(site: Site) -> str:
    """See that keep-alives are answered, so that posts to sockets arrive."""
    async with opened(site) as socket:
        connected = await socket.say("heartbeat")
        if connected.get("status") != "connected" or not connected.get("connection_id"):
            raise FailedError(f"The first heartbeat is answered {_shown(connected)}, not connected.")
        _check_expiry(site, connected.get("expires_at"))
        for kind, wanted in (("heartbeat", "alive"), ("ping", "pong")):
            answer = await socket.say(kind)
            if wanted not in {answer["type"], answer.get("status")}:
                raise FailedError(f"A later {kind} is answered {_shown(answer)}, not {wanted}.")
    return f"Keep-alives are answered; this socket would have lived until {connected['expires_at']}."


async def subprotocol(site: Site) -> str:
    """See that a browser without a ticket call may bring its token as a subprotocol."""
    site.only_on_aws("the emulator never negotiates a subprotocol")
    async with opened(site, subprotocols=[SUBPROTOCOL, f"bearer.{site.token}"]) as socket:
        if socket.subprotocol != SUBPROTOCOL:
            chosen = "nothing" if socket.subprotocol is None else "something else"
            raise FailedError(
                f"The handshake chose {chosen} among the subprotocols, not {SUBPROTOCOL}: browsers that "
                "offer some will not open."
            )
        await socket.say("heartbeat")
    return f"A token in the subprotocol opens a socket, and {SUBPROTOCOL} alone is echoed."


async def _ticket_url(site: Site) -> str:
    issued = expect(await call(site, "POST", TICKETS), 201, "The request for a ticket")
    return f"{issued['websocket_url']}?{urlencode({'ticket': issued['ticket']})}"


def _check_expiry(site: Site, expires_at: object) -> None:
    try:
        until = datetime.fromisoformat(str(expires_at))
    except ValueError:
        raise FailedError(
            f"`connected` says that the socket expires at {expires_at!r}, which is no time."
        ) from None
    if until <= site.began:
        raise FailedError(f"`connected` says that the socket expired at {expires_at}: is this clock right?")


def _shown(message: dict[str, object]) -> str:
    return " ".join(str(message[name]) for name in ("type", "status", "code") if name in message)
