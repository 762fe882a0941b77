"""One chat of hundreds of turns: what the model is sent, and what the table is asked, must not grow with it.

    python -m tests.faults.long_chat --turns 200

The model's server counts what it is sent; the proxy in front of the table notes each call.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING

from framestream import FrameStreamClient
from tests.support.lab import Lab, laboratory

if TYPE_CHECKING:
    from framestream import Conversation

USER = "ada"
CONTEXT = 2000
SETTINGS = {"context_tokens": CONTEXT, "llm_max_output_tokens": 400, "prompts_per_minute": 300}
ROOM = 1600
"""What of the context is left for the prompt with its turns."""
FULL_BY = 30
"""Turns until the room is filled, trimmed and filled again."""
MOST_GROWTH = 1.1
NOTED = {"latency": 1}
"""A fault that is none: a millisecond, so that the proxy notes the call."""


@dataclass(slots=True)
class LongChat:
    """One run."""

    lab: Lab
    turns: int
    inputs: list[int] = field(default_factory=list)
    """Tokens of each turn's request, as the server counts."""
    calls: list[Counter[str]] = field(default_factory=list)
    """Calls of the table during each turn."""

    async def run(self) -> None:
        """Ask turn after turn."""
        client = FrameStreamClient(
            self.lab.site.http_url,
            lambda: self.lab.site.token(USER),
            origin=self.lab.site.origin,
            timeout=30,
            trust_env=False,
        )
        async with client:
            chat = await client.conversation("long")
            for number in range(self.turns):
                await self._turn(chat, number)
            record = await client.chats.messages("long")
        assert len(record.messages) == 2 * self.turns

    async def _turn(self, chat: Conversation, number: int) -> None:
        self.lab.proxy.calm()
        self.lab.proxy.rule("dynamodb", times=100_000, **NOTED)
        key = f"turn {number}"
        plan = {"key": key, "deltas": [f"{key}, "], "repeat": 20, "counts_bytes": True}
        answer = await chat.ask(json.dumps(plan))
        assert (await answer.result()).status == "completed"
        await asyncio.sleep(0.3)  # What follows an end, such as a summary, belongs to its turn.
        self.calls.append(Counter(event["operation"] for event in self.lab.proxy.fired()))
        [call] = self.lab.calls(key)
        self.inputs.append(call["prompt_tokens"])
        if (number + 1) % 20 == 0:
            print(f"{number + 1} of {self.turns} turns: {call['prompt_tokens']} tokens", flush=True)

    def judge(self) -> None:
        """Compare the last turns with those since the room was full.

        Raises:
            AssertionError: If something grows.
        """
        assert max(self.inputs) <= ROOM, max(self.inputs)
        before, after = self._halves(self.inputs)
        assert after <= before * MOST_GROWTH, ("input grows", before, after)
        for action in sorted(set().union(*self.calls)):
            each = [counted[action] for counted in self.calls]
            before, after = self._halves(each)
            print(f"{action}: {before:.2f} a turn, later {after:.2f}; {max(each[FULL_BY:])} at most")
            assert after <= before * MOST_GROWTH + 0.5, (f"{action} grows", before, after)

    def _halves(self, each: list[int]) -> tuple[float, float]:
        middle = (FULL_BY + len(each)) // 2
        return mean(each[FULL_BY:middle]), mean(each[middle:])


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--turns", type=int, default=200)
    options = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as state, laboratory(Path(state), **SETTINGS) as lab:
        run = LongChat(lab, options.turns)
        asyncio.run(run.run())
        late = run.inputs[FULL_BY:]
        print(f"{options.turns} turns in {time.monotonic() - began:.0f} s")
        print(f"input: {min(late)} to {max(late)} tokens, {mean(late):.0f} on average after {FULL_BY} turns")
        run.judge()


if __name__ == "__main__":
    main()
