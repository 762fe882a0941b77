"""Finds and cancels the generations of one user."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.generate.problems import NotFound

if TYPE_CHECKING:
    from datetime import datetime

    from functions.generate.ports import Archive, ChatSubmissions, Transitions
    from functions.generate.queueing import Queueing
    from functions.shared.generations.model import Generation


@dataclass(frozen=True, slots=True, kw_only=True)
class UserGenerations:
    """The generations of all users; another user's looks exactly like none."""

    transitions: Transitions
    submissions: ChatSubmissions
    queueing: Queueing
    archive: Archive

    def find(self, generation_id: str, *, user_id: str, now: datetime) -> Generation:
        """Return a user's generation.

        Raises:
            NotFound: If there is none, it is another user's, or its chat was deleted.
        """
        generation = self.archive.find(generation_id, now=now)
        if generation is None or generation.user_id != user_id or generation.is_deleted:
            raise NotFound("There is no such generation.")
        return generation

    def cancel(self, generation_id: str, *, user_id: str, now: datetime) -> None:
        """Stop a generation; one that has ended stays as it is.

        Raises:
            NotFound: If there is none, or it is another user's.
        """
        generation = self.find(generation_id, user_id=user_id, now=now)
        if generation.status.is_final or generation.cancel_requested:
            return
        if generation.waits and self.submissions.leave(generation, now=now):
            return
        if ended := self.submissions.cancel(generation, now=now):
            if ended.following:
                self.queueing.queue_released(ended.following, now=now)
        else:
            self.transitions.request_cancel(generation_id)
