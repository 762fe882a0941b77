"""Whether a request came through the edge: CloudFront adds a word that nobody else knows.

Without it, who finds out a gateway's own address would go round CloudFront's firewall.
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
    """The only way in, where a deployment has one."""

    secrets: Callable[[datetime], Sequence[str]] | None
    """What CloudFront may say: the current word, and the previous one while it changes. None: no edge."""

    def check(self, event: dict[str, Any], *, now: datetime) -> None:
        """Let pass what came through the edge; without one, everything.

        Raises:
            Forbidden: If the request came another way.
        """
        if self.secrets is None:
            return
        said = (only(event, "headers", HEADER) or "").encode(errors="replace")
        if not any(compare_digest(said, word.encode()) for word in self.secrets(now)):
            raise Forbidden("edge")

    def source_ip(self, event: dict[str, Any], *, peer: str | None) -> str | None:
        """Return who asked, for a log: the gateway's peer, or behind an edge the peer of CloudFront.

        A request that was refused for coming another way may have written here what it liked.
        """
        if self.secrets is None:
            return peer
        forwarded = (event.get("headers") or {}).items()
        hops = [
            hop for name, value in forwarded if name.lower() == "x-forwarded-for" for hop in value.split(",")
        ]
        # Each adds who called it: CloudFront the client, and then the gateway CloudFront.
        return hops[-2].strip() if len(hops) > 1 else peer
