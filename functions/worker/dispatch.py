"""Takes a message of the queue and sees that its generation ends exactly once, whoever else has the message.

delivery ──▶ claim ──▶ ours: the GenerationRunner makes the answer
               ├─────▶ ended: its end is told, if nobody has told it
               ├─────▶ another worker's lease is live: left to that worker
               └─────▶ too many attempts died: failed (or cancelled, if that was asked for), and told
"""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from functions.shared.errors import FramestreamError
from functions.shared.generations.failures import Failure
from functions.shared.generations.model import Generation, Outcome, Status
from functions.shared.log import Log
from functions.shared.log_context import note
from functions.shared.queue_message import generation_id_from
from functions.worker.call_ledger import cost_of, with_voids
from functions.worker.delivery import Delivery, Disposition
from functions.worker.lease import AFTER_THE_LEASE, Lease, LeaseLost, now
from functions.worker.tracing import Tracing

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, timedelta

    from functions.worker.ending import GenerationEnd
    from functions.worker.ports import Archive, Transitions
    from functions.worker.runner import GenerationRunner
    from functions.worker.settings import WorkerOptions

logger = Log(__name__)


class UnknownGeneration(FramestreamError):
    """A message names a generation that is not recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatcher:
    """Works on what the queue brings."""

    transitions: Transitions
    texts: Archive
    runner: GenerationRunner
    end: GenerationEnd
    options: WorkerOptions
    tracing: Tracing = field(default_factory=Tracing)
    clock: Callable[[], datetime] = now

    async def handle(self, delivery: Delivery, *, until: float) -> Disposition:
        """Do what a message asks for.

        Args:
            delivery: The message.
            until: When to stop and leave the rest to another worker, on the event loop's clock.

        Raises:
            ValueError: If the message is none of ours.
            UnknownGeneration: If it names a generation that is not there.
        """
        generation_id = generation_id_from(delivery.body)
        began = self.clock()
        lease = Lease(began + self.options.lease, self.clock)
        claim = await asyncio.to_thread(
            self.transitions.claim,
            generation_id,
            owner=uuid.uuid4().hex,
            message_id=delivery.message_id,
            lease_until=lease.until,
            max_attempts=self.options.max_attempts,
            now=began,
        )
        if claim is None:
            # Without the name: a message that is none of ours may say anything there.
            raise UnknownGeneration("the message names a generation that is not recorded")
        note(**claim.generation.ids)
        if claim.is_ours:
            logger.info(
                "claimed",
                attempt=claim.generation.attempt,
                owner=claim.generation.owner,
                receive_count=delivery.receive_count,
                waited=_seconds(began - claim.generation.created_at),
            )
            with self.tracing.claimed(claim.generation, sent_at=delivery.sent_at):
                return await self.runner.run(claim.generation, delivery, lease, until=until)
        return await self._settle_foreign(claim.generation, delivery)

    async def _settle_foreign(self, generation: Generation, delivery: Delivery) -> Disposition:
        """See to a generation that is not ours to make."""
        logger.info("not claimed", status=generation.status, attempt=generation.attempt)
        if generation.announced or generation.waits:
            # A message of what waits is left from before it was withdrawn: its turn brings one of its own.
            return Disposition.ACK
        if (
            generation.lease_until is not None
            and not (lease := Lease(generation.lease_until, self.clock)).is_over
        ):
            # The owner has a message of its own, as a rule. This one is kept in case that one becomes a dead
            # letter, but it need not look again before the answer should be there.
            is_the_owners = generation.message_id == delivery.message_id
            patience = lease.left() if is_the_owners else self.options.generation_timeout
            await delivery.extend_visibility(patience + AFTER_THE_LEASE)
            return Disposition.RETRY
        if not generation.status.is_final and generation.attempt < self.options.max_attempts:
            # The lease ran out between our claim, which it refused, and now: the next delivery will have it.
            await delivery.extend_visibility(AFTER_THE_LEASE)
            return Disposition.RETRY
        parts = await asyncio.to_thread(self.texts.parts, generation)
        text = await asyncio.to_thread(self.texts.text, generation)
        outcome = generation.outcome
        if outcome is None:
            attempt = generation.attempt
            lost = await self.runner.lines_of_lost(generation, below=attempt + 1)
            lines = with_voids(lost, shown=attempt)
            outcome = _without_an_answer(generation, text)
            outcome = replace(outcome, cost=cost_of(lines), has_parts=bool(parts))
            generation = await self.end.record(generation, attempt, outcome, lines)
        try:
            await self.end.report(generation, text, parts, outcome)
        except LeaseLost:
            return Disposition.RETRY
        return Disposition.ACK


def _seconds(span: timedelta) -> float:
    return round(span.total_seconds(), 3)


def _without_an_answer(generation: Generation, text: str) -> Outcome:
    """How a generation ends of which no attempt is left: as its user wished, if there was such a wish."""
    if generation.cancel_requested:
        return Outcome(status=Status.CANCELLED, length=len(text))
    return Outcome(status=Status.FAILED, length=len(text), failure=Failure.WORKER_LOST)
