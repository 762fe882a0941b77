"""The messages of the socket: the forms are written here, words and codes come from the code that sends."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from functions.generate.requests import Name
from functions.shared.errors import Refused
from functions.shared.generations.failures import Failure
from functions.shared.generations.model import Usage
from functions.shared.wire.messages import Closing

RFC3339 = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"


def one_of(*values: str | int | None) -> Any:
    """A field that holds one of these, each once, in this order."""
    return Field(json_schema_extra={"enum": list(dict.fromkeys(values))})


Moment = Annotated[str, Field(pattern=RFC3339, json_schema_extra={"format": "date-time"})]
GenerationId = Annotated[str, Field(pattern="^[0-9a-f]{32}$")]
Count = Annotated[int, Field(ge=0)]
FailureCode = Annotated[str, one_of(*(failure.code for failure in Failure))]
RefusalCode = Annotated[int, one_of(*(refusal.code for refusal in Refused.__subclasses__()))]


class Open(BaseModel):
    """What the server says: fields may be added, and a client ignores those that it does not know."""

    model_config = ConfigDict(extra="allow", use_attribute_docstrings=True)


class Timed(Open):
    """Every message tells its time."""

    timestamp: Moment


class OfGeneration(Timed):
    """A message about one answer."""

    user_id: Name
    chat_id: Name
    generation_id: GenerationId
    attempt: Annotated[int, Field(ge=1)]
    """A higher attempt voids the text of the lower ones."""


class LlmStatus(OfGeneration):
    """How far an answer is."""

    type: Literal["llm_status"]
    status: Literal[
        "queued", "started", "processing", "thinking", "streaming", "completed", "failed", "cancelled"
    ]
    message: str
    """For people."""


class ThinkingFrame(Open):
    """The model was asked and has not begun to answer."""

    status: Literal["thinking"]
    message: str
    progress: Literal["indeterminate"]


class StreamingFrame(Open):
    """A piece of the answer's text."""

    status: Literal["streaming"]
    delta: Annotated[str, Field(min_length=1)]
    offset: Count
    """Unicode code points of this attempt's text before `delta`."""
    progress: Literal["indeterminate"]


class LlmFrame(OfGeneration):
    """A piece of the answer, or the news that there is none yet."""

    type: Literal["llm_frame"]
    frame: ThinkingFrame | StreamingFrame


class ResponseData(Timed):
    """The whole answer."""

    event: Literal["response_generated"]
    user_id: Name
    chat_id: Name
    generation_id: GenerationId
    response: str | None
    """Null if it does not fit into one message; the frames, or the HTTP call, brought it then."""
    model: str
    finish_reason: str | None
    usage: Usage | None
    length: Count
    """Unicode code points of the answer."""


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
    code: Annotated[int, one_of(*(closing.value[0] for closing in Closing))]


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


class Ping(BaseModel):
    """A keep-alive. Other fields are ignored."""

    type: Literal["ping"]


class Heartbeat(BaseModel):
    """A keep-alive. Other fields are ignored."""

    type: Literal["heartbeat"]


Models: TypeAlias = "tuple[type[BaseModel], ...]"
ANSWERS: Models = (LlmStatus, LlmFrame, LlmResponse, LlmError)
REPLIES: Models = (SystemConnected, SystemAlive, SystemClosing, SystemRejected, SystemRateLimited, Pong)
SIGNS: Models = (Ping, Heartbeat)
