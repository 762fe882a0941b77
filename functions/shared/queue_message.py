"""A message of the queue between accepting a prompt and answering it. It carries ids, never prompts.

Messages of other releases may wait in the queue: an upgrade and a rollback both leave some. A message may get
more fields, which older workers ignore. A change that an older worker must not overlook gets a version of its
own; such a message comes back until a worker reads it that knows the version.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime

VERSION = 2
"""What we send."""
READABLE = (1, 2)
"""What we can work on: what we send, and what the release before this one sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedMessage:
    """A message as the queue gave it; it comes back unless it is deleted."""

    message_id: str
    receipt_handle: str
    body: str = field(repr=False)
    receive_count: int
    sent_at: datetime | None = None


def message_of(generation_id: str) -> str:
    """Write a message that asks for a generation to be worked on."""
    return json.dumps({"version": VERSION, "generation_id": generation_id})


def sent_at(milliseconds: str | None) -> datetime | None:
    """Read SentTimestamp: when the queue took a message; None where it does not tell."""
    if milliseconds is None:
        return None
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)


def generation_id_from(body: str) -> str:
    """Read a message.

    Raises:
        ValueError: If this is no message of ours, or of a version that we do not know.
    """
    message = json.loads(body)
    if not isinstance(message, dict) or message.get("version") not in READABLE:
        raise ValueError("not a message of a known version")
    generation_id = message.get("generation_id")
    if not isinstance(generation_id, str) or not generation_id:
        raise ValueError("the message names no generation")
    return generation_id
