"""Fails a generation whose dead letter is discarded: its chat goes on, its hold becomes what it has used.

Its workers are gone, so what they used is estimated: the prompt with what stood before it, and the text that
is stored of each attempt.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from functions.shared.budgets.estimate import input_tokens
from functions.shared.budgets.model import LedgerLine
from functions.shared.budgets.settlements import BudgetSettlements
from functions.shared.chats.attempts import ChatAttempts
from functions.shared.chats.ends import chat_ends
from functions.shared.chats.reader import ChatReader
from functions.shared.errors import FramestreamError
from functions.shared.generations.claims import Fenced
from functions.shared.generations.failures import Failure
from functions.shared.generations.model import Outcome, Status, Usage
from functions.shared.generations.reader import GenerationReader
from functions.shared.token_estimate import estimated_tokens

if TYPE_CHECKING:
    from datetime import datetime

    from mypy_boto3_dynamodb import DynamoDBClient

    from functions.shared.budgets.options import BudgetOptions
    from functions.shared.generations.model import Generation

LEASE = timedelta(seconds=30)
"""More than enough to record an end."""


class Stays(FramestreamError):
    """A letter was left where it is; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationFailure:
    """Ends what no worker will end."""

    client: DynamoDBClient
    table: str
    options: BudgetOptions

    def record(self, generation: Generation, *, message_id: str, now: datetime) -> str:
        """Record it as failed. Returns the generation that its chat goes on with; empty if there is none.

        Raises:
            Stays: If a worker has it meanwhile.
        """
        lines = self._lines(generation, now)
        attempts = self._attempts()
        if generation.status is Status.QUEUED:
            generation = _claimed(attempts, generation, message_id, now)
        stored = GenerationReader(self.client, self.table)
        outcome = Outcome(
            status=Status.FAILED,
            length=len(stored.text(generation)),
            failure=Failure.WORKER_LOST,
            cost=lines[-1].micros if lines else None,
            has_parts=bool(stored.parts(generation)),
        )
        try:
            ended = attempts.finish(generation, generation.attempt, outcome, lines, now=now)
        except Fenced as fenced:
            raise Stays("a worker was faster") from fenced
        return ended.following

    def _attempts(self) -> ChatAttempts:
        settlements = BudgetSettlements(client=self.client, table=self.table, options=self.options)
        return ChatAttempts(self.client, self.table, chat_ends(self.client, self.table, settlements))

    def _lines(self, generation: Generation, now: datetime) -> list[LedgerLine]:
        """Estimate what each attempt has used; none has the last word, so the last one's text is shown."""
        if not generation.attempt:
            return []
        sent = self._sent(generation, now)
        return [self._line(generation, attempt, sent) for attempt in range(1, generation.attempt + 1)]

    def _sent(self, generation: Generation, now: datetime) -> int:
        chat = ChatReader(self.client, self.table).head(generation.user_id, generation.chat_id, now=now)
        try:
            prompt = GenerationReader(self.client, self.table).prompt(generation)
        except KeyError:
            prompt = ""  # It was deleted with its chat.
        return input_tokens(prompt, before=chat.leaf_tokens if chat and generation.parent_id else 0)

    def _line(self, generation: Generation, attempt: int, sent: int) -> LedgerLine:
        text = GenerationReader(self.client, self.table).text(replace(generation, attempt=attempt))
        written = estimated_tokens(text)
        price = self.options.price_of(generation.model)
        return LedgerLine(
            attempt=attempt,
            call=1,
            model=generation.model,
            input_tokens=sent,
            output_tokens=written,
            micros=price.of(Usage(sent, written, sent + written)) if price else None,
            is_estimate=True,
            is_void=attempt != generation.attempt,
        )


def _claimed(attempts: ChatAttempts, generation: Generation, message_id: str, now: datetime) -> Generation:
    """Claim it as a worker does: an end can only be written by what holds the generation."""
    claim = attempts.claim(
        generation.generation_id,
        owner=uuid.uuid4().hex,
        message_id=message_id,
        lease_until=now + LEASE,
        max_attempts=generation.attempt + 1,
        now=now,
    )
    if claim is None or not claim.is_ours:
        raise Stays("a worker was faster")
    return claim.generation
