"""Makes one answer that is ours to make: reader, heartbeat and fan_out side by side, then one end."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from functions.shared.generations.claims import Fenced, WriteRefused
from functions.shared.generations.failures import Failure
from functions.shared.generations.model import Generation, Outcome, Status
from functions.shared.log import Log
from functions.shared.metrics import Metric, count
from functions.worker.answer_text import AnswerText
from functions.worker.attempts import Attempts, failed_outcome
from functions.worker.delivery import Delivery, Disposition
from functions.worker.fanout import FanOut
from functions.worker.heartbeat import BEAT, Heartbeat
from functions.worker.lease import Lease, LeaseLost
from functions.worker.message_sequence import OPENING, MessageSequence

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from functions.worker.attempts import Limits
    from functions.worker.model_reader import ModelReader
    from functions.worker.ports import Archive, Posts, Registry, Transitions

logger = Log(__name__)

DRAIN = timedelta(seconds=10)
"""How long those who read slowly may take to hear the end; shorter than any lease."""
STEPPING_DOWN = 2 * BEAT
"""Seconds before a generation that somebody had before is asked for again. If our clock was wrong and that
worker lives, its next heartbeat tells it that it is the owner no more, and it stops its call to the model."""
COUNTED = {
    Status.COMPLETED: Metric.GENERATIONS_COMPLETED,
    Status.FAILED: Metric.GENERATIONS_FAILED,
    Status.CANCELLED: Metric.GENERATIONS_CANCELLED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationRunner:
    """Makes answers."""

    transitions: Transitions
    archive: Archive
    registry: Registry
    posts: Posts
    reader: ModelReader
    lease: timedelta
    limits: Limits
    frame_interval: timedelta

    async def run(
        self, generation: Generation, delivery: Delivery, lease: Lease, *, until: float
    ) -> Disposition:
        """Make the answer, record how it ended, and tell everybody.

        Args:
            generation: As it was claimed.
            delivery: The message that brought it.
            lease: How long the claim holds.
            until: When to leave the rest to another worker, on the event loop's clock.
        """
        heartbeat = Heartbeat(
            generation=generation,
            answer=AnswerText(attempt=generation.attempt),
            transitions=self.transitions,
            lease=lease,
            lease_duration=self.lease,
            delivery=delivery,
        )
        try:
            await self._run(heartbeat, until)
        except (Fenced, LeaseLost) as error:
            logger.warning("lost", generation_id=generation.generation_id, reason=type(error).__name__)
            if isinstance(error, LeaseLost):
                await heartbeat.save()
            return Disposition.RETRY
        except TimeoutError:
            logger.warning("out of time", generation_id=generation.generation_id)
            await heartbeat.hand_over()
            return Disposition.RETRY
        except Exception:
            await heartbeat.hand_over()
            raise
        return Disposition.ACK

    async def report(self, generation: Generation, text: str, outcome: Outcome) -> None:
        """Tell an end whose own worker did not live to tell it, or that came before any worker began."""
        answer = AnswerText(attempt=max(generation.attempt, 1), outcome=outcome)
        answer.append(text)
        lease = Lease(datetime.now(UTC) + self.lease)
        async with self._fan_out(MessageSequence(generation, answer, opening=()), lease) as fan_out:
            await self._announce(generation, fan_out)

    async def record(self, generation: Generation, attempt: int, outcome: Outcome) -> None:
        """Record an end for a generation that nobody works on any more.

        Raises:
            Fenced: If somebody does, or it has ended.
        """
        await asyncio.to_thread(self.transitions.finish, generation, attempt, outcome)
        log_end(generation, attempt, outcome)

    async def _run(self, heartbeat: Heartbeat, until: float) -> None:
        generation, answer = heartbeat.generation, heartbeat.answer
        if generation.cancel_requested:
            answer.append(await asyncio.to_thread(self._text_so_far, generation))
        outcome = _ended_before_it_began(generation, answer)
        sequence = MessageSequence(generation, answer, opening=() if outcome else OPENING)
        await heartbeat.extend_visibility()
        async with self._fan_out(sequence, heartbeat.lease) as fan_out:
            if outcome is None:
                async with asyncio.timeout_at(until):
                    outcome = await self._written(heartbeat, fan_out)
            outcome = await heartbeat.finish(outcome)
            log_end(generation, answer.attempt, outcome)
            answer.outcome = outcome
            await self._announce(generation, fan_out)

    def _text_so_far(self, generation: Generation) -> str:
        """The last that earlier attempts had written, for a user who wants no more than that."""
        earlier = (replace(generation, attempt=number) for number in range(generation.attempt - 1, 0, -1))
        return next(filter(None, map(self.archive.text, earlier)), "")

    async def _announce(self, generation: Generation, fan_out: FanOut) -> None:
        """Tell the end, and note that it was told.

        Raises:
            LeaseLost: If the lease ran out meanwhile: nobody may have heard anything.
        """
        # A list of connections that could not be read is not an empty one: the end would be told to nobody.
        await fan_out.lease.retrying(fan_out.refresh, warning="connections could not be read")
        await fan_out.drain(DRAIN)
        if fan_out.lease.is_over:
            raise LeaseLost(generation.generation_id)
        await fan_out.lease.retrying(
            lambda: asyncio.to_thread(self.transitions.note_announced, generation.generation_id),
            warning="that the end was told could not be recorded yet",
        )

    async def _written(self, heartbeat: Heartbeat, fan_out: FanOut) -> Outcome:
        """Read the model until the answer has ended or the user wants it to."""
        reader = asyncio.create_task(self._read(heartbeat, fan_out))
        keeper = asyncio.create_task(heartbeat.run())
        try:
            await asyncio.wait({reader, keeper}, return_when=asyncio.FIRST_COMPLETED)
            if reader.done():
                return reader.result()
            keeper.result()
            return Outcome(status=Status.CANCELLED, length=len(heartbeat.answer))
        except WriteRefused:
            logger.exception("a write was refused", generation_id=heartbeat.generation.generation_id)
            return failed_outcome(heartbeat.answer, Failure.INTERNAL)
        finally:
            reader.cancel()
            heartbeat.stop()
            await asyncio.gather(reader, keeper, return_exceptions=True)

    async def _read(self, heartbeat: Heartbeat, fan_out: FanOut) -> Outcome:
        generation, answer = heartbeat.generation, heartbeat.answer
        prompt = await asyncio.to_thread(self.archive.prompt, generation)
        if generation.attempt > 1:
            await asyncio.sleep(STEPPING_DOWN)
        attempts = Attempts(
            generation=generation,
            answer=answer,
            prompt=prompt,
            reader=self.reader,
            limits=self.limits,
            restart=heartbeat.restart,
            notify=fan_out.notify,
        )
        return await attempts.outcome()

    @asynccontextmanager
    async def _fan_out(self, sequence: MessageSequence, lease: Lease) -> AsyncIterator[FanOut]:
        user_id = sequence.generation.user_id
        fan_out = FanOut(
            sequence=sequence,
            posts=self.posts,
            lease=lease,
            connections=lambda: self.registry.of_user(user_id, now=datetime.now(UTC)),
            forget=self.registry.release,
            interval=self.frame_interval,
        )
        following = asyncio.create_task(fan_out.follow())
        try:
            yield fan_out
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
            await fan_out.close()


def log_end(generation: Generation, attempt: int, outcome: Outcome) -> None:
    """Log and count an end."""
    fields: dict[str, Any] = {"generation_id": generation.generation_id, "user_id": generation.user_id}
    code = outcome.failure.code if outcome.failure else None
    logger.info(outcome.status.value, **fields, attempt=attempt, length=outcome.length, code=code)
    count(COUNTED[outcome.status])


def _ended_before_it_began(generation: Generation, answer: AnswerText) -> Outcome | None:
    if generation.cancel_requested:
        return Outcome(status=Status.CANCELLED, length=len(answer))
    if generation.attempt == 1 and datetime.now(UTC) > generation.start_by:
        return Outcome(status=Status.FAILED, length=0, failure=Failure.EXPIRED)
    return None
