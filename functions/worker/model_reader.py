"""Reads one stream of the model into the answer, for as long as it is alive."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.shared.errors import Unavailable
from functions.shared.generations.failures import Failure
from functions.shared.log import Log
from functions.worker.model import ModelFailed
from functions.worker.reading import Ending, Reading
from functions.worker.silence import watched

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable

    from functions.worker.answer_text import AnswerText
    from functions.worker.conversation import Conversation
    from functions.worker.model import Model, Piece
    from functions.worker.settings import WorkerOptions

logger = Log(__name__)

CLOSING = 2.0
"""Seconds that a stream may take to close."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelReader:
    """Writes answers down."""

    model: Model
    options: WorkerOptions

    def reading(self, *, begin_by: float) -> Reading:
        """Begin to read a stream whose model must have begun by this time of the event loop."""
        return Reading(begin_by=begin_by, stall_timeout=self.options.stall_timeout.total_seconds())

    async def read(
        self,
        answer: AnswerText,
        conversation: Conversation,
        *,
        model: str,
        notify: Callable[[], None],
        reading: Reading | None = None,
    ) -> Ending:
        """Append what the model writes, and call `notify` each time, until it has ended.

        Raises:
            ModelFailed: If it fails, falls silent, stops in the middle, or says nothing. Whatever else goes
                wrong on the way is such a failure too: an exception would be worked on, and paid, again.
        """
        if reading is None:
            begin_by = asyncio.get_running_loop().time() + self.options.first_token_timeout.total_seconds()
            reading = self.reading(begin_by=begin_by)
        try:
            async with _closing(self.model.pieces(conversation, model=model)) as pieces:
                ending = await self._read(pieces, answer, reading, notify)
        except ModelFailed:
            raise
        except Unavailable as error:
            raise _fault(error.reason, worth_retrying=True) from error
        except Exception as error:
            raise _fault(type(error).__name__, worth_retrying=False) from error
        answer.end()
        notify()
        return ending

    async def _read(
        self, pieces: AsyncGenerator[Piece], answer: AnswerText, reading: Reading, notify: Callable[[], None]
    ) -> Ending:
        now = asyncio.get_running_loop().time
        try:
            async with watched(reading) as silence:
                async for piece in pieces:
                    reading.take(piece, now=now())
                    silence.watch()
                    self._append(answer, piece, notify)
                    if len(answer) > self.options.max_answer_characters:
                        answer.cut(self.options.max_answer_characters)
                        return Ending("length", reading.usage)
                    if piece.is_done:
                        return reading.after_done()
        except TimeoutError:
            return reading.after_silence()
        except ModelFailed as failed:
            return reading.after_error(failed)
        return reading.after_end()

    def _append(self, answer: AnswerText, piece: Piece, notify: Callable[[], None]) -> None:
        if piece.reasoning:
            self._reason(answer, piece.reasoning)
        if piece.text:
            if not len(answer):
                logger.info("first text", attempt=answer.attempt)
            answer.append(piece.text)
        for extra in piece.extras:
            answer.add(extra)
        if piece.text or piece.reasoning or piece.extras:
            notify()

    def _reason(self, answer: AnswerText, reasoning: str) -> None:
        """Add reasoning, as much as there may be of text. The rest is only counted, and what is hidden."""
        room = 0
        if self.options.reasoning != "hidden":
            room = max(self.options.max_answer_characters - answer.parts.reasoning_length, 0)
            if not answer.parts.reasoning_length:
                logger.info("first reasoning", attempt=answer.attempt)
        answer.reason(reasoning[:room])
        answer.reason(reasoning[room:], is_shown=False)


def _fault(error: str, *, worth_retrying: bool) -> ModelFailed:
    """A fault of ours, told by a word alone: what an exception says may be the provider's words."""
    return ModelFailed(Failure.INTERNAL, broke_off=False, error=error, worth_retrying=worth_retrying)


@asynccontextmanager
async def _closing(pieces: AsyncGenerator[Piece]) -> AsyncIterator[AsyncGenerator[Piece]]:
    """Close a stream at the end, which must neither void an answer that is whole nor keep it waiting."""
    try:
        yield pieces
    finally:
        try:
            async with asyncio.timeout(CLOSING):
                await pieces.aclose()
        except Exception as error:  # noqa: BLE001  whatever it is, nothing is left to do
            logger.warning("the model's stream did not close", error=type(error).__name__)
