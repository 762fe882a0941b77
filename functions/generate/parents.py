"""Finds what a new answer is asked after: the answer that a prompt follows, or the one that is made anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.generate.problems import Busy, NotFound, unusable
from functions.generate.prompt_request import Parent

if TYPE_CHECKING:
    from datetime import datetime

    from functions.generate.ports import Archive
    from functions.generate.requests import GenerateRequest
    from functions.shared.generations.model import Generation

NO_PARENT = "must be an answer of this chat, or `root`"


def parent_of(asked: GenerateRequest, archive: Archive, *, now: datetime) -> Parent | None:
    """Find the answer that a prompt follows; None for the one that is the last when its turn comes.

    Raises:
        Invalid: If there is no such answer in its chat.
    """
    if asked.parent_id is None:
        return None
    if asked.parent_id == "root":
        return Parent()
    found = archive.find(asked.parent_id, now=now)
    if found is None or (found.user_id, found.chat_id) != (asked.user_id, asked.chat_id):
        raise unusable("parent_id", NO_PARENT)
    if not found.status.is_final:
        return None
    if found.is_deleted or not found.number:
        raise unusable("parent_id", NO_PARENT)
    return Parent(found.generation_id, found.number)


def check_answered(former: Generation) -> None:
    """Check that a question has an answer, beside which another can be made.

    Raises:
        Busy: If it is being made.
        NotFound: If there is none.
    """
    if not former.status.is_final:
        raise Busy("This answer is being made.", generation_id=former.generation_id)
    if former.withdrawn or not former.prompt_number:
        raise NotFound("There is no such answer.")
