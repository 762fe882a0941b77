"""The bodies of the HTTP API about one generation: its acceptance, its state, and the form of its answer."""

from typing import Annotated, Any, Literal, NotRequired, TypeAlias, TypedDict

from functions.shared.generations.model import Status
from functions.shared.wire.fields import (
    FAILURE_CODES,
    Count,
    GenerationId,
    Keywords,
    MessageId,
    Micros,
    Moment,
    Name,
    Positive,
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
