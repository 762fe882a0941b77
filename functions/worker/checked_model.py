"""A model whose text is checked before it is given on; reasoning, sources and data are not given on.

While one piece is checked, the next ones gather, so that a slow check makes pieces larger and not the answer
late. The last characters of what was checked are held back until text after them was checked too: a word that
comes in two pieces is not shown by half.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeAlias

from functions.shared.generations.failures import Failure
from functions.worker.answer_text import AnswerText
from functions.worker.model import ModelFailed, Piece
from functions.worker.ports import ContentStopped

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    from functions.worker.conversation import Conversation
    from functions.worker.model import Model

    Check: TypeAlias = Callable[[str, str], Awaitable[None]]
    """Takes what is new of a text, and the text before it. Raises ContentStopped if it must not be shown."""

BEGUN = Piece(is_reasoning=True)
"""The model has begun, though there is nothing to show yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedModel:
    """A model, and what checks its text."""

    model: Model
    check: Check
    held_back: int

    async def pieces(self, conversation: Conversation, *, model: str) -> AsyncGenerator[Piece]:
        """Yield the pieces of an answer once they are checked.

        Raises:
            ModelFailed: If the model failed, or the check stopped the answer.
        """
        async with aclosing(self.model.pieces(conversation, model=model)) as source:
            text = _CheckedText(check=self.check, held_back=self.held_back)
            async with aclosing(_checked(source, text)) as pieces:
                try:
                    async for piece in pieces:
                        yield piece
                except ContentStopped as stopped:
                    raise ModelFailed(Failure.CONTENT_FILTERED, broke_off=True) from stopped


@dataclass(slots=True, kw_only=True)
class _CheckedText:
    """The text of one stream: what came, how far it is checked, and how far it is shown."""

    check: Check
    held_back: int
    text: AnswerText = field(default_factory=lambda: AnswerText(attempt=1), repr=False)
    checked: int = 0
    shown: int = 0
    under_way: asyncio.Task[int] | None = None
    """The check that is being made; it returns how far the text is checked then."""

    def add(self, piece: str) -> None:
        """Take text, and begin to check it unless a check is being made."""
        self.text.append(piece)
        self._begin()

    def released(self) -> str:
        """What may be shown now, after a check that has ended. It raises what the check raised."""
        if self.under_way is None or not self.under_way.done():
            return ""
        self.checked, self.under_way = self.under_way.result(), None
        self._begin()
        return self._show(self.checked - self.held_back)

    async def rest(self, piece: str) -> tuple[str, str]:
        """Check all that is left, with the last piece. Returns what may be shown before it, and of it."""
        if self.under_way is not None:
            self.checked = await self.under_way
            self.under_way = None
        length = len(self.text)
        self.text.append(piece)
        self.text.end()
        if len(self.text) > self.checked:
            self.checked = await self._check()
        return self._show(length), self._show(len(self.text))

    def _begin(self) -> None:
        if self.under_way is None and len(self.text) > self.checked:
            self.under_way = asyncio.create_task(self._check())

    async def _check(self) -> int:
        text = self.text.text
        await self.check(text[self.checked :], text[: self.checked])
        return len(text)

    def _show(self, until: int) -> str:
        shown, self.shown = self.shown, max(self.shown, until)
        return self.text.text[shown : self.shown]


async def _checked(source: AsyncGenerator[Piece], text: _CheckedText) -> AsyncGenerator[Piece]:
    coming = _next(source)
    has_finished = False
    try:
        while True:
            waited_for = {coming, text.under_way} if text.under_way else {coming}
            await asyncio.wait(waited_for, return_when=asyncio.FIRST_COMPLETED)
            if released := text.released():
                yield Piece(text=released)
            if not coming.done():
                continue
            piece = None if coming.exception() else coming.result()
            if piece and not _is_last(piece):
                text.add(piece.text)
                yield replace(_with(piece, ""), is_reasoning=True) if piece.text else _with(piece, "")
            else:
                if has_finished and piece and piece.text:
                    yield BEGUN  # It goes on after its last word, so that word was none.
                before, own = await text.rest(piece.text if piece else "")
                if before:
                    yield Piece(text=before)
                if (piece := coming.result()) is None:
                    return
                has_finished = True
                yield _with(piece, own)
            coming = _next(source)
    finally:
        await _ended(coming, text.under_way)


def _with(piece: Piece, text: str) -> Piece:
    """The piece with a text that is checked; what else a model may write never is, and is not shown."""
    is_reasoning = piece.is_reasoning or bool(piece.reasoning)
    return replace(piece, text=text, reasoning="", extras=(), is_reasoning=is_reasoning)


def _is_last(piece: Piece) -> bool:
    return piece.finish_reason is not None or piece.is_done


def _next(source: AsyncGenerator[Piece]) -> asyncio.Task[Piece | None]:
    async def following() -> Piece | None:
        return await anext(source, None)

    return asyncio.create_task(following())


async def _ended(*tasks: asyncio.Task[Piece | None] | asyncio.Task[int] | None) -> None:
    left = [task for task in tasks if task]
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
