"""How much of an answer is in the table, and the writes that store the rest."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.worker.answer_parts import BEGIN

if TYPE_CHECKING:
    from functions.shared.generations.model import Generation
    from functions.worker.answer_parts import Mark
    from functions.worker.answer_text import AnswerText
    from functions.worker.ports import Transitions


@dataclass(slots=True, kw_only=True)
class StoredAnswer:
    """The present attempt's text and parts, as far as they are in the table."""

    generation: Generation
    answer: AnswerText
    transitions: Transitions
    keeps_reasoning: bool
    length: int = 0
    """Code points of the text."""
    _parts: Mark = BEGIN

    @property
    def has_parts(self) -> bool:
        """Whether any part is stored."""
        return self._parts != BEGIN

    def restart(self) -> None:
        """Nothing of the next attempt is stored."""
        self.length, self._parts = 0, BEGIN

    async def save(self) -> None:
        """Store what is new, the text first: what is read of parts refers to text that is there."""
        parts, mark = self.answer.parts.unstored(self._parts, keeps_reasoning=self.keeps_reasoning)
        text, attempt = self.answer.text, self.answer.attempt
        if len(text) > self.length:
            new = text[self.length :]
            await asyncio.to_thread(self.transitions.save, self.generation, attempt, self.length, new)
            self.length = len(text)
        if parts:
            await asyncio.to_thread(self.transitions.save_parts, self.generation, attempt, parts)
        self._parts = mark
