"""What attempts left whose workers are gone: text and parts, and from these an estimate of what they used."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from functions.shared.generations.model import Usage
from functions.shared.token_estimate import estimated_tokens
from functions.worker.call_ledger import estimated_input, line_of
from functions.worker.context import Context

if TYPE_CHECKING:
    from functions.shared.budgets.model import LedgerLine
    from functions.shared.generations.model import Generation
    from functions.shared.generations.parts import StoredPart
    from functions.worker.memory import Memory
    from functions.worker.ports import Archive
    from functions.worker.settings import WorkerOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftovers:
    """Looks at what earlier workers left."""

    archive: Archive
    memory: Memory
    options: WorkerOptions

    def written(self, generation: Generation) -> tuple[str, list[StoredPart]]:
        """Return the last that they had written, for a user who wants no more than that."""
        for number in range(generation.attempt - 1, 0, -1):
            earlier = replace(generation, attempt=number)
            parts, text = self.archive.parts(earlier), self.archive.text(earlier)
            if text or parts:
                return text, parts
        return "", []

    async def lines(self, generation: Generation, *, below: int) -> list[LedgerLine]:
        """Return a line for each attempt below this one.

        Raises:
            Unavailable: If what they left could not be read.
        """
        if below <= 1:
            return []
        sent = estimated_input(await self._context(generation), self.options.of(generation.model))
        texts = [
            await asyncio.to_thread(self._shown, replace(generation, attempt=attempt))
            for attempt in range(1, below)
        ]
        return [
            line_of(
                Usage(sent, written := estimated_tokens(text), sent + written),
                model=generation.model,
                attempt=attempt,
                call=1,
                is_estimate=True,
                options=self.options,
            )
            for attempt, text in enumerate(texts, start=1)
        ]

    def _shown(self, generation: Generation) -> str:
        parts = self.archive.parts(generation)
        reasoning = [part.text for part in parts if part.kind == "reasoning" and part.text]
        return "".join([*reasoning, self.archive.text(generation)])

    async def _context(self, generation: Generation) -> Context:
        try:
            return await self.memory.context(generation, await self.memory.question(generation))
        except KeyError:
            # The prompt was deleted with its chat; the end must be recorded all the same.
            return Context(prompt="")
