"""The bodies that tell an error (RFC 9457)."""

from typing import Annotated, Literal, NotRequired, TypeAlias, TypedDict, get_args

from functions.shared.wire.fields import REFUSAL_CODES, GenerationId, Keywords, Moment, Positive, one_of


class Complaint(TypedDict):
    """One field that is not as it must be."""

    field: str
    message: str


ProblemWord: TypeAlias = Literal[
    "malformed",
    "origin_required",
    "not_found",
    "method_not_allowed",
    "prompt_too_large",
    "unsupported_media_type",
    "invalid",
    "idempotency_key_reused",
    "busy",
    "stale_parent",
    "rate_limited",
    "too_many_at_once",
    "budget_exceeded",
]


class ProblemCore(TypedDict):
    """What every problem tells."""

    type: str
    title: str
    status: Annotated[int, Keywords(minimum=400, maximum=599)]
    detail: str
    """A sentence for people."""
    code: Annotated[int | str, one_of([*REFUSAL_CODES, *get_args(ProblemWord)])]
    """A number with the meaning of a close code of the socket, or a word."""


class ProblemFacts(TypedDict):
    """What some problems tell besides their sentence."""

    errors: NotRequired[list[Complaint]]
    """Each field and its rule, with `invalid`."""
    allowed: NotRequired[list[str]]
    """The methods that exist, with `method_not_allowed`."""
    retry_after: NotRequired[Annotated[int, Keywords(minimum=0, default=0)]]
    """Seconds until asking again may help, with `rate_limited`, `too_many_at_once` and `budget_exceeded`."""
    generation_id: NotRequired[GenerationId]
    """The answer that is being made, with `busy`."""
    chat_version: NotRequired[Positive]
    """The chat's version, with `stale_parent`."""
    resets_at: NotRequired[Moment]
    """When the budget begins anew, with `budget_exceeded`."""
    limit: NotRequired[str]
    """Which limit, with `budget_exceeded`."""


class ProblemDetails(ProblemCore, ProblemFacts):
    """An error (RFC 9457)."""


class GatewayMessage(TypedDict):
    """An answer that API Gateway gives by itself."""

    message: str
