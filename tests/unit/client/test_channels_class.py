"""A class written for Django Channels, as the docs show it, in a conversation: it sees what it always saw."""

from __future__ import annotations

from typing import Any

from tests.support.channels_class import ChannelsPage, channels_page
from tests.support.fake_server import FakeServer, fake_server

TEXTS = ["Otters 🦦 hold hands.", "And they eat urchins."]


async def news(server: FakeServer, event: str, version: int, **facts: Any) -> None:
    nothing = dict.fromkeys(("message_id", "parent_id", "generation_id", "text", "title"))
    told = {"event": event, "version": version, "user_id": "u1", "chat_id": "c1", **nothing, **facts}
    await server.send("chat_message", **told)


async def answer(server: FakeServer, text: str, version: int) -> None:
    """Tell a question and its answer, with all that belongs to conversations."""
    await news(server, "prompt", version, message_id="p", generation_id="g", text="Otters?")
    await server.status("queued")
    for word in ("started", "processing", "thinking", "streaming"):
        await server.status(word)
    for offset in range(0, len(text), 7):
        await server.frame(text[offset : offset + 7], offset)
    data = {"response": text, "length": len(text), "cost": 7, "context": {"turns": version // 2}}
    await server.send("llm_response", data=data)
    await server.status("completed", chat_version=version + 1)


def seen(page: ChannelsPage) -> tuple[list[str], str, list[str]]:
    statuses = [status for status, _ in page.of("onStatusUpdate")]
    frames = "".join(delta for [delta] in page.of("onFrameUpdate"))
    return statuses, frames, [text for text, _ in page.of("onFinalResponse")]


async def test_it_sees_statuses_frames_and_whole_answers_and_nothing_else() -> None:
    async with fake_server() as server:
        server.tickets.add("t")
        async with channels_page(f"{server.websocket_url}/?ticket=t", "https://app.example.com") as page:
            await server.wait_for(sockets=1)
            await news(server, "queued", 1, text="Later?")
            await answer(server, TEXTS[0], 2)
            await news(server, "title", 4, title="Otters")
            await answer(server, TEXTS[1], 5)
            await server.send("llm_error", error="Busy.", code="budget_exceeded", retryable=False)
            await server.status("failed", chat_version=7)
            await page.until("failed")

    words = ["queued", "started", "processing", "thinking", "streaming", "completed"]
    assert seen(page) == ([*words, *words, "failed"], "".join(TEXTS), TEXTS)
    assert page.of("onError") == [["Busy.", "budget_exceeded"]]
    assert page.of("onAuthError") == []
