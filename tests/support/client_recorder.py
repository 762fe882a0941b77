"""Records the phases and codes of a client with short pauses, connected to a fake server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from framestream import Backoff, FrameStreamClient, Phase, Reconnect
from tests.support.fake_server import FakeServer

QUICK = Reconnect(backoff=Backoff(base=0.01, cap=0.02), idle_cap=0.02, pause_when_full=0.05)


class ClientRecorder:
    """A client, with the phases and codes that it reports."""

    def __init__(self, server: FakeServer, source: Any = "good", **options: Any) -> None:
        self.phases: list[Phase] = []
        self.codes: list[int | str] = []
        quick = {"user_id": "u1", "reconnect": QUICK, "timeout": 1, "trust_env": False}
        self.client = FrameStreamClient(
            server.http_url, source, on_state=self.on_state, **{**quick, **options}
        )

    def on_state(self, phase: Phase, code: int | str | None, _reason: str) -> None:
        if code is None:
            self.phases.append(phase)
        else:
            self.codes.append(code)

    async def until(self, *, phases: int = 0, codes: int = 0) -> None:
        async with asyncio.timeout(5):
            while len(self.phases) < phases or len(self.codes) < codes:
                await asyncio.sleep(0.005)


async def until(condition: Callable[[], object]) -> None:
    """Wait for something to become true."""
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.005)
