"""What requests about chats say: their titles, and prompts that wait."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated
from urllib.parse import unquote

from functions.generate.problems import NotFound
from functions.generate.requests import NAME, SAYS_SOMETHING, TEXT, Text
from functions.shared.wire.fields import Keywords

if TYPE_CHECKING:
    from functions.generate.requests import Rule

LONGEST_TITLE = 200
JOINERS = {"\u200c", "\u200d"}
"""They show nothing themselves, and are part of words and of emoji."""


def _title_complaint(value: str) -> str | None:
    if not value:
        return "String should have at least 1 character"
    if len(value) > LONGEST_TITLE:
        return f"String should have at most {LONGEST_TITLE} characters"
    if not all(each.isprintable() or each in JOINERS for each in value):
        return "must be printable text in one line"
    if not re.search(SAYS_SOMETHING, value):
        return "must not be blank"
    return None


# Like a name's format, "line" is too long for a pattern.
Title = Annotated[str, Keywords(minLength=1, maxLength=LONGEST_TITLE, pattern=SAYS_SOMETHING, format="line")]
TITLE: dict[str, Rule] = {"rule": _title_complaint}


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleChange:
    """The body that renames a chat. It is kept as it is written."""

    title: Title = field(metadata=TITLE, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptChange:
    """The body that changes a prompt that waits."""

    prompt: Text = field(metadata=TEXT, repr=False)


def chat_id_in(path: str) -> str:
    """Read a chat's id from a path, in which it is percent-encoded.

    Raises:
        NotFound: If no chat can have this id.
    """
    chat_id = unquote(path)
    if NAME["rule"](chat_id) is not None:
        raise NotFound("There is no such chat.")
    return chat_id
