"""Changes that users make to their chats: titles, and prompts that wait.

Each is one transaction that replaces the head as it was read. Where another change was faster, it is read and
decided again.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from functions.generate.problems import NotFound
from functions.shared.budgets.estimate import input_tokens
from functions.shared.chats import heads
from functions.shared.chats.ends import CONTENDED
from functions.shared.chats.items import head_entry
from functions.shared.dynamodb import s, waiting_key
from functions.shared.errors import Unavailable
from functions.shared.generations import transitions
from functions.shared.generations.format_items import forget_format
from functions.shared.transactions import Cancelled, delete, update

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from functions.generate.ports import Archive, Chats, Ends
    from functions.shared.budgets.limits import BudgetLimits
    from functions.shared.budgets.ports import Ledger
    from functions.shared.chats.model import Chat
    from functions.shared.chats.releases import Releases
    from functions.shared.transactions import Entry, Transactions

WAITING = "waiting"
"""Names the entry of the prompt that waits."""


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of a chat."""

    after: Chat
    """The head; the one that was found, if nothing is to be written."""
    entries: tuple[Entry, ...] = ()
    """What is written with the head."""
    following: str = ""
    """The generation that needs a message now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatChanges:
    """The chats of all users; another user's looks exactly like none."""

    transactions: Transactions
    chats: Chats
    archive: Archive
    releases: Releases
    ledger: Ledger
    ends: Ends
    sleep: Callable[[float], object] = time.sleep

    def find(self, user_id: str, chat_id: str, *, now: datetime) -> Chat:
        """Return a user's chat.

        Raises:
            NotFound: If there is none, or no longer.
        """
        chat = self.chats.head(user_id, chat_id, now=now)
        if chat is None or chat.is_deleted:
            raise NotFound("There is no such chat.")
        return chat

    def rename(self, user_id: str, chat_id: str, title: str, *, now: datetime) -> tuple[Chat, Change]:
        """Give a chat another title.

        Raises:
            NotFound: If there is no such chat.
            Unavailable: If others changed it again and again.
        """
        return self._change(
            user_id,
            chat_id,
            lambda chat: Change(chat if chat.title == title else heads.renamed(chat, title, now=now)),
            now=now,
        )

    def edit_waiting(
        self,
        user_id: str,
        chat_id: str,
        generation_id: str,
        prompt: str,
        *,
        claim: BudgetLimits | None = None,
        now: datetime,
    ) -> tuple[Chat, Change]:
        """Replace a prompt that waits, and hold what the new one may cost instead.

        Raises:
            NotFound: If it does not wait in this chat, or is none: an answer is to be made anew.
            BudgetExceeded: If the new one may cost more than is left. The old one goes on waiting.
            Unavailable: If others changed the chat again and again.
        """

        def edited(chat: Chat) -> Change:
            _check_waits(chat, generation_id)
            generation = self.archive.find(generation_id, now=now)
            before = self.chats.waiting_prompt(user_id, chat_id, generation_id, now=now)
            if generation is None or before is None:
                raise _waits_no_more()
            tokens = input_tokens(prompt, before=chat.leaf_tokens)
            held = self.ledger.rehold(generation, input_tokens=tokens, now=now, claim=claim)
            key = waiting_key(user_id, chat_id, generation_id)
            entry = update(WAITING, key, "SET #text = :text", "attribute_exists(pk)", {":text": s(prompt)})
            return Change(heads.edited(chat, now=now), (entry, *held.entries))

        return self._change(user_id, chat_id, edited, now=now)

    def remove_waiting(
        self, user_id: str, chat_id: str, generation_id: str, *, now: datetime
    ) -> tuple[Chat, Change]:
        """Take a prompt out of the queue, and give back what is held for it.

        Raises:
            NotFound: If it does not wait in this chat.
            Unavailable: If others changed the chat again and again.
        """

        def removed(chat: Chat) -> Change:
            _check_waits(chat, generation_id)
            generation = self.archive.find(generation_id, now=now)
            after = heads.left(chat, generation_id, now=now)
            if generation is None or not generation.waits:
                return Change(after)
            return Change(
                after,
                (
                    transitions.leave(generation_id),
                    delete(WAITING, waiting_key(user_id, chat_id, generation_id)),
                    *forget_format(generation),
                    *self.ledger.release(generation),
                ),
            )

        return self._change(user_id, chat_id, removed, now=now)

    def resume(self, user_id: str, chat_id: str, *, now: datetime) -> tuple[Chat, Change]:
        """Let the queue go on: at once, if nothing runs. Without a queue that stands still, do nothing.

        Raises:
            NotFound: If there is no such chat.
            Unavailable: If others changed it again and again.
        """

        def resumed(chat: Chat) -> Change:
            runs = chat.running and not self.ends.has_ended(chat.running, since=chat.updated_at, now=now)
            if not chat.is_paused and (runs or not chat.waiting):
                return Change(chat)
            freed = chat if runs else replace(chat, running="")
            after, following, entries = self.releases.next(heads.resumed(freed, now=now), now=now)
            return Change(after, tuple(entries), following)

        return self._change(user_id, chat_id, resumed, now=now)

    def _change(
        self, user_id: str, chat_id: str, change: Callable[[Chat], Change], *, now: datetime
    ) -> tuple[Chat, Change]:
        """Make a change. Returns the chat before it, and what it has become."""
        for _ in CONTENDED.tries(self.sleep):
            before = self.find(user_id, chat_id, now=now)
            made = change(before)
            if made.after == before:
                return before, made
            try:
                self.transactions.run([head_entry(before, made.after, now=now), *made.entries])
            except Cancelled as cancelled:
                if refusal := self.ledger.refusal(cancelled, now=now):
                    raise refusal from None
            else:
                return before, made
        raise Unavailable("chat_contended")


def _check_waits(chat: Chat, generation_id: str) -> None:
    if generation_id not in chat.waiting:
        raise _waits_no_more()


def _waits_no_more() -> NotFound:
    return NotFound("This prompt does not wait, or no longer.")
