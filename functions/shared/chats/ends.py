"""Records how a generation ended, all that follows from it in one transaction.

The record itself, the answer as a message of its chat, the chat that is free again or goes on with the next
waiting prompt, and what was used instead of what was held: either all of it is written, or nothing.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.shared.chats.heads import ended
from functions.shared.chats.items import head_entry, message_item
from functions.shared.chats.model import ChatMessage, Ended, Role
from functions.shared.chats.reader import ChatReader
from functions.shared.chats.releases import Releases
from functions.shared.errors import Unavailable
from functions.shared.generations import transitions
from functions.shared.generations.claims import Fenced
from functions.shared.generations.items import generation_from
from functions.shared.generations.model import Status
from functions.shared.generations.reader import GenerationReader
from functions.shared.retry import Retry
from functions.shared.transactions import Cancelled, Transactions, put

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from mypy_boto3_dynamodb import DynamoDBClient

    from functions.shared.budgets.model import LedgerLine
    from functions.shared.budgets.ports import Settlements
    from functions.shared.chats.model import Chat
    from functions.shared.generations.model import Generation, Outcome
    from functions.shared.transactions import Entry

CONTENDED = Retry(attempts=8, first=0.04, longest=0.64)
"""Transactions for one change of a chat; each failure means that another change was made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatEnds:
    """Ends generations, for the worker that made one and for the request that cancels one before."""

    transactions: Transactions
    chats: ChatReader
    archive: GenerationReader
    releases: Releases
    settlements: Settlements
    sleep: Callable[[float], object] = time.sleep

    def record(
        self,
        generation: Generation,
        outcome: Outcome,
        *,
        fence: Callable[[int, str], Entry],
        attempt: int,
        lines: Sequence[LedgerLine] = (),
        now: datetime,
    ) -> Ended:
        """Record an end.

        Args:
            generation: As it was claimed or found.
            outcome: How it ended.
            fence: Makes the entry of the generation itself: the number of its answer, what has its turn now.
            attempt: The attempt that the text belongs to.
            lines: What the calls of the model used.
            now: The time.

        Raises:
            Fenced: If the generation's own entry was refused.
            Unavailable: If the chat was changed by others again and again.
        """
        for _ in CONTENDED.tries(self.sleep):
            chat = self._chat_of(generation, now)
            result, entries = (
                self._in_chat(chat, generation, outcome, attempt, now) if chat else (Ended(), [])
            )
            entries = [fence(result.chat_version, result.following), *entries]
            entries += self.settlements.settle(generation, lines, now=now)
            try:
                self.transactions.run(entries)
            except Cancelled as cancelled:
                if transitions.NAME in cancelled.refused:
                    found = cancelled.refused[transitions.NAME]
                    raise Fenced(generation_from(found) if found else None) from None
            else:
                return result
        raise Unavailable("chat_contended")

    def following(self, generation: Generation, *, now: datetime) -> str:
        """Return what an end has let out of the queue and may still need a message; empty if nothing does.

        It is kept with the end: the chat may have gone on since.
        """
        ended = self.archive.find(generation.generation_id, now=now)
        if ended is None or not ended.following:
            return ""
        found = self.archive.find(ended.following, now=now)
        if found is None or found.announced or found.status is Status.PROCESSING:
            return ""
        return ended.following  # Also if it has ended: its message lets that be told, and leads on.

    def _chat_of(self, generation: Generation, now: datetime) -> Chat | None:
        if not generation.prompt_number:
            return None
        chat = self.chats.head(generation.user_id, generation.chat_id, now=now)
        if chat is None or chat.is_deleted or generation.chat_version <= chat.begun_after:
            return None
        return chat

    def _in_chat(
        self, before: Chat, generation: Generation, outcome: Outcome, attempt: int, now: datetime
    ) -> tuple[Ended, list[Entry]]:
        chat = ended(before, generation, outcome, now=now)
        answer = ChatMessage(
            number=chat.version,
            message_id=generation.generation_id,
            parent_id=generation.prompt_id,
            parent_number=generation.prompt_number,
            role=Role.ASSISTANT,
            generation_id=generation.generation_id,
            created_at=generation.created_at,
            expires_at=generation.expires_at,
            attempt=attempt,
            model=generation.model,
            outcome=outcome,
        )
        entries = [put("answer", message_item(chat.user_id, chat.chat_id, answer))]
        after, following, more = self.releases.next(chat, now=now)
        return Ended(chat.version, following), [head_entry(before, after, now=now), *entries, *more]


def chat_ends(client: DynamoDBClient, table: str, settlements: Settlements) -> ChatEnds:
    """Wire ends to a table."""
    chats, archive = ChatReader(client, table), GenerationReader(client, table)
    return ChatEnds(
        transactions=Transactions(client, table),
        chats=chats,
        archive=archive,
        releases=Releases(chats=chats, archive=archive),
        settlements=settlements,
    )
