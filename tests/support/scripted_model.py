"""A model in memory that plays scripts: a fake for whatever reads one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import TypeAlias

from functions.shared.generations.model import Usage
from functions.worker.conversation import Conversation
from functions.worker.model import Piece

Step: TypeAlias = Piece | str | float | Exception
"""A piece, text alone, seconds to wait, or what is raised."""

ALIVE = Piece()
REASONING = Piece(is_reasoning=True)
DONE = Piece(is_done=True)
COUNTS = Piece(usage=Usage(7, 4, 11))
FOREVER = 1e6


def finish(reason: str = "stop", text: str = "") -> Piece:
    """The last chunk, or what looks like one."""
    return Piece(text=text, finish_reason=reason)


@dataclass
class ScriptedModel:
    """Plays one script for each call, and the last one again and again."""

    scripts: list[list[Step]]
    called_at: list[float] = field(default_factory=list)
    conversations: list[Conversation] = field(default_factory=list)
    models: list[str] = field(default_factory=list)
    closed: int = 0
    """How many calls have ended, in whatever way."""
    trouble_closing: Exception | float | None = None

    async def pieces(self, conversation: Conversation, *, model: str) -> AsyncGenerator[Piece]:
        self.called_at.append(asyncio.get_running_loop().time())
        self.conversations.append(conversation)
        self.models.append(model)
        script = self.scripts[min(len(self.called_at), len(self.scripts)) - 1]
        try:
            for step in script:
                match step:
                    case Exception():
                        raise step
                    case str():
                        yield Piece(text=step)
                    case Piece():
                        yield step
                    case seconds:
                        await asyncio.sleep(seconds)
        finally:
            self.closed += 1
            if isinstance(self.trouble_closing, Exception):
                raise self.trouble_closing
            if self.trouble_closing:
                await asyncio.sleep(self.trouble_closing)
