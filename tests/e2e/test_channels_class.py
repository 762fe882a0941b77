"""A class written for Django Channels, as the docs show it, against the whole system."""

from __future__ import annotations

from urllib.parse import urlencode

import httpx

from tests.e2e.test_system import TEXT, plan
from tests.support.channels_class import channels_page
from tests.support.listener import Site


async def test_a_conversation_is_shown_as_single_answers_always_were(
    site: Site, http: httpx.AsyncClient
) -> None:
    query = urlencode({"user_id": "channels", "token": site.token("channels")})
    headers = {"Authorization": f"Bearer {site.token('channels')}", "Origin": site.origin}
    async with channels_page(f"{site.websocket_url}?{query}", site.origin) as page:
        for number in (1, 2):
            prompt = {"user_id": "channels", "chat_id": "class", "prompt": plan(TEXT, rate=50)}
            reply = await http.post(
                f"{site.http_url}/api/chat/generate-response", json=prompt, headers=headers
            )
            assert reply.status_code == 202, reply.text
            await page.until("completed", times=number)

    whole = "".join(TEXT)
    assert "".join(delta for [delta] in page.of("onFrameUpdate")) == whole * 2
    assert [text for text, _ in page.of("onFinalResponse")] == [whole] * 2
    statuses = [status for status, _ in page.of("onStatusUpdate")]
    assert statuses[: len(statuses) // 2] == statuses[len(statuses) // 2 :]
    assert statuses[-1] == "completed"
    assert page.of("onError") == page.of("onAuthError") == []
