"""What the worker needs of the world: the state machine, what is stored, who listens, and a way to them.

An adapter of one AWS service stands behind each; tests have theirs in memory. The port of the model is in
`model`, beside what its adapters give and raise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from functions.shared.errors import FramestreamError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime, timedelta

    from functions.shared.attachments.model import Attachment
    from functions.shared.budgets.model import LedgerLine
    from functions.shared.chats.model import ChatMessage, Ended, Summary
    from functions.shared.connections.model import Connection
    from functions.shared.generations.claims import Claim
    from functions.shared.generations.model import Generation, Outcome
    from functions.shared.generations.parts import StoredPart
    from functions.shared.generations.response_format import ResponseFormat
    from functions.shared.queue_message import ReceivedMessage
    from functions.worker.context import Context
    from functions.worker.delivery import Delivery
    from functions.worker.model_reader import ModelReader


class ConnectionGone(FramestreamError):
    """The socket has closed, or its handshake has not ended yet (410)."""


class Throttled(FramestreamError):
    """The account posts too much, or this client reads too slowly (429): the gateway does not say which."""


class PostFailed(FramestreamError):
    """No answer, or an unexpected one. The frame may have arrived all the same."""


class PostTooLarge(PostFailed):
    """The frame is larger than a socket takes (413)."""


class ContentStopped(FramestreamError):
    """A deployment's own function stopped a prompt or an answer."""


class Content(Protocol):
    """What a deployment's own function says about prompts and answers. It raises ContentStopped."""

    async def context(self, generation: Generation, context: Context) -> Context: ...
    def reader(self, reader: ModelReader, generation: Generation) -> ModelReader: ...


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
    def finish(
        self,
        generation: Generation,
        attempt: int,
        outcome: Outcome,
        lines: Sequence[LedgerLine] = (),
        *,
        now: datetime,
    ) -> Ended: ...
    def following(self, generation: Generation, *, now: datetime) -> str:
        """Returns what its end has let out of the chat's queue; empty if nothing."""

    def note_announced(self, generation_id: str) -> None: ...
    def save(self, generation: Generation, attempt: int, offset: int, text: str) -> None: ...
    def save_parts(self, generation: Generation, attempt: int, pieces: Sequence[StoredPart]) -> None: ...


class Archive(Protocol):
    """Where it is read what the user asked, and what is stored of an attempt's answer."""

    def prompt(self, generation: Generation) -> str: ...
    def response_format(self, generation: Generation) -> ResponseFormat | None: ...
    def text(self, generation: Generation) -> str: ...
    def parts(self, generation: Generation) -> list[StoredPart]: ...


class Chats(Protocol):
    """What was said in a generation's chat, and summaries of it. All raise Unavailable in an outage."""

    def messages(
        self, generation: Generation, *, until: int, page: int, now: datetime
    ) -> Iterator[ChatMessage]: ...
    def text(self, answer: ChatMessage) -> str: ...
    def summary(self, generation: Generation, number: int, *, now: datetime) -> Summary | None: ...
    def summaries(
        self, generation: Generation, *, after: int, until: int, now: datetime
    ) -> list[Summary]: ...
    def put_summary(self, generation: Generation, summary: Summary) -> None: ...


class AttachmentArchive(Protocol):
    """What questions were sent with. Raises Unavailable in an outage."""

    def find(self, generation: Generation, attachment_id: str) -> Attachment | None: ...
    def content(self, attachment: Attachment) -> bytes | None: ...


class Registry(Protocol):
    """Who listens. Raises Unavailable in an outage."""

    def of_user(self, user_id: str, *, now: datetime) -> list[Connection]: ...
    def release(self, connection_id: str) -> bool: ...


class Posts(Protocol):
    """How a frame is sent. Raises ConnectionGone, Throttled or PostFailed if it was not."""

    async def post(self, connection_id: str, data: bytes) -> None: ...


class Queue(Protocol):
    """Where messages wait. Its calls raise Unavailable while it does not answer."""

    def receive(self, most: int, *, wait: int, hidden_for: timedelta) -> list[ReceivedMessage]: ...
    def change_visibility(self, receipt_handle: str, duration: timedelta) -> None: ...
    def delete(self, receipt_handle: str) -> None: ...


class Receive(Protocol):
    """How a worker receives messages itself: it waits for them, for a second at most."""

    async def __call__(self, most: int) -> list[Delivery]:
        """Wait for messages. Raises Unavailable if the queue does not answer."""


class Room(Protocol):
    """How much more a worker can do."""

    def left(self, answers: int) -> int:
        """Return how many more answers a worker can take that is making so many."""


class Submissions(Protocol):
    """Where a generation that left its chat's queue gets a message."""

    def send(self, generation_id: str) -> None:
        """Raises Unavailable if the message may not have been taken."""
