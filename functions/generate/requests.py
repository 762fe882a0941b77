"""What a prompt's request asks for, and the rules of its fields."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, TypeAlias

from functions.generate.attachment_ids import AttachmentIds, id_complaints
from functions.generate.response_formats import format_complaints, response_format
from functions.shared.wire.fields import Keywords
from functions.shared.wire.generation_bodies import ResponseFormat  # noqa: TC001  read for the documents of the API

if TYPE_CHECKING:
    from collections.abc import Callable


LONGEST_NAME = 128
_NOT_SEEN = (
    r"\s\x00-\x20\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f"
    r"\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    # No way to write these is known to all languages, so they stand for themselves.
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""White space, control characters, and what Unicode calls default ignorable: alone, they show nothing."""
SAYS_SOMETHING = f"[^{_NOT_SEEN}]"
Rule: TypeAlias = "Callable[[str], str | None]"
"""Says what is wrong with a text; None if nothing is."""


def _name_complaint(value: str) -> str | None:
    if not value:
        return "String should have at least 1 character"
    if len(value) > LONGEST_NAME:
        return f"String should have at most {LONGEST_NAME} characters"
    if not value.isprintable() or value != value.strip():
        return "must be printable text without outer spaces"
    return None


def _text_complaint(value: str) -> str | None:
    if not re.search(SAYS_SOMETHING, value):
        return "must not be blank"
    if any("\ud800" <= character <= "\udfff" for character in value):
        return "must not contain half of a surrogate pair"  # JSON can write it, UTF-8 cannot
    return None


def _parent_complaint(value: str) -> str | None:
    return None if re.fullmatch("[0-9a-f]{32}|root", value) else "must be an answer's id, or `root`"


def one_of(*words: str) -> dict[str, Rule]:
    """One of these words."""
    complaint = f"must be one of: {', '.join(words)}"
    return {"rule": lambda value: None if value in words else complaint}


# What Python calls printable depends on Unicode's version: too long for a pattern.
Name = Annotated[str, Keywords(minLength=1, maxLength=LONGEST_NAME, format="printable")]
Text = Annotated[str, Keywords(pattern=SAYS_SOMETHING)]
Parent = Annotated[str, Keywords(pattern="^([0-9a-f]{32}|root)$")]
OnBusy = Annotated[str, Keywords(enum=["reject", "queue", "interrupt"])]
OnStale = Annotated[str, Keywords(enum=["fork", "reject"])]
NAME: dict[str, Rule] = {"rule": _name_complaint}
TEXT: dict[str, Rule] = {"rule": _text_complaint}
FORMAT = {"complaints": format_complaints}
ATTACHMENTS = {"complaints": id_complaints}
PARENT: dict[str, Rule] = {"rule": _parent_complaint}


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerateRequest:
    """The body of `POST /api/chat/generate-response`. Fields that are not listed are ignored."""

    user_id: Name = field(metadata=NAME)
    chat_id: Name = field(metadata=NAME)
    prompt: Text = field(metadata=TEXT, repr=False)
    model: Name | None = field(metadata=NAME, default=None)
    parent_id: Parent | None = field(metadata=PARENT, default=None)
    """The answer that the prompt follows, or `root`; without it, the last one of the chat."""
    on_busy: OnBusy | None = field(metadata=one_of("reject", "queue", "interrupt"), default=None)
    """What to do if an answer of the chat is being made; `reject` unless it says so."""
    on_stale: OnStale | None = field(metadata=one_of("fork", "reject"), default=None)
    """What to do if `parent_id` is not the last answer any more; `fork` unless it says so."""
    response_format: ResponseFormat | None = field(metadata=FORMAT, default=None, repr=False)
    """The form in which the answer is wanted; without it, any text."""
    attachments: AttachmentIds | None = field(metadata=ATTACHMENTS, default=None)
    """Attachments of this chat that were uploaded: the model is given them with the prompt."""

    @property
    def wanted(self) -> str:
        """The format as it is kept; empty without one."""
        kept = response_format(self.response_format)
        return kept.text if kept else ""

    def fingerprint(self) -> str:
        """Hash the request, to tell requests apart that came with the same Idempotency-Key."""
        attached = ",".join(self.attachments or ())
        more = filter(None, (self.parent_id, self.on_busy, self.wanted, attached))
        return _hash(self.chat_id, self.prompt, self.model, *more)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegenerateRequest:
    """The body of `POST /api/chat/generations/{id}/regenerate`. Fields that are not listed are ignored."""

    user_id: Name = field(metadata=NAME)
    model: Name | None = field(metadata=NAME, default=None)
    """Without it, the model of the answer before."""
    on_busy: OnBusy | None = field(metadata=one_of("reject", "queue", "interrupt"), default=None)
    """What to do if an answer of the chat is being made; `reject` unless it says so."""

    def fingerprint(self, generation_id: str) -> str:
        """Hash the request, to tell requests apart that came with the same Idempotency-Key."""
        return _hash("regenerate", generation_id, self.model, *filter(None, (self.on_busy,)))


def _hash(*content: str | None) -> str:
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()
