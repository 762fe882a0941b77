"""What the HTTP API needs of the world: the state machine, what is stored, what was asked for, and a queue.

An adapter of one AWS service stands behind each; tests have theirs in memory. Sockets and tickets are in
`functions.shared.connections.ports`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime, timedelta

    from functions.generate.attachment_requests import AttachmentRequest
    from functions.generate.attachments import Download, Offer
    from functions.generate.limits import RecentRequests
    from functions.generate.prompt_request import Placed, Recorded
    from functions.shared.attachments.model import Attachment, Stored
    from functions.shared.budgets.limits import BudgetLimits
    from functions.shared.budgets.model import Standing
    from functions.shared.chats.model import Chat, ChatMessage, Ended
    from functions.shared.deletion_message import DeletionReminder
    from functions.shared.generations.model import Generation
    from functions.shared.generations.parts import StoredPart
    from functions.shared.generations.response_format import ResponseFormat

Argument = TypeVar("Argument")
Returned = TypeVar("Returned")


class Transitions(Protocol):
    """How a request changes a generation: `functions.shared.generations.transitions` says when it may."""

    def requeue(self, generation_id: str, *, now: datetime) -> bool: ...
    def note_queued(self, generation_id: str, *, now: datetime) -> None: ...
    def note_unqueued(self, generation_id: str) -> None: ...
    def request_cancel(self, generation_id: str) -> bool: ...
    def delete(self, generation_id: str, *, is_ended: bool) -> None: ...


class ChatHeads(Protocol):
    """Where the heads of chats are read."""

    def head(self, user_id: str, chat_id: str, *, now: datetime) -> Chat | None: ...


class ChatSubmissions(Protocol):
    """What requests change of a chat, together with a generation of it and its hold."""

    def accept(self, placed: Placed, *, now: datetime) -> Recorded | None:
        """Returns what is recorded; None if the chat is not as it was read. Raises BudgetExceeded."""

    def cancel(self, generation: Generation, *, now: datetime) -> Ended | None:
        """Returns None if a worker has begun, or it has ended."""

    def leave(self, generation: Generation, *, now: datetime) -> bool:
        """Returns False if it does not wait any more."""

    def withdraw(self, generation: Generation, *, now: datetime) -> bool:
        """Returns False if a worker has it, or a message of it was confirmed."""


class Archive(Protocol):
    """Where generations are read."""

    def find(self, generation_id: str, *, now: datetime) -> Generation | None: ...


class Formats(Protocol):
    """Where it is read in which form answers are wanted."""

    def response_format(self, generation: Generation) -> ResponseFormat | None:
        """Returns None if that is any text, or is not kept any more."""


class Attachments(Protocol):
    """What is known of attachments."""

    def put(self, attachment: Attachment) -> None: ...
    def find(self, user_id: str, chat_id: str, attachment_id: str, *, now: datetime) -> Attachment | None: ...


class AttachmentBucket(Protocol):
    """Where they are uploaded to. Its calls raise Unavailable."""

    @property
    def url(self) -> str: ...
    def form(
        self, key: str, media_type: str, size: int, *, lifetime: timedelta, now: datetime
    ) -> dict[str, str]: ...
    def address(self, key: str, name: str, media_type: str, *, lifetime: timedelta, now: datetime) -> str: ...
    def read(self, key: str, *, most: int | None = None) -> Stored | None: ...


class Attaching(Protocol):
    """Which attachments a prompt is sent with."""

    def offer(self, user_id: str, chat_id: str, asked: AttachmentRequest, /, *, now: datetime) -> Offer:
        """Raises NotFound, Invalid, TooManyThisMinute."""

    def download(self, user_id: str, chat_id: str, attachment_id: str, /, *, now: datetime) -> Download:
        """Raises NotFound."""

    def named(
        self, user_id: str, chat_id: str, ids: Sequence[str], /, *, model: str, now: datetime
    ) -> tuple[Attachment, ...]:
        """Raises Invalid."""


class Texts(Protocol):
    """Where the text of an answer is read."""

    def pieces(self, generation: Generation | ChatMessage, offset: int) -> Iterator[tuple[int, str]]: ...
    def length(self, generation: Generation) -> int: ...
    def parts(self, generation: Generation) -> list[StoredPart]: ...


class Standings(Protocol):
    """How a user's budget stands."""

    def standing(self, user_id: str, *, claim: BudgetLimits | None, now: datetime) -> Standing: ...


class Chats(Protocol):
    """Where chats are read."""

    def head(self, user_id: str, chat_id: str, *, now: datetime) -> Chat | None: ...
    def heads(self, user_id: str, *, now: datetime) -> Iterator[Chat]: ...
    def messages(
        self,
        user_id: str,
        chat_id: str,
        *,
        after: int = 0,
        until: int = ...,
        newest_first: bool = False,
        page: int | None = None,
        now: datetime,
    ) -> Iterator[ChatMessage]: ...
    def waiting_prompt(
        self, user_id: str, chat_id: str, generation_id: str, *, now: datetime
    ) -> str | None: ...


class Queue(Protocol):
    """Where workers look for work."""

    def send(self, generation_id: str) -> None:
        """Raises Unavailable if the message may not have been taken."""

    def remind(self, generation_id: str) -> None:
        """Send a reminder alone. Raises Unavailable if it may not have been taken."""

    def send_again(self, generation_id: str) -> None:
        """Send what has a reminder. Raises Unavailable if the message may not have been taken."""


class RequestRecords(Protocol):
    """Where it is kept what each user asked for lately."""

    def read(self, user_id: str) -> RecentRequests: ...

    def add(
        self, user_id: str, name: str, *, per_minute: int, at_once: int | None, now: datetime
    ) -> RecentRequests | None:
        """Add a request if the limits allow it. Returns None, or else the record as it is now."""

    def replace(self, user_id: str, recent: RecentRequests, *, now: datetime) -> RecentRequests | None:
        """Replace the version before this one. Returns None, or else the record as it is now."""


class Ends(Protocol):
    """Where a request is looked up that may have ended."""

    def has_ended(self, name: str, *, since: datetime, now: datetime) -> bool: ...


class Limits(Protocol):
    """How much one user may ask for."""

    def admit(self, user_id: str, name: str, *, now: datetime) -> None:
        """Raises TooMany."""


class Requeue(Protocol):
    """How a generation gets another message."""

    def requeue(self, generation_id: str, *, now: datetime) -> None:
        """Does nothing if it got one lately."""


class Deletions(Protocol):
    """What is done about a chat that was deleted."""

    def look(self, reminder: DeletionReminder, *, now: datetime) -> bool:
        """Returns False if it is to be looked at again."""


class HasPrompt(Protocol):
    """A body with a prompt."""

    @property
    def prompt(self) -> str: ...


class AtOnce(Protocol):
    """Calls a function with each argument, and returns what came out, in their order."""

    def __call__(
        self, function: Callable[[Argument], Returned], arguments: Iterable[Argument], /
    ) -> list[Returned]: ...
