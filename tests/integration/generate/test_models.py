"""`GET /api/chat/models`, and what the table of models makes of prompts."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from functions.generate import wiring
from functions.shared.models.table import FILE
from tests.integration.generate.site import Site

ROWS: dict[str, Any] = {
    "claude": {
        "provider": "bedrock",
        "model_id": "eu.anthropic.claude-canary",
        "region": "eu-west-1",
        "context_tokens": 200_000,
        "output_tokens": 4000,
        "price": "3/0.3/15",
        "fallback": "open",
        "accepts": ["image", "file"],
    },
    "open": {
        "base_url": "https://canary.example/v1",
        "key_secret": "canary/key",
        "headers": {"x-canary": "1"},
        "parameters": {"canary": 1},
        "system_prompt": "canary",
        "structured_output": False,
    },
}


@pytest.fixture
def with_table(site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Site]:
    """Give the function a table, as its zip has it."""
    monkeypatch.setattr("functions.shared.models.table.FOLDER", tmp_path)

    def deploy(rows: object = ROWS, **settings: str) -> Site:
        (tmp_path / FILE).write_text(json.dumps(rows))
        for name, text in {"models": FILE, **settings}.items():
            monkeypatch.setenv(name.upper(), text)
        wiring.api.cache_clear()
        return site

    return deploy


def test_models_are_listed_with_what_a_client_may_choose_by(with_table: Callable[..., Site]) -> None:
    answer = with_table(default_model="open", attachments="true").call("GET", "/api/chat/models")

    assert answer.status == 200
    assert answer.body | {"timestamp": ""} == {
        "models": [
            {
                "name": "claude",
                "is_default": False,
                "context_tokens": 200_000,
                "output_tokens": 4000,
                "price": {"input": 3_000_000, "cached_input": 300_000, "output": 15_000_000},
                "accepts": ["text", "image", "file"],
                "structured_output": True,
            },
            {
                "name": "open",
                "is_default": True,
                "context_tokens": None,
                "output_tokens": None,
                "price": None,
                "accepts": ["text"],
                "structured_output": False,
            },
        ],
        "default": "open",
        "timestamp": "",
    }


def test_without_attachments_no_model_takes_more_than_text(with_table: Callable[..., Site]) -> None:
    listed = with_table().call("GET", "/api/chat/models").body["models"]

    assert {tuple(model["accepts"]) for model in listed} == {("text",)}


def test_nothing_is_told_of_servers_keys_and_instructions(with_table: Callable[..., Site]) -> None:
    answer = with_table().call("GET", "/api/chat/models")

    assert "canary" not in answer.text
    assert "eu-west-1" not in answer.text


def test_models_are_told_to_users_alone(with_table: Callable[..., Site]) -> None:
    assert with_table().call("GET", "/api/chat/models", user=None).status == 401


def test_without_a_table_the_models_of_the_one_server_are_listed(site: Site) -> None:
    body = site.call("GET", "/api/chat/models").body

    assert [(model["name"], model["is_default"]) for model in body["models"]] == [
        ("gpt-test", True),
        ("gpt-other", False),
    ]
    assert body["default"] == "gpt-test"


def test_a_prompt_is_for_the_model_that_it_names_or_the_default_one(with_table: Callable[..., Site]) -> None:
    site = with_table()

    named, unnamed = site.ask(chat_id="a", model="open"), site.ask(chat_id="b")

    assert site.recorded(named.body["generation_id"]).model == "open"
    assert site.recorded(unnamed.body["generation_id"]).model == "claude"


@pytest.mark.parametrize("model", ["gpt-test", "gpt-5-mini", "eu.anthropic.claude-canary", "Claude"])
def test_any_other_model_is_refused_with_the_list(with_table: Callable[..., Site], model: str) -> None:
    answer = with_table().ask(model=model)

    assert (answer.status, answer.code) == (422, "invalid")
    assert answer.body["errors"] == [{"field": "model", "message": "must be one of: claude, open"}]


def test_as_much_is_held_as_the_dearest_model_that_may_answer_can_cost(
    with_table: Callable[..., Site],
) -> None:
    dear = {**ROWS, "open": {"price": "1/1/40", "output_tokens": 5000}}
    site = with_table(dear, user_budget="day_usd=100")
    site.ask()

    day = site.call("GET", "/api/chat/usage").body["day"]

    assert 5000 < day["held_tokens"] < 5100
    assert 200_000 < day["held_cost"] < 201_000


def test_money_cannot_be_limited_where_a_fallback_has_no_price(with_table: Callable[..., Site]) -> None:
    answer = with_table(user_budget="day_usd=100").ask()

    assert answer.status == 403
