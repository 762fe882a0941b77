"""How the HTTP API refuses what no budget is left for, and tells what was used."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from functions.generate import handler as generate
from functions.generate import wiring
from functions.shared.budgets.items import override_item
from functions.shared.budgets.limits import limits_from
from tests.integration.generate.site import Answer, Site
from tests.support.builders import USER
from tests.support.environment import TABLE_NAME
from tests.support.events import Context, http_event
from tests.support.tokens import token

if TYPE_CHECKING:
    from collections.abc import Callable

HELD = 100 + 16 + 11
"""The largest output, and the prompt with what stands around it."""


@pytest.fixture
def limited(site: Site, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Site]:
    """Set budgets, with a price for every model."""

    def limit(**settings: str) -> Site:
        chosen = {"llm_max_output_tokens": "100", "llm_prices": "gpt-test=1/0.1/2", **settings}
        for name, text in chosen.items():
            monkeypatch.setenv(name.upper(), text)
        wiring.api.cache_clear()
        return site

    return limit


def ask(site: Site, number: int, **claims: Any) -> Answer:
    """Ask in a chat of its own, with a token that has these claims."""
    body = {"user_id": USER, "chat_id": f"chat_{number}", "prompt": "Tell me about otters"}
    signed = token(at=datetime.now(UTC), sub=USER, **claims)
    reply = generate.handler(
        http_event("POST", "/api/chat/generate-response", token=signed, body=body), Context()
    )
    return Answer(reply["statusCode"], reply["headers"], reply["body"])


def usage(site: Site) -> dict[str, Any]:
    answer = site.call("GET", "/api/chat/usage")
    assert answer.status == 200
    return answer.body


def test_what_does_not_fit_is_refused_with_429_and_when_there_is_more(limited: Callable[..., Site]) -> None:
    site = limited(user_budget=f"day_tokens={2 * HELD}")

    assert [ask(site, number).status for number in range(3)] == [202, 202, 429]

    refused = ask(site, 4)
    assert refused.code == "budget_exceeded"
    assert refused.body["limit"] == "user_day_tokens"
    midnight = datetime.fromisoformat(refused.body["resets_at"])
    assert midnight - datetime.now(UTC) <= timedelta(days=1)
    assert refused.headers["Retry-After"] == str(refused.body["retry_after"])
    assert len(site.queued()) == 2


def test_usage_tells_what_is_used_and_held_and_warns_at_80_percent(limited: Callable[..., Site]) -> None:
    site = limited(user_budget=f"day_tokens={2 * HELD},month_usd=1")
    before = usage(site)

    ask(site, 1)
    ask(site, 2)

    after = usage(site)
    assert before["day"]["held_tokens"] == before["month"]["used_cost"] == 0
    assert not before["day"]["is_warned"]
    assert after["day"] | {"resets_at": "", "period": ""} == {
        "period": "",
        "used_tokens": 0,
        "held_tokens": 2 * HELD,
        "limit_tokens": 2 * HELD,
        "used_cost": 0,
        "held_cost": 2 * (HELD - 100 + 200),
        "limit_cost": None,
        "resets_at": "",
        "is_warned": True,
    }
    assert (after["month"]["limit_cost"], after["month"]["is_warned"]) == (1_000_000, False)


def test_a_cancelled_prompt_that_no_worker_had_gives_its_hold_back(limited: Callable[..., Site]) -> None:
    site = limited(user_budget=f"day_tokens={HELD}")
    accepted = ask(site, 1)

    site.cancel(accepted.body["generation_id"])

    assert usage(site)["day"]["held_tokens"] == 0
    assert ask(site, 1).status == 202


def test_a_repeated_key_is_held_once(limited: Callable[..., Site]) -> None:
    site = limited(user_budget=f"day_tokens={HELD}")

    assert site.ask(key="k").body["generation_id"] == site.ask(key="k").body["generation_id"]
    assert usage(site)["day"]["held_tokens"] == HELD


def test_a_tokens_claim_is_its_users_budget(limited: Callable[..., Site]) -> None:
    site = limited(user_budget="day_tokens=0", budget_claim="budget")

    assert ask(site, 1).code == "budget_exceeded"
    assert ask(site, 1, budget={"day_tokens": 1000}).status == 202
    assert ask(site, 2, budget={"day_tokens": None}).status == 202


@pytest.mark.parametrize(
    "claim", [None, "day_tokens=5", 5, [], {"tokens": 5}, {"day_tokens": "5"}, {"day_usd": -1}]
)
def test_a_claim_that_cannot_be_read_is_refused_and_never_no_limit(
    limited: Callable[..., Site], claim: object
) -> None:
    site = limited(budget_claim="budget")

    assert ask(site, 1, budget=claim).status == 403
    assert site.queued() == []


def test_a_claim_of_another_name_is_not_looked_at(limited: Callable[..., Site]) -> None:
    assert ask(limited(), 1, budget="anything").status == 202


def test_an_operators_override_counts_before_all(limited: Callable[..., Site]) -> None:
    site = limited(user_budget="day_tokens=100000")
    item = override_item(
        USER, limits_from({"day_tokens": 0}), expires_at=datetime.now(UTC) + timedelta(days=9)
    )
    site.dynamodb.put_item(TableName=TABLE_NAME, Item=item)

    assert ask(site, 1).code == "budget_exceeded"
    assert usage(site)["day"]["limit_tokens"] == 0


def test_an_edited_waiting_prompt_is_held_anew_or_refused_and_goes_on_waiting(
    limited: Callable[..., Site],
) -> None:
    site = limited(user_budget=f"day_tokens={2 * HELD + 50}")
    site.ask()
    waiting = site.ask(on_busy="queue").body["generation_id"]
    path = f"/api/chat/chats/chat_1/queue/{waiting}"

    assert site.call("PATCH", path, body={"prompt": "x" * 150}).status == 200
    longer = usage(site)["day"]["held_tokens"]
    refused = site.call("PATCH", path, body={"prompt": "y" * 300})
    kept = site.call("GET", "/api/chat/chats/chat_1/messages").body["queue"]["waiting"]
    assert site.call("PATCH", path, body={"prompt": "z"}).status == 200
    shorter = usage(site)["day"]["held_tokens"]

    assert (refused.status, refused.code, refused.body["limit"]) == (
        429,
        "budget_exceeded",
        "user_day_tokens",
    )
    assert [each["prompt"] for each in kept] == ["x" * 150]
    assert (longer - 2 * HELD, shorter - 2 * HELD) == (50 - 7, 1 - 7)


def test_a_claim_counts_for_an_edited_prompt_too(limited: Callable[..., Site]) -> None:
    site = limited(budget_claim="budget")
    site.ask()
    waiting = site.ask(on_busy="queue").body["generation_id"]
    path = f"/api/chat/chats/chat_1/queue/{waiting}"
    signed = token(at=datetime.now(UTC), sub=USER, budget={"day_tokens": 5})

    assert site.call("PATCH", path, body={"prompt": "x"}, token=signed).code == "budget_exceeded"
    assert site.call("PATCH", path, body={"prompt": "x"}).status == 200


@pytest.mark.parametrize(
    "budget",
    [f"day_tokens={3 * HELD}", f"month_tokens={3 * HELD}", f"month_usd=0.0007,day_tokens={100 * HELD}"],
)
def test_the_prompt_with_which_80_percent_are_reached_says_so(
    limited: Callable[..., Site], budget: str
) -> None:
    site = limited(user_budget=budget)

    told = [ask(site, number).body["budget_warning"] for number in range(3)]

    assert told == [False, False, True]
    assert usage(site)["day"]["is_warned"] or usage(site)["month"]["is_warned"]


def test_a_repeated_key_is_warned_as_before_and_without_a_limit_none_is(limited: Callable[..., Site]) -> None:
    site = limited(user_budget=f"day_tokens={HELD}")

    assert [site.ask(key="k").body["budget_warning"] for _ in range(2)] == [True, True]
    assert not limited(user_budget="").ask(chat_id="other").body["budget_warning"]
