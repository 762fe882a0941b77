"""The check of domains of your own: they resolve, and lead to this stack."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tools.smoke.calls import call, expect
from tools.smoke.findings import FailedError, NotApplicableError
from tools.smoke.sockets import opened

if TYPE_CHECKING:
    from tools.smoke.site import Site

TARGETS = {"HttpDomainTarget": "HttpUrl", "WebSocketDomainTarget": "WebSocketUrl"}
"""What a record must point to, and the address that has the domain, by the stack's outputs."""


async def custom_domain(site: Site) -> str:
    """See that each domain has a record, and that calls and sockets work through it."""
    outputs = site.deployment.outputs
    own = {
        urlsplit(outputs[url]).hostname or "": outputs[target]
        for target, url in TARGETS.items()
        if target in outputs
    }
    if not own:
        raise NotApplicableError("this deployment has no domain of its own (http_domain, websocket_domain)")
    for host, target in own.items():
        if not await _resolves(host):
            raise FailedError(f"{host} does not resolve: make a CNAME record that points to {target}.")
    expect(await call(site, "GET", "/health", with_token=False), 200, f"GET {site.http_url}/health")
    async with opened(site) as connection:
        await connection.say("heartbeat")
    return f"{' and '.join(own)} lead to this stack, and posts come back through them."


async def _resolves(host: str) -> bool:
    try:
        return bool(await asyncio.get_running_loop().getaddrinfo(host, 443, type=socket.SOCK_STREAM))
    except OSError:
        return False
