"""The bodies of the HTTP API. `GenerateRequest` is the function's own; the rest are its answers."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from functions.generate.problems import Problem, TooMany
from functions.generate.requests import GenerateRequest, Name
from functions.shared.errors import Refused
from functions.shared.generations.failures import Failure
from functions.shared.generations.model import Status, Usage
from tools.api_docs.messages import Count, GenerationId, Moment, Open, Timed, one_of

__all__ = ["GenerateRequest"]

CODES = [
    kind.code
    for parent in (Refused, Problem, TooMany)
    for kind in parent.__subclasses__()
    if kind is not TooMany
]
Secret = Annotated[str, Field(pattern="^[A-Za-z0-9_-]{43}$")]


class Named(Timed):
    """About one generation."""

    generation_id: GenerationId
    user_id: Name
    chat_id: Name


class Accepted(Named):
    """A prompt was accepted: it will end as completed, failed or cancelled."""

    status: Annotated[str, one_of("queued")]


class Cancelling(Named):
    """A cancellation was accepted; the status is the one right now."""

    status: Annotated[str, one_of(*Status)]


class GenerationState(Named):
    """A generation, with its text from `offset` on."""

    status: Annotated[str, one_of(*Status)]
    attempt: Count
    """The attempt that `text` belongs to; 0 before the first one began."""
    offset: Count
    """Unicode code points of this attempt's text before `text`."""
    text: str
    next_offset: Count
    """Where `text` ends: the offset to go on from."""
    has_more: bool
    """Whether more is stored than one reply may carry: ask again with `next_offset` and this `attempt`."""
    length: Count
    """Unicode code points that are stored so far, from offset 0."""
    model: str
    finish_reason: str | None
    usage: Usage | None
    error: str | None
    """A sentence for people, once failed."""
    code: Annotated[str | None, one_of(*(failure.code for failure in Failure), None)]
    retryable: bool | None
    created_at: Moment


class TicketIssued(Open):
    """A ticket opens one socket, from the same origin, for the same user."""

    ticket: Secret
    expires_in: Annotated[int, Field(ge=1)]
    """Seconds."""
    websocket_url: str
    """Where to open the socket, with `?ticket=`."""


class OpenConnection(Open):
    """A socket."""

    connection_id: str
    origin: str | None
    """The page that opened it; null for a client that is no page."""
    connected_at: Moment
    expires_at: Moment
    """When it is closed at the latest."""


class Connections(Timed):
    """The user's open sockets, the oldest first."""

    user_id: Name
    connections: list[OpenConnection]
    maximum: Count
    """How many a user may have."""


class ConnectionsClosed(Timed):
    """Sockets that were closed."""

    user_id: Name
    closed: list[str]
    """Their connection ids."""


class Health(Timed):
    """The function runs."""

    status: Annotated[str, one_of("ok")]


class Complaint(Open):
    """One field that is not as it must be."""

    field: str
    message: str


class ProblemDetails(Open):
    """An error (RFC 9457)."""

    type: str
    title: str
    status: Annotated[int, Field(ge=400, le=599)]
    detail: str
    """A sentence for people."""
    code: Annotated[int | str, one_of(*CODES)]
    """A number with the meaning of a close code of the socket, or a word."""
    errors: list[Complaint] = Field(default_factory=list)
    """Each field and its rule, with `invalid`."""
    allowed: list[str] = Field(default_factory=list)
    """The methods that exist, with `method_not_allowed`."""
    retry_after: Count = 0
    """Seconds until asking again may help, with `rate_limited` and `too_many_at_once`."""


class GatewayMessage(Open):
    """An answer that API Gateway gives by itself."""

    message: str
