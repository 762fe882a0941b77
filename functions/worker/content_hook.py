"""What a deployment's own function is told of a prompt or an answer, and what it may say.

The setting `content_hook` names the function. It takes a `Content` and returns None to let it pass, STOP to
end the answer, or, for a prompt, a text that the model is asked instead. It may be `async`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Final, Literal, NamedTuple


class Stop(Enum):
    """The word with which the function ends an answer."""

    STOP = "stop"


STOP: Final = Stop.STOP


class Attached(NamedTuple):
    """A file that the model is given with a prompt."""

    name: str
    """As its user called it."""
    media_type: str
    """Such as image/png; the file's first bytes are those of this type."""
    size: int
    """Bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A prompt before the model is asked, or a piece of an answer before it is shown."""

    kind: Literal["prompt", "answer"]
    text: str = field(repr=False)
    """The prompt; or what is new of the answer since the call before."""
    before: str = field(default="", repr=False)
    """The answer until there, which was let pass."""
    is_earlier: bool = False
    """Whether it is an earlier prompt of the chat, which the model is told again: say the same as then."""
    attachments: tuple[Attached, ...] = field(default=(), repr=False)
    """What a prompt is sent with."""
    user_id: str
    chat_id: str
    generation_id: str
    model: str
