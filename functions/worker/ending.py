"""Records how a generation ended, and tells it to the user's connections."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from functions.shared.log import Log
from functions.worker.answer_text import AnswerText
from functions.worker.fanout import FanOut
from functions.worker.lease import Lease, LeaseLost, now
from functions.worker.message_sequence import MessageSequence

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from functions.shared.budgets.model import LedgerLine
    from functions.shared.generations.model import Generation, Outcome
    from functions.shared.generations.parts import StoredPart
    from functions.worker.pacing import Pacing
    from functions.worker.ports import Posts, Registry, Submissions, Transitions
    from functions.worker.settings import WorkerOptions

logger = Log(__name__)

DRAIN = timedelta(seconds=10)
"""How long those who read slowly may take to hear the end. Of a lease, two thirds at least are left then: if
that is shorter (leases under 15 s), an end whose readers are so slow is told again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationEnd:
    """Ends generations."""

    transitions: Transitions
    registry: Registry
    posts: Posts
    options: WorkerOptions
    pacing: Pacing
    queue: Submissions
    count: Callable[[Outcome], object]
    clock: Callable[[], datetime] = now

    async def report(
        self, generation: Generation, text: str, parts: list[StoredPart], outcome: Outcome
    ) -> None:
        """Tell an end whose own worker did not live to tell it, or that came before any worker began."""
        answer = AnswerText(
            attempt=max(generation.attempt, 1),
            outcome=outcome,
            chat_version=generation.number,
        )
        answer.restore(text, parts)
        lease = Lease(self.clock() + self.options.lease, self.clock)
        following = await lease.retrying(
            lambda: asyncio.to_thread(self.transitions.following, generation, now=self.clock()),
            warning="the chat could not be read yet",
        )
        async with self.fan_out(MessageSequence(generation, answer, opening=()), lease).running() as fan_out:
            await self.announce(generation, fan_out, following=following)

    async def record(
        self, generation: Generation, attempt: int, outcome: Outcome, lines: Sequence[LedgerLine]
    ) -> Generation:
        """Record an end for a generation that nobody works on any more. Returns it as it is then.

        Raises:
            Fenced: If somebody does, or it has ended.
        """
        ended = await asyncio.to_thread(
            self.transitions.finish, generation, attempt, outcome, lines, now=self.clock()
        )
        self.log(generation, attempt, outcome)
        return replace(generation, number=ended.chat_version)

    async def announce(self, generation: Generation, fan_out: FanOut, *, following: str) -> None:
        """Queue what the end has let out of the chat's queue, tell the end, and note that it was told.

        Raises:
            LeaseLost: If the lease ran out meanwhile: nobody may have heard anything.
        """
        if following:
            await fan_out.lease.retrying(
                lambda: asyncio.to_thread(self.queue.send, following),
                warning="the chat's next prompt could not be queued yet",
            )
        # A list of connections that could not be read is not an empty one: the end would be told to nobody.
        await fan_out.lease.retrying(fan_out.refresh, warning="connections could not be read")
        await fan_out.drain(DRAIN)
        if fan_out.lease.is_over:
            raise LeaseLost(generation.generation_id)
        await fan_out.lease.retrying(
            lambda: asyncio.to_thread(self.transitions.note_announced, generation.generation_id),
            warning="that the end was told could not be recorded yet",
        )
        logger.info("told")

    def fan_out(self, sequence: MessageSequence, lease: Lease) -> FanOut:
        """Prepare to tell the user's connections a sequence, for as long as the lease is held."""
        user_id = sequence.generation.user_id
        return FanOut(
            sequence=sequence,
            posts=self.posts,
            lease=lease,
            connections=lambda: self.registry.of_user(user_id, now=self.clock()),
            forget=self.registry.release,
            pacing=self.pacing,
            clock=self.clock,
        )

    def log(self, generation: Generation, attempt: int, outcome: Outcome) -> None:
        """Log and count an end."""
        logger.info(
            outcome.status.value,
            generation_id=generation.generation_id,
            user_id=generation.user_id,
            attempt=attempt,
            length=outcome.length,
            code=outcome.failure.code if outcome.failure else None,
        )
        self.count(outcome)
