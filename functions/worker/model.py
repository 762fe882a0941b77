"""A language model as the worker sees it: pieces of an answer, or one failure. It knows no provider."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

from functions.shared.errors import FramestreamError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator

    from functions.shared.generations.failures import Failure
    from functions.shared.generations.model import Usage
    from functions.shared.models.row import ModelRow
    from functions.worker.conversation import Conversation
    from functions.worker.settings import WorkerSettings

    ReadSecret = Callable[[str], Awaitable[str]]
    """Reads a secret by its name or ARN."""


@dataclass(frozen=True, slots=True)
class Extra:
    """What belongs to an answer beside its text: a JSON document, whole."""

    kind: Literal["source", "data"]
    text: str = field(repr=False)
    """Of a source `{"url", "title"?, "snippet"?}`, of data `{"name", "value"}`."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What one event of the stream brought; a piece without anything is a keep-alive.

    If it brought several things, they follow each other as reasoning, text, extras.
    """

    text: str = field(default="", repr=False)
    is_reasoning: bool = False
    """Whether the model is reasoning, where it does not say what: it has begun all the same."""
    finish_reason: str | None = None
    """The model's own word for why it stopped; never an empty one."""
    usage: Usage | None = None
    is_done: bool = False
    """Whether the server said explicitly that the stream is over."""
    events: int = field(default=1, compare=False)
    """How many events of the stream its text came in."""
    reasoning: str = field(default="", repr=False)
    extras: tuple[Extra, ...] = ()


class ModelFailed(FramestreamError):
    """The model did not give a whole answer.

    Args:
        failure: What to tell the user.
        broke_off: Whether the stream had begun.
        worth_retrying: Whether the same request may succeed in a moment.
        retry_after: Seconds that the server asked to wait.
        status: The HTTP status, or the number that stood for it inside a stream.
        provider_code: The provider's own code for the error, if it looks like one; never its sentence.
        error: The class of the SDK's or the transport's error.
    """

    def __init__(
        self,
        failure: Failure,
        *,
        broke_off: bool,
        worth_retrying: bool = False,
        retry_after: float | None = None,
        status: int | None = None,
        provider_code: str | None = None,
        error: str = "",
    ) -> None:
        super().__init__(failure.code)
        self.failure = failure
        self.broke_off = broke_off
        self.worth_retrying = worth_retrying
        self.retry_after = retry_after
        self.status = status
        self.provider_code = provider_code
        self.error = error


class Model(Protocol):
    """Where text comes from."""

    def pieces(self, conversation: Conversation, *, model: str) -> AsyncGenerator[Piece]:
        """Yield the pieces of an answer as they come.

        Leaving the generator early ends the request. A stream that just ends is the caller's to judge:
        without a `finish_reason` or `is_done` it has broken off. It must wait between pieces, or no
        other answer goes on and none can be stopped. `usage` counts all that the model was sent, and the
        answer keeps to `llm_max_output_tokens`.

        Raises:
            ModelFailed: If the model refused, failed, or broke off.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """What a deployment's rows need of one provider."""

    make: Callable[[ModelRow, WorkerSettings, ReadSecret], Model]
    """Makes a row's model, with the settings as they are for it."""
    trace_attributes: Callable[[WorkerSettings], dict[str, str]]
    """What a trace says of its calls: provider and server, by OpenTelemetry's names."""


class AnswerStream(Protocol):
    """Reads the bytes of one answer; both raise ModelFailed."""

    def feed(self, chunk: bytes) -> Iterator[Piece]:
        """Yield what these bytes bring."""
        ...

    def end(self) -> Iterator[Piece]:
        """Yield what is left."""
        ...
