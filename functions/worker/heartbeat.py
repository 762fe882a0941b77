"""Our hold on a generation: the lease is kept, the text is stored, and the end is recorded once.

A heartbeat of a second does all of it. It stores the text that is new, extends the lease when that is due,
and learns whether the user wants to stop: a read is enough for that. While DynamoDB does not answer the
stream goes on, for as long as the lease is known to be ours.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from functions.shared.errors import Unavailable
from functions.shared.generations.claims import Fenced, WriteRefused
from functions.shared.generations.failures import Failure
from functions.shared.generations.model import Outcome, Status
from functions.shared.log import Log
from functions.worker.lease import AFTER_THE_LEASE, LeaseLost
from functions.worker.stored_answer import StoredAnswer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from functions.shared.budgets.model import LedgerLine
    from functions.shared.chats.model import Ended
    from functions.shared.generations.model import Generation
    from functions.worker.answer_text import AnswerText
    from functions.worker.delivery import Delivery
    from functions.worker.lease import Lease
    from functions.worker.ports import Transitions
    from functions.worker.settings import WorkerOptions

logger = Log(__name__)

BEAT = 1.0  # seconds
RENEWALS = 3
"""How often a lease is renewed within its duration: two thirds of it are left in an outage, at least."""


@dataclass(slots=True, kw_only=True)
class Heartbeat:
    """The time in which this worker writes a generation."""

    generation: Generation
    answer: AnswerText
    transitions: Transitions
    lease: Lease
    options: WorkerOptions
    delivery: Delivery
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)
    _is_new: bool = True
    """Whether the message is hidden as it came."""
    _stored: StoredAnswer = field(init=False)

    def __post_init__(self) -> None:
        self._stored = StoredAnswer(
            generation=self.generation,
            answer=self.answer,
            transitions=self.transitions,
            keeps_reasoning=self.options.reasoning == "kept",
        )

    async def run(self) -> bool:
        """Beat until the user asks to stop (True) or `stop` is called (False).

        Raises:
            Fenced: If the generation is no longer ours.
            LeaseLost: If that cannot be known any more.
        """
        while not await self._is_stopped():
            try:
                async with self._one_at_a_time:
                    await self._stored.save()
                    if await self._beat():
                        return True
            except Unavailable as error:
                logger.warning("heartbeat failed", reason=error.reason)
                if self.lease.is_over:
                    raise LeaseLost(self._id) from error
        return False

    def stop(self) -> None:
        """Stop beating, once the beat that is under way has ended.

        It must not be cancelled: its thread would go on, and could store an older piece over a newer one.
        """
        self._stopping.set()

    async def _is_stopped(self) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(BEAT):
                await self._stopping.wait()
        return self._stopping.is_set()

    async def restart(self) -> None:
        """Drop the text and begin the next attempt.

        Raises:
            Fenced: If the generation is no longer ours.
            LeaseLost: If the table did not answer in time.
        """
        # No beat may come between two tries: if the first was made and its reply lost, the beat is fenced.
        async with self._one_at_a_time:
            attempt = await self.lease.retrying(
                lambda: asyncio.to_thread(self.transitions.restart, self.generation, self.answer.attempt),
                warning="the next attempt could not be recorded yet",
            )
            self.answer.restart(attempt)
            self._stored.restart()

    async def finish(self, outcome: Outcome, lines: Sequence[LedgerLine] = ()) -> tuple[Outcome, Ended]:
        """Store the last of the text and record the end, trying again for as long as the lease holds.

        Returns the end as it is recorded, a failure of ours if the table will never take the other; and what
        it made of the chat.

        Raises:
            Fenced: If the generation is no longer ours.
            LeaseLost: If the table did not answer in time.
        """
        if self.answer.parts.parts:
            outcome = replace(outcome, has_parts=True)
        try:
            ended = await self._record(outcome, lines, store=True)
        except WriteRefused:
            logger.exception("the end was refused")
            outcome = Outcome(
                status=Status.FAILED,
                length=self._stored.length,
                failure=Failure.INTERNAL,
                has_parts=self._stored.has_parts,
            )
            ended = await self._record(outcome, lines, store=False)
        return outcome, ended

    async def _record(self, outcome: Outcome, lines: Sequence[LedgerLine], *, store: bool) -> Ended:
        async def record() -> Ended:
            async with self._one_at_a_time:
                if store:
                    await self._stored.save()
                return await asyncio.to_thread(
                    self.transitions.finish,
                    self.generation,
                    self.answer.attempt,
                    outcome,
                    lines,
                    now=self.lease.clock(),
                )

        return await self.lease.retrying(record, warning="the end could not be recorded yet")

    async def hand_over(self) -> None:
        """Let another worker begin at once. What was shown is stored first, so that it stays readable.

        If the table does not hear us, the lease will end by itself.
        """
        await self.save()
        with suppress(Fenced, Unavailable, WriteRefused):
            async with self._one_at_a_time:
                await asyncio.to_thread(self.transitions.release, self._id, self.answer.attempt)
            self.lease.until = self.lease.clock()
            await self.extend_visibility()

    async def save(self) -> None:
        """Store what was shown, if the table takes it."""
        with suppress(Unavailable, WriteRefused):
            async with self._one_at_a_time:
                await self._stored.save()

    async def extend_visibility(self) -> None:
        """Let the message come back just after the lease, should we not live to delete it.

        One that the worker received itself need not be told so at the beginning: it was received so.
        """
        is_new, self._is_new = self._is_new, False
        at = self.delivery.comes_back_at
        if is_new and at is not None and abs(at - self.lease.until - AFTER_THE_LEASE) < AFTER_THE_LEASE / 2:
            return
        await self.delivery.extend_visibility(self.lease.left() + AFTER_THE_LEASE)

    @property
    def _id(self) -> str:
        return self.generation.generation_id

    async def _beat(self) -> bool:
        is_due = self.lease.left() <= self.options.lease * (1 - 1 / RENEWALS)
        if not is_due:
            return await asyncio.to_thread(self.transitions.look, self._id, self.answer.attempt)
        until = self.lease.clock() + self.options.lease
        wants_to_stop = await asyncio.to_thread(
            self.transitions.beat, self._id, self.answer.attempt, lease_until=until
        )
        self.lease.until = until
        await self.extend_visibility()
        return wants_to_stop
