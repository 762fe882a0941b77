"""What the load client and the processor's meter need to know of a running stack."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """A stack that is up."""

    name: str
    websocket_url: str
    http_url: str
    origin: str
    jwt_secret: str = field(repr=False)
    parts: Mapping[int, str]
    """The processes whose time is counted, with all that they start, and the part that each of them is."""

    def for_client(self) -> dict[str, str]:
        return {
            "websocket_url": self.websocket_url,
            "http_url": self.http_url,
            "origin": self.origin,
            "jwt_secret": self.jwt_secret,
        }
