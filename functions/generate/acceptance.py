"""Decides what becomes of a prompt in its chat: it is answered now, waits, interrupts, or is refused.

One answer of a chat is made at a time. A prompt names the answer that it follows. If the chat has gone on
since, it begins a branch beside what has come, or is refused, as it says: nothing is ever overwritten.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from functions.generate.problems import Busy, StaleParent
from functions.generate.prompt_request import (
    OnBusy,
    OnStale,
    Parent,
    Placed,
    PromptRequest,
    Recorded,
    ReferenceGone,
)
from functions.shared.budgets.refusals import BudgetExceeded
from functions.shared.chats.heads import begun, enqueued, started
from functions.shared.errors import Unavailable
from functions.shared.retry import Retry

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from functions.generate.ports import Archive, ChatHeads, ChatSubmissions, Ends, Queue
    from functions.shared.chats.model import Chat
    from functions.shared.generations.model import Generation

CONTENDED = Retry(attempts=8, first=0.04, longest=0.64)
"""Transactions for one prompt; each failure means that its chat was changed by another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """Accepts prompts."""

    chats: ChatHeads
    submissions: ChatSubmissions
    archive: Archive
    queue: Queue
    ends: Ends
    sleep: Callable[[float], None] = time.sleep

    def accept(self, asked: PromptRequest, *, now: datetime) -> Recorded:
        """Record a prompt, in its chat and against its user's budget.

        Returns the recorded generation: this one, or the one that was accepted under its id before.

        Raises:
            Busy: If an answer is being made, and the prompt neither waits nor interrupts.
            ReferenceGone: If what it answers anew, or follows, was deleted.
            StaleParent: If the prompt follows an answer that is not the last, and says so.
            BudgetExceeded: If it may cost more than is left.
            Unavailable: If others changed the chat again and again; asking again is safe.
        """
        try:
            return self._accepted(asked, now)
        except (Busy, StaleParent, BudgetExceeded, ReferenceGone):
            # A request with the same key that was faster is what makes the chat busy, or fills the budget.
            if recorded := self._recorded_meanwhile(asked, now):
                return recorded
            raise

    def _accepted(self, asked: PromptRequest, now: datetime) -> Recorded:
        for _ in CONTENDED.tries(self.sleep):
            placed = self._placed(asked, now)
            if placed.after.waiting:
                # The request that others wait for, this or one before, may die before it sends a message.
                self.queue.remind(placed.after.running)
            recorded = self.submissions.accept(placed, now=now)
            # What was in the way may be the transaction of a request with the same key.
            if recorded := recorded or self._recorded_meanwhile(asked, now):
                return recorded
        raise Unavailable("chat_contended")

    def _recorded_meanwhile(self, asked: PromptRequest, now: datetime) -> Recorded | None:
        found = self.archive.find(asked.generation.generation_id, now=now)
        return None if found is None or found.withdrawn else Recorded(found, is_new=False)

    def _placed(self, asked: PromptRequest, now: datetime) -> Placed:
        generation = asked.generation
        before = self.chats.head(generation.user_id, generation.chat_id, now=now)
        chat = before
        if chat is None or chat.is_deleted:
            chat = begun(generation, asked.prompt, former=before)
        _check_place(asked, chat)
        is_busy = bool(chat.running) and not self.ends.has_ended(chat.running, since=chat.updated_at, now=now)
        if asked.on_stale is OnStale.REJECT and _is_stale(asked.parent, chat, is_busy=is_busy):
            raise StaleParent("The chat has gone on. Read its messages.", chat_version=chat.version)
        if not is_busy:
            parent = asked.parent or Parent(chat.leaf, chat.leaf_number)
            after = started(chat, generation)
            placed = _answered_now(asked, parent, after)
            return Placed(before=before, after=after, generation=placed, asked=asked, parent=parent)
        if asked.on_busy is OnBusy.REJECT:
            raise Busy("An answer of this chat is being made.", generation_id=chat.running)
        is_interrupting = asked.on_busy is OnBusy.INTERRUPT
        after = enqueued(chat, generation, interrupting=is_interrupting)
        return Placed(
            before=before,
            after=after,
            generation=_waiting(asked, after),
            asked=asked,
            parent=asked.parent or Parent(),
            is_interrupting=is_interrupting,
        )


def _check_place(asked: PromptRequest, chat: Chat) -> None:
    """See that what is followed or answered anew is of this chat, and not of a former one that was deleted.

    Raises:
        ReferenceGone: If it is.
    """
    generation, parent = asked.generation, asked.parent
    if generation.is_regenerated and generation.prompt_number <= chat.begun_after:
        raise ReferenceGone
    if parent is not None and parent.number and parent.number <= chat.begun_after:
        raise ReferenceGone


def _answered_now(asked: PromptRequest, parent: Parent, after: Chat) -> Generation:
    placed = replace(asked.generation, chat_version=after.version)
    if placed.is_regenerated:
        return placed
    return replace(placed, prompt_number=after.version, parent_id=parent.message_id)


def _waiting(asked: PromptRequest, after: Chat) -> Generation:
    position = after.waiting.index(asked.generation.generation_id)
    waiting = replace(asked.generation, waits=True, position=position, chat_version=after.version)
    if asked.parent is None:
        return waiting
    return replace(waiting, parent_id=asked.parent.message_id, parent_number=asked.parent.number)


def _is_stale(parent: Parent | None, chat: Chat, *, is_busy: bool) -> bool:
    last = chat.running if is_busy else chat.leaf
    return parent is not None and parent.message_id != last
