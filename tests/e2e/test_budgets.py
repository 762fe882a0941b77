"""A budget and a table of models on the whole system: prompts at once, what is stopped, and a fallback."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from typing import Any

import httpx
import pytest

from local.deployment import aws_client
from tests.e2e.full import HOLD, MODELS, MONEY_FOR, PROMPT, Full
from tests.support.heard import FINAL
from tests.support.listener import Site, read
from tests.support.plain_http import plain_client

PROMPTS = 200
AT_ONCE = 12
"""So many functions the emulator runs at the same time without complaint."""


@pytest.fixture
def site(full: Full) -> Site:
    """The deployment in which each user has money for ten answers under way."""
    return full.site


@pytest.mark.timeout(900)
async def test_of_200_prompts_at_once_with_money_for_10_exactly_10_run(
    site: Site,
) -> None:
    limits = httpx.Limits(max_connections=AT_ONCE)
    async with plain_client(timeout=120, limits=limits) as http:
        replies = await asyncio.gather(*(_ask(http, site, number) for number in range(PROMPTS)))
        accepted = [reply.json()["generation_id"] for reply in replies if reply.status_code == 202]
        held = await _month(http, site)
        refused = Counter(str(reply.json().get("code")) for reply in replies if reply.status_code != 202)

        for generation_id in accepted:
            url = f"{site.http_url}/api/chat/generations/{generation_id}/cancel"
            await http.post(url, headers=site.headers("ada"))
        ends = [await _ended(http, site, generation_id) for generation_id in accepted]
        after = await _month(http, site)

    assert len(accepted) == MONEY_FOR, refused
    # Who asks for too much at once is also told so before anybody looks at the budget.
    assert set(refused) <= {"budget_exceeded", "too_many_at_once"}
    assert refused["budget_exceeded"] > 0
    assert held["held_cost"] == held["limit_cost"] == MONEY_FOR * HOLD
    assert {end["status"] for end in ends} == {"cancelled"}
    assert after["held_cost"] == after["held_tokens"] == 0
    items = _budget(site)
    assert not [item for item in items if item["sk"]["S"].startswith("HOLD#")]
    lines = [item for item in items if item["sk"]["S"].startswith("LINE#")]
    assert sum(int(line["micros"]["N"]) for line in lines) == after["used_cost"]
    assert sum(end["cost"] or 0 for end in ends) == after["used_cost"]


@pytest.mark.timeout(600)
async def test_a_model_that_is_down_gives_its_place_to_its_fallback_at_that_one_s_price(site: Site) -> None:
    prompt = json.dumps({"key": "fallback", "deltas": ["Otters", " hold."]})
    body = {"user_id": "grace", "chat_id": "fallback", "prompt": prompt, "model": "down"}
    async with plain_client(timeout=120) as http:
        headers = site.headers("grace")
        models = (await http.get(f"{site.http_url}/api/chat/models", headers=headers)).json()
        url = f"{site.http_url}/api/chat/generate-response"
        refused = await http.post(url, json=body | {"model": "gpt-5"}, headers=headers)
        accepted = await http.post(url, json=body, headers=headers)
        end = await _ended(http, site, accepted.json()["generation_id"], user="grace")

    assert ([model["name"] for model in models["models"]], models["default"]) == ([*MODELS], "gpt-5-mini")
    assert (refused.status_code, refused.json()["errors"][0]["message"]) == (
        422,
        "must be one of: down, gpt-5-mini",
    )
    assert (end["status"], end["text"]) == ("completed", "Otters hold.")
    assert (end["model"], end["answered_by"]) == ("down", "gpt-5-mini")
    assert end["cost"] > 0


async def _ask(http: httpx.AsyncClient, site: Site, number: int) -> httpx.Response:
    """Ask as a client does: again with the same key, where nobody has decided."""
    body = {"user_id": "ada", "chat_id": f"chat {number}", "prompt": PROMPT}
    headers = site.headers("ada") | {"Idempotency-Key": f"key-{number}"}
    url = f"{site.http_url}/api/chat/generate-response"
    for _ in range(20):
        reply = await http.post(url, json=body, headers=headers)
        if reply.status_code == 202 or isinstance(reply.json().get("code"), str):
            break
        await asyncio.sleep(0.5)
    return reply


async def _month(http: httpx.AsyncClient, site: Site) -> dict[str, Any]:
    reply = await http.get(f"{site.http_url}/api/chat/usage", headers=site.headers("ada"))
    month: dict[str, Any] = reply.json()["month"]
    return month


async def _ended(
    http: httpx.AsyncClient, site: Site, generation_id: str, *, user: str = "ada"
) -> dict[str, Any]:
    for _ in range(120):
        generation = await read(http, site, user, generation_id)
        if generation["status"] in FINAL:
            return generation
        await asyncio.sleep(0.5)
    raise TimeoutError(generation_id)


def _budget(site: Site) -> list[dict[str, Any]]:
    dynamodb = aws_client("dynamodb", site.aws_endpoint_url)
    reply: Any = dynamodb.query(
        TableName=site.table_name,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": "BUDGET#ada"}},
        ConsistentRead=True,
    )
    items: list[dict[str, Any]] = reply["Items"]
    return items
