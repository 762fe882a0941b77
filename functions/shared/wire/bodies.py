"""The bodies of the HTTP API that are about no chat: attachments, sockets, usage, models and health."""

from typing import Annotated, TypedDict

from functions.shared.wire.fields import (
    AttachmentId,
    Count,
    Micros,
    Moment,
    Name,
    Positive,
    TicketSecret,
    one_of,
)
from functions.shared.wire.messages import Timed


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
