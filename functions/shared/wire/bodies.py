"""Every body that the HTTP API answers with, as the routes build and return it."""

from typing import Annotated, Any, Literal, NotRequired, TypeAlias, TypedDict, get_args

from functions.shared.generations.model import Status
from functions.shared.wire.fields import (
    FAILURE_CODES,
    REFUSAL_CODES,
    AttachmentId,
    Count,
    GenerationId,
    Keywords,
    MessageId,
    Micros,
    Moment,
    Name,
    Positive,
    TicketSecret,
    one_of,
)
from functions.shared.wire.messages import ContextSeen, PartKind, Timed, Usage


class JsonSchema(TypedDict):
    """A JSON Schema for an answer."""

    name: Annotated[str, Keywords(pattern="^[A-Za-z0-9_-]{1,64}$")]
    schema: dict[str, Any]
    """Of its `$schema`, or of draft 2020-12. References lead to places in it; patterns do not look around."""
    description: NotRequired[str | None]
    strict: NotRequired[bool | None]
    """Whether the provider is asked to let the model write nothing else; not all can."""


class JsonObjectFormat(TypedDict):
    """Any JSON object."""

    type: Literal["json_object"]


class JsonSchemaFormat(TypedDict):
    """JSON that is valid under a schema. 16 KB at most."""

    type: Literal["json_schema"]
    json_schema: JsonSchema


ResponseFormat: TypeAlias = JsonObjectFormat | JsonSchemaFormat
"""The form of an answer."""


class Named(Timed):
    """About one generation."""

    generation_id: GenerationId
    user_id: Name
    chat_id: Name


class Accepted(Named):
    """A prompt was accepted: it will end as completed, failed or cancelled."""

    status: Annotated[str, one_of([Status.QUEUED])]
    message_id: NotRequired[MessageId]
    """The question."""
    parent_id: NotRequired[MessageId | None]
    """The answer that the question follows; null for the first question of a chat."""
    chat_version: NotRequired[Positive]
    """The version of the chat that the acceptance made."""
    waits: NotRequired[bool]
    """Whether it waits in the chat's queue for the answer that is being made."""
    position: NotRequired[Count | None]
    """How many prompts were before it in the queue then; null if it does not wait, or no longer does."""
    budget_warning: NotRequired[bool]
    """Whether with it four fifths of the user's budget for the day or month are used or held."""


class Cancelling(Named):
    """A cancellation was accepted; the status is the one right now."""

    status: Status


class TextPart(TypedDict):
    """A stretch of the answer's text, which stands in `text`."""

    index: Count
    """Its place among the answer's parts."""
    kind: Literal["text"]
    text_offset: Count
    """Where it begins, in Unicode code points of the answer's text."""
    length: Count
    """Unicode code points."""


class StoredPart(TypedDict):
    """A part of an answer other than its text, as far as it is stored."""

    index: Count
    """Its place among the answer's parts."""
    kind: PartKind
    text_offset: Count
    """Unicode code points of the answer's text before it."""
    text: str | None
    """The reasoning, or a JSON document. Null if it is not kept, or too large for a reply."""


class GenerationState(Named):
    """A generation, with its text from `offset` on."""

    status: Status
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
    code: Annotated[str | None, one_of([*FAILURE_CODES, None])]
    retryable: bool | None
    created_at: Moment
    parent_message_id: NotRequired[MessageId | None]
    """The question; null for an answer of an older release."""
    chat_version: NotRequired[Positive | None]
    """The version of the chat that its acceptance made or, once it has ended, its end."""
    waits: NotRequired[bool]
    """Whether it waits in the chat's queue."""
    cost: NotRequired[Micros | None]
    """Millionths of a dollar; null before the end, and if the model has no price."""
    context: NotRequired[ContextSeen | None]
    """What the model saw of the conversation, once it has ended."""
    answered_by: NotRequired[str]
    """The model that has answered, if it is not `model`, which was asked for and was not available."""
    parts: NotRequired[list[TextPart | StoredPart]]
    """All parts of this attempt in their order, whatever `offset` is; only if there are others than text."""


class Upload(TypedDict):
    """A form of several parts (multipart/form-data): all fields, and then the content as `file`."""

    url: str
    fields: dict[str, str]


class AttachmentOffered(TypedDict):
    """An attachment that may be uploaded."""

    attachment_id: AttachmentId
    upload: Upload
    expires_in: Positive
    """Seconds that the form may be used for."""


class AttachmentShown(TypedDict):
    """An attachment that was uploaded, and where its content is to be had without a token."""

    attachment_id: AttachmentId
    name: str
    media_type: str
    size: Positive
    """Bytes."""
    url: str
    expires_in: Positive
    """Seconds that the address is good for."""


class TicketIssued(TypedDict):
    """A ticket opens one socket, from the same origin, for the same user."""

    ticket: TicketSecret
    expires_in: Positive
    """Seconds."""
    websocket_url: str
    """Where to open the socket, with `?ticket=`."""


class OpenConnection(TypedDict):
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


class Period(TypedDict):
    """What one user has used in a day or month, what is held for answers under way, and the limits."""

    period: str
    """Such as `2026-11-27` or `2026-11`, in UTC."""
    used_tokens: Count
    held_tokens: Count
    limit_tokens: Count | None
    used_cost: Micros
    """Millionths of a dollar, as are all costs."""
    held_cost: Micros
    limit_cost: Micros | None
    resets_at: Moment
    is_warned: bool
    """Whether four fifths of a limit are used or held."""


class UserUsage(Timed):
    """What the user has used today and this month."""

    user_id: Name
    day: Period
    month: Period


class ModelPrice(TypedDict):
    """Millionths of a dollar for a million tokens."""

    input: Micros
    cached_input: Micros
    output: Micros


class Model(TypedDict):
    """A model that a prompt may name."""

    name: str
    is_default: bool
    """Whether it answers prompts that name none."""
    context_tokens: Positive | None
    """How many tokens a prompt may take with earlier turns and its answer; null if that is not told."""
    output_tokens: Positive | None
    """How many tokens an answer may have; null if it is not limited."""
    price: ModelPrice | None
    """Null if it is not known."""
    accepts: list[str]
    """What a prompt may hold: `text`, and perhaps `image` and `file`; ignore others."""
    structured_output: bool
    """Whether its server keeps to a JSON Schema; otherwise the answer is only checked."""


class Models(Timed):
    """The models that a prompt may name."""

    models: list[Model]
    default: str
    """The one that answers prompts that name none."""


class Health(Timed):
    """The function runs."""

    status: Annotated[str, one_of(["ok"])]


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
