"""The functions that clients reach, wired together in this process: one table, one gateway, one secret."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from functions.connect import handler as connect
from functions.generate import handler as generate
from functions.generate import wiring
from functions.message import handler as message
from tests.support.events import Context, connect_event, http_event, message_event
from tests.support.tokens import token

if TYPE_CHECKING:
    from tests.support.gateway import Gateway

PATH = "/api/chat/generate-response"
WIRED = (
    *(connect.edge, connect.admission, connect.measurements),
    *(wiring.edge, wiring.api, wiring.measurements, message.measurements),
    *(message.settings, message.recently_closed, message.counts, message.sockets),
)


@dataclass
class FunctionsInProcess:
    """Opens sockets, calls and speaks; every user and connection is a new one, unless it is named."""

    gateway: Gateway
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def new(self, kind: str) -> str:
        """A unique name."""
        return f"{kind}_{next(self._numbers)}"

    def handshake(self, user: str, **changes: Any) -> dict[str, Any]:
        """Open a socket."""
        signed = token(at=datetime.now(UTC), sub=user)
        valid = {"query": [("user_id", user), ("token", signed)], "connection_id": self.new("c")}
        return connect.handler(connect_event(**valid | changes), Context())

    def call(self, method: str, path: str, user: str | None, **request: Any) -> dict[str, Any]:
        """Ask the HTTP API."""
        signed = token(at=datetime.now(UTC), sub=user) if user else None
        return generate.handler(http_event(method, path, **{"token": signed} | request), Context())

    def ask(self, user: str, **changes: Any) -> dict[str, Any]:
        """Hand in a prompt."""
        body = {"user_id": user, "chat_id": "chat_1", "prompt": "Tell me about otters"} | changes
        return self.call("POST", PATH, user, body=body)

    def asked(self, user: str) -> str:
        """Hand in a prompt and return the generation's id."""
        generation_id: str = json.loads(self.ask(user)["body"])["generation_id"]
        return generation_id

    def say(self, body: str, connection_id: str) -> dict[str, Any]:
        """Send a message over a socket."""
        return message.handler(message_event(body, connection_id=connection_id), Context())


def forget_wiring() -> None:
    """Let the next call begin cold."""
    for wired in WIRED:
        wired.cache_clear()
