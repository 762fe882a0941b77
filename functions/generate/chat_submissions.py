"""What requests change of a chat, each in one transaction with the generation and its hold."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from functions.generate.acceptance import CONTENDED
from functions.generate.prompt_request import Recorded
from functions.shared.budgets.estimate import input_tokens
from functions.shared.chats import heads
from functions.shared.chats.ends import chat_ends
from functions.shared.chats.items import head_entry, message_item, waiting_item
from functions.shared.chats.model import ChatMessage, Role
from functions.shared.chats.reader import ChatReader
from functions.shared.dynamodb import message_key, waiting_key
from functions.shared.errors import Unavailable
from functions.shared.generations import transitions
from functions.shared.generations.claims import Fenced
from functions.shared.generations.format_items import forget_format, keep_format
from functions.shared.generations.items import generation_from
from functions.shared.generations.model import Outcome, Status
from functions.shared.token_estimate import estimated_message
from functions.shared.transactions import Cancelled, Transactions, delete, put

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from mypy_boto3_dynamodb import DynamoDBClient

    from functions.generate.prompt_request import Placed
    from functions.shared.budgets.ports import Ledger
    from functions.shared.chats.ends import ChatEnds
    from functions.shared.chats.model import Chat, Ended
    from functions.shared.generations.model import Generation
    from functions.shared.transactions import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatSubmissionStore:
    """Writes what users ask for."""

    transactions: Transactions
    chats: ChatReader
    ends: ChatEnds
    ledger: Ledger
    sleep: Callable[[float], object] = time.sleep

    def accept(self, placed: Placed, *, now: datetime) -> Recorded | None:
        """Record a prompt where it was placed.

        Returns the generation; the one that was recorded under its id before; None if the chat has changed.

        Raises:
            BudgetExceeded: If the user's budget, or the deployment's, is too small.
        """
        before = 0 if placed.is_first else placed.after.leaf_tokens
        tokens = input_tokens(placed.asked.prompt, before=before)
        if placed.asked.response_format:
            tokens += estimated_message(placed.asked.response_format.text)
        tokens += placed.asked.attachment_tokens
        held = self.ledger.hold(
            placed.generation, input_tokens=tokens, now=now, claim=placed.asked.budget_claim
        )
        placed = replace(placed, generation=replace(placed.generation, is_warned=held.is_warned))
        entries = [
            transitions.submit(placed.generation, withdrawn=placed.asked.withdrawn, now=now),
            head_entry(placed.before, placed.after, now=now),
            *_prompt(placed, now),
            *keep_format(placed.generation, placed.asked.response_format),
            *held.entries,
        ]
        if placed.is_interrupting:
            entries.append(transitions.interrupt(placed.after.running))
        try:
            self.transactions.run(entries)
        except Cancelled as cancelled:
            if found := cancelled.refused.get(transitions.NAME):
                return Recorded(generation_from(found), is_new=False)
            if refusal := self.ledger.refusal(cancelled, now=now):
                raise refusal from None
            return None
        return Recorded(placed.generation, is_new=True)

    def cancel(self, generation: Generation, *, now: datetime) -> Ended | None:
        """Cancel what no worker has begun. Returns None if one has, or it has ended."""
        outcome = Outcome(status=Status.CANCELLED, length=0)
        fence = partial(_cancelled, generation, outcome)
        try:
            return self.ends.record(generation, outcome, fence=fence, attempt=1, now=now)
        except Fenced:
            return None

    def leave(self, generation: Generation, *, now: datetime) -> bool:
        """Take a prompt out of its chat's queue. Returns False if it does not wait any more."""
        user_id, chat_id, generation_id = generation.user_id, generation.chat_id, generation.generation_id
        key = waiting_key(user_id, chat_id, generation_id)
        change = partial(heads.left, generation_id=generation_id, now=now)
        entries = [transitions.leave(generation_id), delete("waiting", key), *forget_format(generation)]
        try:
            self._change(generation, change, entries, now=now)
        except Fenced:
            return False
        return True

    def withdraw(self, generation: Generation, *, now: datetime) -> bool:
        """Take a prompt back that could not be queued, as if it had never been.

        Returns False if a worker has it all the same, it has ended, or the queue confirmed another's message.
        """
        entries = [transitions.withdraw(generation), *forget_format(generation)]
        if not generation.is_regenerated:
            key = message_key(generation.user_id, generation.chat_id, generation.prompt_number)
            entries.append(delete("prompt", key))
        change = partial(heads.withdrawn, generation_id=generation.generation_id, now=now)
        try:
            self._change(generation, change, entries, now=now)
        except Fenced as fenced:
            found = fenced.found
            if found is None:
                return False
            is_waiting = found.status is Status.QUEUED and found.queued_at is None
            return found.withdrawn or is_waiting
        return True

    def _change(
        self,
        generation: Generation,
        change: Callable[[Chat], Chat],
        entries: list[Entry],
        *,
        now: datetime,
    ) -> None:
        """Change a chat together with a generation of it, and give back what is held for that.

        Raises:
            Fenced: If the generation's entry was refused.
            Unavailable: If others changed the chat again and again.
        """
        for _ in CONTENDED.tries(self.sleep):
            chat = self.chats.head(generation.user_id, generation.chat_id, now=now)
            head = [head_entry(chat, change(chat), now=now)] if chat else []
            try:
                self.transactions.run([*entries, *self.ledger.release(generation), *head])
            except Cancelled as cancelled:
                if transitions.NAME in cancelled.refused:
                    found = cancelled.refused[transitions.NAME]
                    raise Fenced(generation_from(found) if found else None) from None
            else:
                return
        raise Unavailable("chat_contended")


def _cancelled(generation: Generation, outcome: Outcome, number: int, following: str) -> Entry:
    return transitions.cancel(generation, outcome, number, following)


def _prompt(placed: Placed, now: datetime) -> list[Entry]:
    """The user's message, or the prompt that waits; an answer that is made anew has a message already."""
    generation, asked = placed.generation, placed.asked
    if generation.is_regenerated:
        return []
    user_id, chat_id = generation.user_id, generation.chat_id
    if generation.waits:
        expires_at = generation.expires_at
        item = waiting_item(user_id, chat_id, generation.generation_id, asked.prompt, expires_at=expires_at)
        return [put("waiting", item)]
    message = ChatMessage(
        number=generation.prompt_number,
        message_id=generation.prompt_id,
        parent_id=placed.parent.message_id,
        parent_number=placed.parent.number,
        role=Role.USER,
        generation_id=generation.generation_id,
        created_at=now,
        expires_at=generation.expires_at,
        text=asked.prompt,
        attachments=generation.attachments,
    )
    return [put("prompt", message_item(user_id, chat_id, message))]


def chat_submissions(client: DynamoDBClient, table: str, ledger: Ledger) -> ChatSubmissionStore:
    """Wire them to a table."""
    return ChatSubmissionStore(
        transactions=Transactions(client, table),
        chats=ChatReader(client, table),
        ends=chat_ends(client, table, ledger),
        ledger=ledger,
    )
