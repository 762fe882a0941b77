"""Which deployment settings are taken, and what is said about the others."""

import traceback
from dataclasses import fields
from typing import Any

import pytest

from functions.shared.models.request_additions import Header
from infra.config.fields import Config, ConfigError

LOCAL_ENDPOINT = "http://127.0.0.1:4566/_aws/execute-api/{api_id}/prod"


def config(**context: Any) -> Config:
    return Config.from_context({"framestream": context})


def test_the_defaults_work() -> None:
    assert config() == Config()


def test_the_command_line_wins_over_the_file() -> None:
    context = {"framestream": {"max_attempts": 4, "lease_seconds": 20}, "framestream.max_attempts": "5"}

    given = Config.from_context(context)

    assert (given.max_attempts, given.lease_seconds) == (5, 20)


def test_what_else_is_in_the_context_is_of_no_interest() -> None:
    assert Config.from_context({"@aws-cdk/aws-iam:minimizePolicies": True}) == Config()


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("connections_per_user", "5", 5),
        ("log_retention_days", "90", 90),
        ("allow_missing_origin", "true", True),
        ("allow_missing_origin", "false", False),
        ("removal", "destroy", "destroy"),
        ("token_issuer", "https://login.example.com/", "https://login.example.com/"),
        ("llm_system_prompt", "Be brief.\nBe kind.", "Be brief.\nBe kind."),
        ("token_user_claims", "sub", ("sub",)),
        (
            "allowed_origins",
            "https://a.example, https://b.example",
            ("https://a.example", "https://b.example"),
        ),
        ("llm_allowed_models", "", ()),
        ("user_budget", "", ()),
    ],
)
def test_the_command_line_speaks_in_texts(name: str, text: str, value: object) -> None:
    assert getattr(Config.from_context({f"framestream.{name}": text}), name) == value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("connections_per_user", 10),
        ("allowed_origins", ("https://a.example",)),
        ("websocket_access_logs", True),
    ],
)
def test_the_file_speaks_in_json(name: str, value: object) -> None:
    given = list(value) if isinstance(value, tuple) else value

    assert getattr(config(**{name: given}), name) == value


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("connections_per_user", 0),
        ("connections_per_user", 11),
        ("connections_per_user", "three"),
        ("connections_per_user", "٣"),
        ("connections_per_user", "3.0"),
        ("connections_per_user", ""),
        ("connections_per_user", 3.5),
        ("connections_per_user", True),
        ("connections_per_user", None),
        ("connections_per_user", [3]),
        ("connection_lifetime_seconds", 7201),
        ("worker_timeout_seconds", 901),
        ("worker_max_concurrency", 1),
        ("worker_answers", 0),
        ("worker_answers", 101),
        ("connect_reserved_concurrency", -1),
        ("log_retention_days", 31),
        ("log_retention_days", True),
        ("allow_missing_origin", "yes"),
        ("allow_missing_origin", 1),
        ("allow_missing_origin", []),
        ("target", "gcp"),
        ("removal", "snapshot"),
        ("token_algorithm", "none"),
        ("token_algorithm", ["HS256"]),
        ("token_algorithm", "ES384"),
        ("token_public_key", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"),
        ("token_public_key", "a secret"),
        ("token_jwks_url", "http://login.example.com/keys"),
        ("token_jwks_url", "http://localhost.evil.io/keys"),
        ("token_max_age_seconds", 59),
        ("token_max_age_seconds", 2_592_001),
        ("log_level", "debug"),
        ("stack_name", "1st"),
        ("stack_name", "frame_stream"),
        ("token_issuer", "two\nlines"),
        ("token_secret_name", "a secret"),
        ("otlp_endpoint", "collector.example/v1/traces"),
        ("otlp_endpoint", "https://collector.example"),
        ("traces_percent", 0),
        ("traces_percent", 101),
        ("llm_base_url", "api.openai.com/v1"),
        ("llm_base_url", "https://api.example"),
        ("llm_base_url", "https://api.example/v1/chat/completions"),
        ("llm_base_url", "https://api.example/v1/chat/completions/"),
        ("llm_base_url", "https://api.example/V1/Chat/Completions//"),
        ("llm_base_url", "https://api.example/v1/completions"),
        ("llm_base_url", "https://api.example/v1/responses"),
        ("llm_model", ""),
        ("llm_system_prompt", 1),
        ("alarm_email", "somebody"),
        ("alarm_email", "a@example.com,b@example.com"),
        ("allowed_origins", {"a": 1}),
    ],
)
def test_a_refusal_names_the_setting_what_was_given_and_what_is_allowed(name: str, given: object) -> None:
    with pytest.raises(ConfigError) as refusal:
        config(**{name: given})

    allowed = next(setting.metadata["rule"].allowed for setting in fields(Config) if setting.name == name)
    assert str(refusal.value) == f"framestream.{name} is {given!r}, but it must be {allowed}"


@pytest.mark.parametrize(
    ("name", "given", "why"),
    [
        ("token_user_claims", [], "it must have 1 to 20 items, not 0"),
        ("token_user_claims", [f"c{n}" for n in range(21)], "it must have 1 to 20 items, not 21"),
        ("llm_allowed_models", [f"m{n}" for n in range(11)], "it must have 0 to 10 items, not 11"),
        ("token_user_claims", ["sub", "id", "sub"], "item 3, 'sub', must not be repeated"),
        (
            "token_user_claims",
            "sub,,user_id",
            "item 2, '', must be the name of a claim, without commas and spaces",
        ),
        (
            "llm_allowed_models",
            ["a", "b c"],
            "item 2, 'b c', must be the name of a model, without commas and spaces",
        ),
        ("llm_allowed_models", [1], "item 1, 1, must be the name of a model, without commas and spaces"),
        (
            "llm_allowed_models",
            ["a", "b" * 129],
            f"in item 2, '{'b' * 129}', it must have at most 128 bytes, not 129",
        ),
    ],
)
def test_a_refusal_of_a_list_names_the_item_and_the_limit(name: str, given: object, why: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        config(**{name: given})

    assert str(refusal.value) == f"framestream.{name} is {given!r}, but {why}"


def test_a_private_key_in_a_list_is_not_printed() -> None:
    with pytest.raises(ConfigError) as refusal:
        config(allowed_origins=["https://a.example", "-----BEGIN PRIVATE KEY-----"])

    assert "BEGIN" not in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("token_jwks_url", "https://canary@login.example.com/keys"),
        ("token_jwks_url", "https://login.example.com/keys#canary"),
        ("llm_base_url", "https://user:canary@api.example/v1"),
        ("otlp_endpoint", "https://user:canary@collector.example/v1/traces"),
        ("llm_base_url", "user:canary@api.example/v1"),
        ("llm_base_url", "https://api.example/v1?key=canary"),
        ("llm_base_url", "https://api.example/v1#canary"),
        ("llm_base_url", ["https://user:canary@api.example/v1"]),
        ("execute_api_endpoint", "http://user:canary@127.0.0.1"),
        ("llm_headers", {"api-key": "canary"}),
        ("llm_headers", {"Authorization": "Bearer canary"}),
        ("llm_headers", {"X-Api-Key": "canary"}),
        ("llm_headers", {"Ocp-Apim-Subscription-Key": "canary"}),
        ("llm_headers", {"Host": "canary"}),
        ("llm_headers", {"x": "canary\r\ny: z"}),
        ("llm_headers", {"x": 1, "y": "canary"}),
        ("llm_headers", {"x y": "canary"}),
        ("llm_headers", {"x": "canary", "X": "canary"}),
        ("llm_headers", {"api-key": {"value": "canary"}}),
        ("llm_headers", {"api-key": {"secret": "canary:canary"}}),
        ("llm_headers", ["canary"]),
        ("llm_headers", "canary"),
        ("llm_headers", {f"x-{number}": "canary" for number in range(11)}),
        ("llm_query", {"key": "canary"}),
        ("llm_query", {"api_key": "canary"}),
        ("llm_query", {"api-version": 1, "x": "canary"}),
        ("llm_query", "api-version=canary"),
    ],
)
def test_a_refusal_does_not_repeat_what_may_be_a_secret(name: str, given: object) -> None:
    with pytest.raises(ConfigError) as refusal:
        config(**{name: given})

    allowed = next(setting.metadata["rule"].allowed for setting in fields(Config) if setting.name == name)
    assert str(refusal.value) == f"framestream.{name} is (not shown), but it must be {allowed}"
    assert "canary" not in "".join(traceback.format_exception(refusal.value))


@pytest.mark.parametrize(
    "url",
    [
        "https://api.deepseek.com/",
        "https://api.example/v1",
        "https://api.example/v1/",
        "https://name.openai.azure.com/openai/deployments/gpt",
        "https://api.example/completions/v1",
    ],
)
def test_a_base_url_is_what_the_endpoint_is_appended_to(url: str) -> None:
    assert config(llm_base_url=url).llm_base_url == url


@pytest.mark.parametrize("given", [{"X-Title": "otters"}, '{"X-Title": "otters"}'])
def test_headers_are_an_object_in_the_file_and_on_the_command_line(given: object) -> None:
    assert config(llm_headers=given).llm_headers == (Header("X-Title", value="otters"),)


def test_a_header_that_carries_a_key_names_a_secret() -> None:
    arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:azure-AbCdEf"

    headers = config(llm_headers={"api-key": {"secret": "azure"}, "x-api-key": {"secret": arn}}).llm_headers

    assert headers == (Header("api-key", secret="azure"), Header("x-api-key", secret=arn))


@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "null",
        "",
        "app.example.com",
        "file://",
        "https://app.example.com/",
        "https://app.example.com/path",
        "https://app.example.com:443",
        "http://app.example.com:80",
        "https://App.example.com",
        "HTTPS://app.example.com",
        "https://app.example.com.",
        "https://*",
        "https://*.com",
        "https://*.0.0.1",
        "https://*example.com",
        "https://*.*.example.com",
        "https://app.*.com",
        "https://*.example.com:443",
        "http://*.example.com",
        "https://app..example.com",
        "https://-app.example.com",
        "https://user@app.example.com",
        "https://app.example.com:0",
        "https://app.example.com:123456",
        "https://app.example.com#top",
        "https://app.example.com\n",
        "wss://app.example.com",
        "https://\u0430pp.example.com",
    ],
)
def test_what_no_browser_sends_is_no_origin(origin: str) -> None:
    with pytest.raises(ConfigError, match=r"^framestream\.allowed_origins is "):
        config(allowed_origins=[origin])


@pytest.mark.parametrize(
    "origin",
    [
        "https://app.example.com",
        "https://app.example.com:8443",
        "http://localhost:5173",
        "http://127.0.0.1:8080",
        "https://xn--bcher-kva.example",
        "http://localhost",
        "http://a.example:8080",
        "https://a.example:80",
        "https://*.example.com",
        "https://*.example.com:8443",
    ],
)
def test_what_a_browser_sends_or_a_wildcard_is_an_origin(origin: str) -> None:
    assert config(allowed_origins=[origin]).allowed_origins == (origin,)


def test_an_unknown_name_is_refused_with_the_one_that_was_meant() -> None:
    with pytest.raises(ConfigError, match=r"^framestream\.allowed_origin is not a setting; did you mean "):
        config(allowed_origin=["https://app.example.com"])


def test_an_unknown_name_that_resembles_nothing_is_refused_too() -> None:
    with pytest.raises(ConfigError, match=r"^framestream\.zzz is not a setting$"):
        Config.from_context({"framestream.zzz": "1"})


def test_the_settings_must_be_an_object() -> None:
    with pytest.raises(ConfigError, match=r"^framestream is \[\], but it must be an object"):
        Config.from_context({"framestream": []})


@pytest.mark.parametrize(
    ("settings", "setting", "must"),
    [
        (
            {"worker_timeout_seconds": 629},
            "worker_timeout_seconds",
            "it must be at least 630, 30 more than generation_timeout_seconds",
        ),
        (
            {"generation_timeout_seconds": 50},
            "first_token_timeout_seconds",
            "it must be at most 50, which is generation_timeout_seconds",
        ),
        (
            {"generation_timeout_seconds": 60, "stall_timeout_seconds": 61},
            "stall_timeout_seconds",
            "it must be at most 60, which is generation_timeout_seconds",
        ),
        (
            {"worker_memory_mb": 899},
            "worker_memory_mb",
            (
                "it must be at least 900, 30 for each of worker_answers, since the processor grows with it; "
                "or worker_answers at most 29"
            ),
        ),
        (
            {"table_name": "kept", "table_warm_writes": 8000},
            "table_warm_writes",
            "with table_name it must be 4000: that table is not the stack's",
        ),
        (
            {"llm_allowed_models": ["large", "small"]},
            "llm_model",
            "it must be one of llm_allowed_models, which are large, small",
        ),
        (
            {"user_budget": {"day_tokens": 0}},
            "llm_max_output_tokens",
            "a budget needs it: as much is held for an answer before it begins",
        ),
        (
            {"deployment_budget": "month_usd=500", "llm_max_output_tokens": 500, "llm_model": "our-own"},
            "llm_prices",
            "a budget in US dollars needs the price of each model, and of our-own none is known",
        ),
        (
            {"llm_base_url": "http://models.example/v1"},
            "llm_base_url",
            "it must start with https://, except for target local",
        ),
        (
            {"execute_api_endpoint": LOCAL_ENDPOINT},
            "execute_api_endpoint",
            "it must be empty, except for target local",
        ),
        (
            {"aws_endpoint_url": "http://127.0.0.1:4566"},
            "aws_endpoint_url",
            "it must be empty, except for target local",
        ),
        (
            {"target": "local"},
            "execute_api_endpoint",
            "for target local it must be a URL that contains {api_id}",
        ),
    ],
)
def test_settings_must_fit_together(settings: dict[str, object], setting: str, must: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        config(**settings)

    given = settings.get(setting, getattr(Config(), setting))
    assert str(refusal.value) == f"framestream.{setting} is {given!r}, but {must}"


def test_the_worker_may_just_have_time_to_end_well() -> None:
    assert config(generation_timeout_seconds=600, worker_timeout_seconds=630).worker_timeout_seconds == 630


def test_the_local_target_takes_plain_http() -> None:
    given = config(
        target="local",
        execute_api_endpoint=LOCAL_ENDPOINT,
        websocket_endpoint="ws://127.0.0.1:4566/{api_id}",
        aws_endpoint_url="http://127.0.0.1:9999",
        llm_base_url="http://127.0.0.1:8000/v1",
    )

    assert given.llm_base_url == "http://127.0.0.1:8000/v1"


def test_the_default_model_may_be_asked_for_when_no_list_is_given() -> None:
    assert config(llm_model="some/model:8b").model_names == ("some/model:8b",)
