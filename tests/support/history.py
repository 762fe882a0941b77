"""What was sent, accepted, delivered, stored and called, and one judge of it all.

I1  a user never holds more than three live sockets
I2  every accepted generation ends in exactly one way
I3  the frames of the winning attempt join to the model's text: no gap, no repeat, no mix of attempts
I4  one model call at a time for a generation, and no more calls than faults explain
I5  no frame reaches another user's socket
I6  nothing secret in any log           (judged when a deployment ends: `canaries.search`)
I7  errors come from the closed list
I8  every fault is proved to have fired (each test asserts its own)
I9  the parts beside the text are the same on each socket and in the table
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Self

import httpx

from tests.support.busy import accepting
from tests.support.canaries import ANSWER, PROMPT
from tests.support.heard import FINAL, Heard
from tests.support.lab import Lab
from tests.support.listener import Listener, Unavailable, listening, post_prompt, read

ERRORS = {
    "llm_rate_limited",
    "llm_unavailable",
    "llm_timeout",
    "llm_rejected",
    "llm_incomplete",
    "content_filtered",
    "context_too_long",
    "invalid_output",
    "budget_exceeded",
    "expired",
    "worker_lost",
    "internal",
}
CAP = 3


@dataclass(slots=True, kw_only=True)
class Asked:
    """One accepted prompt, and how it may go."""

    generation_id: str
    user_id: str
    key: str
    text: str
    endings: frozenset[str]
    calls: int
    """Model calls that the faults of this test explain."""
    overlapping: bool = False
    """Whether a frozen worker may hold an unread call open."""
    final: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class History:
    """Records while a test runs, and judges when it ends."""

    lab: Lab
    http: httpx.AsyncClient
    asked: list[Asked] = field(default_factory=list)
    listeners: list[tuple[Listener, bool]] = field(default_factory=list)
    live: dict[str, int] = field(default_factory=dict)
    most_live: int = 0
    patience: float = 90
    user: str = field(default_factory=lambda: f"user-{secrets.token_hex(4)}")
    """A user of this test's own: no other test's sockets or answers get in the way."""
    _sockets: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                await self.settle()
                self.judge()
        finally:
            await self._sockets.aclose()

    async def listen(self, user_id: str, *, throughout: bool = True) -> Listener:
        """Open a socket. One that is open throughout must have heard everything."""
        opening = listening(self.lab.site, user_id, is_explained=self.lab.proxy.fired)
        listener = await self._sockets.enter_async_context(opening)
        self.live[user_id] = self.live.get(user_id, 0) + 1
        self.most_live = max(self.most_live, self.live[user_id])
        self.listeners.append((listener, throughout))
        return listener

    async def ask(
        self,
        user_id: str,
        *,
        deltas: Sequence[str | dict[str, Any]] | None = None,
        repeat: int = 1,
        rate: float = 50,
        faults: list[dict[str, Any] | None] | None = None,
        endings: str = "completed",
        calls: int = 1,
        overlapping: bool = False,
        key: str | None = None,
        counts_bytes: bool = False,
        in_chat: Mapping[str, str] | None = None,
    ) -> Asked:
        """Post a prompt that must be accepted."""
        deltas = deltas or [f"{ANSWER} {number} " for number in range(100)]
        key = key or secrets.token_hex(8)
        plan: dict[str, Any] = {
            "key": key,
            "deltas": deltas,
            "repeat": repeat,
            "rate": rate,
            "faults": faults or [],
        }
        plan["note"] = PROMPT
        if counts_bytes:
            plan["counts_bytes"] = True
        fields = {"chat_id": f"chat of {key}", "prompt": json.dumps(plan), **(in_chat or {})}
        headers = {"Idempotency-Key": key}
        reply = await accepting(
            lambda: post_prompt(self.http, self.lab.site, user_id, fields, headers),
            is_explained=self.lab.proxy.fired,
        )
        asked = Asked(
            generation_id=reply.json()["generation_id"],
            user_id=user_id,
            key=key,
            text="".join(delta for delta in [*deltas] * repeat if isinstance(delta, str))
            .encode("utf-16", "surrogatepass")
            .decode("utf-16"),
            endings=frozenset(endings.split()),
            calls=calls + sum(fault is not None for fault in faults or []),
            overlapping=overlapping,
        )
        self.asked.append(asked)
        return asked

    async def cancel(self, asked: Asked) -> httpx.Response:
        """Ask for the end of a generation."""
        return await self.http.post(
            f"{self.lab.site.http_url}/api/chat/generations/{asked.generation_id}/cancel",
            headers=self.lab.site.headers(asked.user_id),
        )

    async def read(self, asked: Asked, **query: int) -> dict[str, Any]:
        """Fetch the present state of a generation."""
        explained, user_id = self.lab.proxy.fired, asked.user_id
        return await read(
            self.http, self.lab.site, user_id, asked.generation_id, is_explained=explained, **query
        )

    async def status(self, asked: Asked, *statuses: str) -> dict[str, Any]:
        """Wait until a generation is in one of these states."""
        async with asyncio.timeout(self.patience):
            while True:
                with suppress(Unavailable, httpx.TransportError):
                    if (state := await self.read(asked))["status"] in statuses:
                        return state
                await asyncio.sleep(0.2)

    async def settle(self) -> None:
        """Wait until everything that was accepted has ended, and was told to all open connections."""
        for asked in self.asked:
            asked.final = await self.status(asked, *FINAL)
        for listener, throughout in self.listeners:
            for asked in self.asked:
                if throughout and asked.user_id == listener.user_id:
                    await listener.hear(asked.generation_id, seconds=max(60, self.patience / 4))

    def judge(self) -> None:
        """Assert the invariants."""
        assert self.most_live <= CAP, "I1"
        for asked in self.asked:
            assert asked.final["status"] in asked.endings, ("I2", asked)
            self._judge_stored(asked)
            self._judge_calls(asked)
        for listener, throughout in self.listeners:
            self._judge_heard(listener, throughout=throughout)

    def _judge_stored(self, asked: Asked) -> None:
        final = asked.final
        if final["status"] == "completed" and final["finish_reason"] == "stop":
            assert final["text"] == asked.text, ("I3 stored", asked.generation_id)
        elif final["status"] != "completed":
            assert asked.text.startswith(final["text"]), ("I3 stored", asked.generation_id)
        assert final["code"] is None or final["code"] in ERRORS, "I7"

    def _judge_calls(self, asked: Asked) -> None:
        calls = sorted(self.lab.calls(asked.key), key=lambda call: call["started"])
        assert len(calls) <= asked.calls, ("I4 too many calls", asked.generation_id, calls)
        for earlier, later in pairwise(calls):
            ended = earlier["ended"] or float("inf")
            assert asked.overlapping or ended <= later["started"] + 0.05, ("I4 two at once", calls)

    def _judge_heard(self, listener: Listener, *, throughout: bool) -> None:
        ours = {asked.generation_id: asked for asked in self.asked}
        for generation_id, heard in listener.generations.items():
            assert generation_id in ours, ("I5 unknown generation", generation_id)
            asked = ours[generation_id]
            assert asked.user_id == listener.user_id, ("I5", generation_id)
            assert heard.missing == 0, ("I3 gap", generation_id)
            assert heard.error is None or heard.error["code"] in ERRORS, "I7"
            self._judge_ends(heard, asked)
            if throughout and asked.final["code"] == "worker_lost":
                # What a dying worker said in its last second was heard, but not stored.
                assert heard.text.startswith(asked.final["text"]), ("I3 heard", generation_id)
            elif throughout:
                assert heard.text == asked.final["text"], ("I3 heard", generation_id)
                assert heard.parts == parts_of(asked.final), ("I9", generation_id)
            if throughout:
                assert heard.attempt == max(asked.final["attempt"], 1), ("I3 attempt", generation_id)

    def _judge_ends(self, heard: Heard, asked: Asked) -> None:
        ends = {status for status in heard.statuses if status in FINAL}
        assert ends <= {asked.final["status"]}, ("I2 told otherwise", heard.statuses)


def parts_of(final: dict[str, Any]) -> dict[int, tuple[str, int, str]]:
    """What a generation has beside its text, as a socket brings it."""
    others = [part for part in final.get("parts", ()) if part["kind"] != "text"]
    return {part["index"]: (part["kind"], part["text_offset"], part["text"]) for part in others}
