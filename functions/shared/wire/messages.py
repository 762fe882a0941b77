"""Every message of the socket: what the functions send, and what a client may say.

The functions build these as plain dicts, which the type checker compares with these types. They import this
module for the type checker alone, so that no handshake pays for it. docs/api and the types of the JavaScript
client are made from it. A message that is in none of the unions at the end is not in the contract.
"""

from typing import Annotated, Literal, NotRequired, TypeAlias, TypedDict

from functions.shared.wire.fields import (
    AttachmentId,
    CloseCode,
    Count,
    FailureCode,
    GenerationId,
    Keywords,
    MessageId,
    Micros,
    Moment,
    Name,
    Positive,
    RefusalCode,
    Title,
)


class Timed(TypedDict):
    """Every message tells its time."""

    timestamp: Moment


class OfGeneration(Timed):
    """A message about one answer."""

    user_id: Name
    chat_id: Name
    generation_id: GenerationId
    attempt: Positive
    """A higher attempt voids the text of the lower ones."""


StatusWord: TypeAlias = Literal[
    "queued", "started", "processing", "thinking", "streaming", "completed", "failed", "cancelled"
]


class LlmStatus(OfGeneration):
    """How far an answer is."""

    type: Literal["llm_status"]
    status: StatusWord
    message: str
    """For people."""
    chat_version: NotRequired[Positive]
    """With the last status of an answer: the version of the chat that its end made."""


class ThinkingFrame(TypedDict):
    """The model was asked and has not begun to answer."""

    status: Literal["thinking"]
    message: str
    progress: Literal["indeterminate"]


class StreamingFrame(TypedDict):
    """A piece of the answer's text."""

    status: Literal["streaming"]
    delta: Annotated[str, Keywords(minLength=1)]
    offset: Count
    """Unicode code points of this attempt's text before `delta`."""
    progress: Literal["indeterminate"]
    model: NotRequired[str]
    """The model that answers, if the one that was asked for was not available."""


class LlmFrame(OfGeneration):
    """A piece of the answer, or the news that there is none yet."""

    type: Literal["llm_frame"]
    frame: ThinkingFrame | StreamingFrame


PartKind: TypeAlias = Literal["reasoning", "source", "data"]
"""Others may come; `tool-call` is reserved."""


class PartDelta(TypedDict):
    """A piece of a part. An answer is a list of parts; the text between two others is one of them."""

    index: Count
    """Its place among the answer's parts, those of text counted too."""
    kind: PartKind
    """Reasoning is text; sources and data are JSON documents. Ignore a kind that you do not know."""
    delta: Annotated[str, Keywords(minLength=1)]
    """A document comes whole: of a source `{"url", "title"?, "snippet"?}`, of data `{"name", "value"}`."""
    offset: Count
    """Unicode code points of this part before `delta`."""
    text_offset: Count
    """Unicode code points of the answer's text before this part."""


class LlmPart(OfGeneration):
    """A piece of what belongs to an answer beside its text."""

    type: Literal["llm_part"]
    part: PartDelta


class Usage(TypedDict):
    """Tokens, as the model's provider counted them."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    cached_tokens: NotRequired[Count]
    """How many of the prompt's tokens the provider had in its cache, if it says so."""
    reasoning_tokens: NotRequired[Count]
    """How many of the completion's tokens were reasoning, if the provider says so."""


class ContextSeen(TypedDict):
    """What the model saw of the conversation before the question."""

    turns: Count
    """Questions with their answers, word for word."""
    summarised: Count
    """Turns before these, of which it saw a summary."""
    dropped: Count
    """Turns of which it saw nothing: they did not fit."""


class ResponseData(Timed):
    """The whole answer."""

    event: Literal["response_generated"]
    user_id: Name
    chat_id: Name
    generation_id: GenerationId
    response: str | None
    """Null if it does not fit into one message; the frames, or the HTTP call, brought it then."""
    model: str
    """The model that has answered."""
    finish_reason: str | None
    usage: Usage | None
    length: Count
    """Unicode code points of the answer."""
    cost: NotRequired[Micros | None]
    """Millionths of a dollar; null if the model has no price."""
    context: NotRequired[ContextSeen | None]
    """Null, or not there, if the prompt stood alone."""
    budget_warning: NotRequired[bool]
    """There if the answer to the POST said so."""


class LlmResponse(OfGeneration):
    """An answer is complete."""

    type: Literal["llm_response"]
    data: ResponseData


class LlmError(OfGeneration):
    """An answer could not be given."""

    type: Literal["llm_error"]
    error: str
    """A sentence for people."""
    code: FailureCode
    retryable: bool
    """Whether asking again may help."""


ChatEventWord: TypeAlias = Literal[
    "prompt",
    "regenerate",
    "queued",
    "queue_edited",
    "unqueued",
    "queue_resumed",
    "title",
    "deleted",
]


class ChatEvent(Timed):
    """A chat changed. Each version of a chat is told by one of these, or by an answer's last status."""

    type: Literal["chat_message"]
    user_id: Name
    chat_id: Name
    version: Positive
    """The chat's version that the change made. If one in between is missing, ask for the messages since."""
    event: ChatEventWord
    """`prompt`: a question is being answered; `regenerate`: one is being answered anew."""
    message_id: MessageId | None
    """The question."""
    parent_id: MessageId | None
    """The answer that the question follows; null for the first question of a chat."""
    generation_id: GenerationId | None
    """The answer to come, or the waiting prompt."""
    text: str | None
    """The question, or the waiting prompt; null if it does not fit into a message."""
    title: Title | None
    position: NotRequired[Count | None]
    """How many prompts wait before this one, with `queued` and `queue_edited`."""
    attachments: NotRequired[list[AttachmentId]]
    """What the question was asked with, if anything; with `prompt`."""


class System(Timed):
    """About the connection itself."""

    type: Literal["system"]
    message: str
    """For people."""


class SystemConnected(System):
    """The answer to the first keep-alive."""

    status: Literal["connected"]
    connection_id: str
    expires_at: Moment
    """When the server ends this connection at the latest."""


class SystemAlive(System):
    """The answer to a heartbeat."""

    status: Literal["alive"]


class SystemClosing(System):
    """The server is about to close this connection, with 1000: API Gateway has no other code for it."""

    status: Literal["closing"]
    code: CloseCode


class SystemRejected(System):
    """A message was not carried out; also the body of a refused handshake."""

    status: Literal["rejected"]
    code: RefusalCode


class SystemRateLimited(System):
    """Too many messages in this minute."""

    status: Literal["rate_limited"]
    code: Literal[4429]


class Pong(Timed):
    """The answer to a ping."""

    type: Literal["pong"]


class Ping(TypedDict):
    """A keep-alive. Other fields are ignored."""

    type: Literal["ping"]


class Heartbeat(TypedDict):
    """A keep-alive. Other fields are ignored."""

    type: Literal["heartbeat"]


GenerationMessage: TypeAlias = LlmStatus | LlmFrame | LlmPart | LlmResponse | LlmError
SystemMessage: TypeAlias = SystemConnected | SystemAlive | SystemClosing | SystemRejected | SystemRateLimited
Message: TypeAlias = GenerationMessage | ChatEvent | SystemMessage | Pong
ClientMessage: TypeAlias = Ping | Heartbeat
