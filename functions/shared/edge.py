"""Checks that a request came through the edge: CloudFront adds a secret to each.

Without this check, anyone who learns the gateway's own URL bypasses the firewall.
"""

from __future__ import annotations

from dataclasses import dataclass
from hmac import compare_digest
from typing import TYPE_CHECKING, Any

from functions.shared.errors import Forbidden
from functions.shared.gateway_events import only

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

HEADER = "x-origin-verify"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """The only way to the gateways, where a deployment has an edge."""

    secrets: Callable[[datetime], Sequence[str]] | None
    """Accepted values of x-origin-verify: the current secret and, in a rotation, the last. None: no edge."""

    def check(self, event: dict[str, Any], *, now: datetime) -> None:
        """Accept a request that came through the edge; without an edge, every request.

        Raises:
            Forbidden: If the request came another way.
        """
        if self.secrets is None:
            return
        said = (only(event, "headers", HEADER) or "").encode(errors="replace")
        if not any(compare_digest(said, secret.encode()) for secret in self.secrets(now)):
            raise Forbidden("edge")

    def source_ip(self, event: dict[str, Any], *, peer: str | None) -> str | None:
        """Return the client's address, for a log: the gateway's peer; behind an edge, CloudFront's peer.

        If the request was refused for bypassing the edge, the sender chose the value.
        """
        if self.secrets is None:
            return peer
        forwarded = (event.get("headers") or {}).items()
        hops = [
            hop for name, value in forwarded if name.lower() == "x-forwarded-for" for hop in value.split(",")
        ]
        # Each adds who called it: CloudFront the client, and then the gateway CloudFront.
        return hops[-2].strip() if len(hops) > 1 else peer
