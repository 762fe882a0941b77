"""How a row of the models table is read, and what it may not hold."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest

from functions.shared.budgets.prices import Price
from functions.shared.models.request_additions import Header
from functions.shared.models.row import BEDROCK, ONLY, OPENAI, ModelRow, row_of
from functions.shared.models.row_rules import Guardrail
from functions.shared.setting_rules import NotAllowedInside

AZURE: dict[str, Any] = {
    "model_id": "gpt-5",
    "base_url": "https://example.openai.azure.com/openai/v1",
    "headers": {"api-key": {"secret": "azure-key"}, "x-team": "chat"},
    "query": {"api-version": "preview"},
    "context_tokens": 100_000,
    "output_tokens": 4000,
    "price": "3/0.3/15",
    "parameters": {"temperature": 0.2, "metadata": {"team": "chat"}},
    "system_prompt": "Be brief.\nBe kind.",
    "fallback": "small",
    "accepts": ["file", "image"],
}
CLAUDE: dict[str, Any] = {
    "provider": "bedrock",
    "model_id": "eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
    "region": "eu-west-1",
    "role": "arn:aws:iam::210987654321:role/teams/models",
    "external_id": "chat:1/2",
    "guardrail": {"id": "abcd1234", "version": "DRAFT"},
    "cache": True,
    "think_tags": True,
    "structured_output": False,
}


def test_a_row_of_a_server_that_speaks_openai_s_protocol() -> None:
    row = row_of("gpt", AZURE)

    assert (row.name, row.provider, row.id) == ("gpt", "openai", "gpt-5")
    assert row.headers == (Header("api-key", secret="azure-key"), Header("x-team", value="chat"))
    assert row.query == (("api-version", "preview"),)
    assert row.price == Price(3_000_000, 300_000, 15_000_000)
    assert dict(row.parameters) == {"temperature": 0.2, "metadata": {"team": "chat"}}
    assert row.accepts == ("image", "file")


def test_a_row_of_bedrock() -> None:
    row = row_of("claude", CLAUDE)

    assert row.guardrail == Guardrail("abcd1234", "DRAFT")
    assert (row.region, row.cache, row.think_tags, row.structured_output) == ("eu-west-1", True, True, False)


def test_a_row_without_fields_is_a_model_of_the_deployment_s_own_server() -> None:
    row = row_of("gpt-5-mini", {})

    assert row == ModelRow(name="gpt-5-mini")
    assert row.id == "gpt-5-mini"


@pytest.mark.parametrize("given", [AZURE, CLAUDE, {}])
def test_a_row_is_written_as_it_was_given(given: dict[str, Any]) -> None:
    row = row_of("a", given)

    assert row_of("a", row.in_json()) == row
    assert set(row.in_json()) == set(given)


WRONG: list[tuple[str, object, str]] = [
    ("provider", "anthropic", "a.provider is 'anthropic', but it must be one of openai, bedrock"),
    ("temperature", 1, "a.temperature is (not shown), but there is no such field"),
    ("contxt_tokens", 1, "did you mean context_tokens?"),
    ("model_id", "two words", "a.model_id is 'two words', but it must be a text without spaces"),
    ("model_id", None, "a.model_id is None, but"),
    ("base_url", "ftp://example.com/v1", "a.base_url is 'ftp://example.com/v1', but"),
    ("base_url", "https://user:word@example.com/v1", "a.base_url is (not shown), but"),
    ("base_url", "https://example.com/v1/chat/completions", "a.base_url is"),
    ("key_secret", "sk proj 123", "a.key_secret is (not shown), but it must be the name or ARN of a secret"),
    ("key_secret", {"secret": "x"}, "a.key_secret is (not shown), but"),
    ("headers", {"authorization": "Bearer sk-1"}, "a.headers is (not shown), but"),
    ("query", {"api-key": "sk-1"}, "a.query is (not shown), but"),
    ("context_tokens", -1, "a.context_tokens is -1, but it must be a whole number from 0"),
    ("context_tokens", 1.5, "a.context_tokens is 1.5, but"),
    ("output_tokens", True, "a.output_tokens is True, but"),
    ("price", "3/15", "a.price is '3/15', but it must be US dollars"),
    ("price", "3/0.3/-15", "a.price is '3/0.3/-15', but"),
    ("price", 3, "a.price is 3, but"),
    ("parameters", {"model": "other"}, "a.parameters is (not shown), but it must not hold model"),
    ("parameters", {"messages": []}, "it must not hold messages"),
    ("parameters", {"stream": False}, "it must not hold stream: framestream writes it"),
    ("parameters", {"max_tokens": 5}, "it must not hold max_tokens: use output_tokens"),
    ("parameters", {"n": 2}, "it must not hold n: an answer is one text"),
    ("parameters", {"x": float("nan")}, "a.parameters is (not shown), but it must be a JSON object"),
    ("parameters", {"x": "y" * 9000}, "a.parameters is (not shown), but it must be a JSON object of at most"),
    ("parameters", ["temperature"], "a.parameters is (not shown), but"),
    ("system_prompt", "a\0b", "a.system_prompt is 'a\\x00b', but it must not hold the character U+0000"),
    ("fallback", "two, models", "a.fallback is 'two, models', but"),
    ("think_tags", "yes", "a.think_tags is 'yes', but it must be true or false"),
    (
        "accepts",
        ["image", "video"],
        "a.accepts is ['image', 'video'], but it must be a list of image and file",
    ),
    ("accepts", "image", "a.accepts is 'image', but"),
]


@pytest.mark.parametrize(("field", "value", "told"), WRONG)
def test_what_a_field_cannot_hold_is_refused_with_the_names_of_row_and_field(
    field: str, value: object, told: str
) -> None:
    with pytest.raises(NotAllowedInside) as refused:
        row_of("a", {field: value})

    assert told in str(refused.value)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("region", "Ireland"),
        ("role", "models"),
        ("role", "arn:aws:iam::210987654321:role/"),
        ("role", "arn:aws:iam::210987654321:role/*"),
        ("role", "arn:aws:iam::210987654321:user/models"),
        ("role", "arn:aws:sts::210987654321:assumed-role/models/session"),
        ("external_id", "a b"),
        ("external_id", "x"),
        ("endpoint_url", "http://example.com:9000"),
        ("guardrail", {"id": "abcd1234"}),
        ("guardrail", {"id": "ABC", "version": "1"}),
        ("guardrail", {"id": "abcd1234", "version": "latest"}),
        ("cache", 1),
    ],
)
def test_the_fields_of_bedrock_have_their_rules_too(field: str, value: object) -> None:
    with pytest.raises(NotAllowedInside, match=rf"^a\.{field} is .*, but it must be "):
        row_of("a", {"provider": "bedrock", field: value})


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"guardrail": None}, "only models of the provider bedrock have it"),
        ({"region": "eu-west-1"}, "only models of the provider bedrock have it"),
        ({"provider": "bedrock", "key_secret": "key"}, "only models of the provider openai have it"),
        ({"provider": "bedrock", "base_url": ""}, "only models of the provider openai have it"),
    ],
)
def test_a_field_of_the_other_provider_is_refused(given: dict[str, Any], told: str) -> None:
    with pytest.raises(NotAllowedInside, match=told):
        row_of("a", given)


@pytest.mark.parametrize("given", ["gpt-5", None, 1, ["openai"]])
def test_what_is_no_object_is_no_row(given: object) -> None:
    with pytest.raises(NotAllowedInside, match="it must be an object with the fields of a model"):
        row_of("a", given)


def test_the_fields_of_each_provider_are_fields() -> None:
    known = {each.name for each in fields(ModelRow)}

    assert set(ONLY) == {OPENAI, BEDROCK}
    assert {name for names in ONLY.values() for name in names} < known


def test_what_may_hold_a_secret_is_not_printed() -> None:
    assert repr(row_of("gpt", AZURE)) == "ModelRow(name='gpt')"
