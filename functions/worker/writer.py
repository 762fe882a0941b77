"""Reads the model into the answer, no longer than the model shows signs of life."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from functions.shared.failures import Failure
from functions.worker.model import ModelFailed, Piece

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from functions.shared.generations import Usage
    from functions.worker.answer import Answer
    from functions.worker.model import Model

AFTERWORD = timedelta(seconds=2)
"""How long to wait for the token counts, which come after the end of the text, if at all."""


@dataclass(frozen=True, slots=True)
class Ending:
    """What the model said last."""

    finish_reason: str
    usage: Usage | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """Writes answers down."""

    model: Model
    first_token_timeout: timedelta
    stall_timeout: timedelta
    longest: int
    """Code points after which an answer is cut."""

    async def write(self, answer: Answer, prompt: str, *, model: str, tell: Callable[[], None]) -> Ending:
        """Append what the model writes, and call `tell` each time, until it says that it has ended.

        Raises:
            ModelFailed: If it fails, falls silent, or stops without saying why.
        """
        finish_reason: str | None = None
        usage: Usage | None = None
        async with aclosing(self._lively_pieces(prompt, model)) as pieces:
            async for piece in pieces:
                answer.append(piece.text)
                if piece.text:
                    tell()
                if len(answer) > self.longest:
                    answer.cut(self.longest)
                    return Ending("length", usage)
                finish_reason = piece.finish_reason or finish_reason
                usage = piece.usage or usage
        if finish_reason is None:
            raise ModelFailed(Failure.INCOMPLETE, broke_off=True)
        answer.end()
        tell()
        return Ending(finish_reason, usage)

    async def _lively_pieces(self, prompt: str, model: str) -> AsyncGenerator[Piece]:
        """Yield pieces for as long as they come in time, and for a moment after the text has ended."""
        patience = self.first_token_timeout
        has_begun = has_ended = False
        async with aclosing(self.model.pieces(prompt, model=model)) as pieces:
            while True:
                try:
                    async with asyncio.timeout(patience.total_seconds()):
                        piece = await anext(pieces)
                except StopAsyncIteration:
                    return
                except (TimeoutError, ModelFailed) as error:
                    if has_ended:
                        return  # Only the token counts are missing.
                    if isinstance(error, ModelFailed):
                        raise
                    raise ModelFailed(Failure.TIMEOUT, broke_off=has_begun) from error
                yield piece
                has_begun = True
                has_ended = has_ended or piece.finish_reason is not None
                patience = AFTERWORD if has_ended else self.stall_timeout
