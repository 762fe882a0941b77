"""Checks of the HTTP API: it is there, gives tickets, and knows which pages may call it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.shared.cors import HEADERS, METHODS
from tools.smoke.calls import call, expect
from tools.smoke.findings import FailedError
from tools.smoke.site import FOREIGN_ORIGIN

if TYPE_CHECKING:
    import httpx

    from tools.smoke.site import Site

TICKETS = "/api/chat/connection-tickets"
PROMPTS = "/api/chat/generate-response"


async def health(site: Site) -> str:
    """See that the HTTP API answers."""
    reply = await call(site, "GET", "/health", with_token=False)
    expect(reply, 200, "GET /health")
    return f"GET /health is answered 200 at {site.http_url}."


async def ticket(site: Site) -> str:
    """See that the token is accepted, and that tickets lead to this stack's sockets."""
    issued = expect(await call(site, "POST", TICKETS), 201, "The request for a ticket")
    if not isinstance(issued.get("ticket"), str) or not issued["ticket"]:
        raise FailedError("A ticket was issued, but there is none in the reply.")
    if issued.get("websocket_url") != site.websocket_url:
        raise FailedError(
            f"Tickets send browsers to {issued.get('websocket_url')!r}, but the stack's WebSocketUrl is "
            f"{site.websocket_url!r}: deploy again."
        )
    anonymous = await call(site, "POST", TICKETS, with_token=False)
    if anonymous.status_code != 401:
        raise FailedError(f"Without a token, a ticket is answered {anonymous.status_code}, not 401.")
    return f"A ticket for {site.user_id} was issued; without a token there is none (401)."


async def preflight(site: Site) -> str:
    """See that a page's browser is allowed to call, and another page's is not."""
    reply = await _preflight(site, site.origin)
    if not reply.is_success:
        raise FailedError(
            f"A preflight of {site.origin} is answered {reply.status_code}, so pages cannot call."
        )
    allowed = reply.headers.get("access-control-allow-origin")
    if allowed != site.origin:
        raise FailedError(f"A preflight of {site.origin} allows {allowed!r}, so its browser does not call.")
    for name, wanted in (("headers", HEADERS), ("methods", METHODS)):
        lacking = {each.lower() for each in wanted} - _listed(reply, f"access-control-allow-{name}")
        if lacking:
            raise FailedError(f"A preflight does not allow the {name} {', '.join(sorted(lacking))}.")
    foreign = await _preflight(site, FOREIGN_ORIGIN)
    if foreign.headers.get("access-control-allow-origin") in {"*", FOREIGN_ORIGIN}:
        raise FailedError(f"A preflight allows {FOREIGN_ORIGIN}, a page that is in no list.")
    return f"A preflight of {site.origin} is answered {reply.status_code} with what the clients send."


async def refused_page(site: Site) -> str:
    """See that a call from another page is refused, whatever CORS says."""
    reply = await call(site, "POST", TICKETS, headers={"Origin": FOREIGN_ORIGIN})
    problem = expect(reply, 403, f"A call from {FOREIGN_ORIGIN}")
    if problem.get("code") != 4003:
        raise FailedError(f"A call from another page is refused with code {problem.get('code')!r}, not 4003.")
    return "A call from a page that is not allowed is refused with 403 and code 4003."


async def _preflight(site: Site, origin: str) -> httpx.Response:
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": ",".join(HEADERS).lower(),
    }
    return await call(site, "OPTIONS", PROMPTS, with_token=False, headers=asked)


def _listed(reply: httpx.Response, header: str) -> set[str]:
    return {each.strip().lower() for each in reply.headers.get(header, "").split(",")}
