"""What the worker needs of the world: the state machine, what is stored, who listens, and a way to them.

An adapter of one AWS service stands behind each; tests have theirs in memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from functions.shared.errors import FramestreamError

if TYPE_CHECKING:
    from datetime import datetime

    from functions.shared.connections.model import Connection
    from functions.shared.generations.claims import Claim
    from functions.shared.generations.model import Generation, Outcome


class ConnectionGone(FramestreamError):
    """The socket has closed, or its handshake has not ended yet (410)."""


class Throttled(FramestreamError):
    """The account posts too much, or this client reads too slowly (429): the gateway does not say which."""


class PostFailed(FramestreamError):
    """No answer, or an unexpected one. The frame may have arrived all the same."""


class PostTooLarge(PostFailed):
    """The frame is larger than a socket takes (413)."""


class Transitions(Protocol):
    """Where it is decided who works on a generation, and how it ended.

    `beat`, `look`, `restart`, `release` and `finish` raise Fenced if the generation is another attempt's or
    ended. All raise Unavailable in an outage, and WriteRefused if the write itself is wrong.
    """

    def claim(
        self,
        generation_id: str,
        *,
        owner: str,
        message_id: str,
        lease_until: datetime,
        max_attempts: int,
        now: datetime,
    ) -> Claim | None: ...
    def beat(self, generation_id: str, attempt: int, *, lease_until: datetime) -> bool: ...
    def look(self, generation_id: str, attempt: int) -> bool: ...
    def restart(self, generation: Generation, attempt: int) -> int: ...
    def release(self, generation_id: str, attempt: int) -> None: ...
    def finish(self, generation: Generation, attempt: int, outcome: Outcome) -> None: ...
    def note_announced(self, generation_id: str) -> None: ...
    def save(self, generation: Generation, attempt: int, offset: int, text: str) -> None: ...


class Archive(Protocol):
    """Where it is read what the user asked, and what is stored of an attempt's answer."""

    def prompt(self, generation: Generation) -> str: ...
    def text(self, generation: Generation) -> str: ...


class Registry(Protocol):
    """Who listens. Raises Unavailable in an outage."""

    def of_user(self, user_id: str, *, now: datetime) -> list[Connection]: ...
    def release(self, connection_id: str) -> bool: ...


class Posts(Protocol):
    """How a frame is sent. Raises ConnectionGone, Throttled or PostFailed if it was not."""

    async def post(self, connection_id: str, data: bytes) -> None: ...
