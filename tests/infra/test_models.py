"""What the table of models makes of a deployment: what is refused, secrets, grants, and its file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from aws_cdk import App
from aws_cdk.assertions import Annotations, Match, Template

from functions.shared.models.table import FILE, Models
from infra.app import compose
from infra.bundling.build import BundlingError, build
from infra.config.fields import Config, ConfigError
from infra.models import table_files
from tests.infra.templates import Synthesize, all_of, functions_of, listed, statements_of, text_of

OWN: dict[str, Any] = {"gpt-5": {}, "small": {"model_id": "gpt-5-nano"}}
ELSEWHERE: dict[str, Any] = {
    "vllm": {"base_url": "https://vllm.example/v1"},
    "azure": {
        "base_url": "https://example.openai.azure.com/openai/v1",
        "headers": {"api-key": {"secret": "azure-key"}},
    },
    "router": {"base_url": "https://router.example/v1", "key_secret": "router/key"},
}


def config(**settings: Any) -> Config:
    return Config.from_context({"framestream": settings})


def refused(**settings: Any) -> str:
    with pytest.raises(ConfigError) as error:
        config(**settings)
    return str(error.value)


@pytest.mark.parametrize(
    ("models", "told"),
    [
        (
            {"a": {"provider": "x"}},
            "framestream.models.a.provider is 'x', but it must be one of openai, bedrock",
        ),
        ({"a": {"contxt": 1}}, "framestream.models.a.contxt is (not shown), but there is no such field"),
        ({"a": {"price": "1"}}, "framestream.models.a.price is '1', but it must be US dollars"),
        ({"a": {"fallback": "b"}}, "framestream.models.a.fallback is 'b', but there is no such model"),
        ({"a": {"fallback": "a"}}, "framestream.models.a.fallback is 'a', but a → a has no end"),
        (
            {"a": {"base_url": "http://vllm.example/v1"}},
            "framestream.models.a.base_url is 'http://vllm.example/v1', but it must start with https://",
        ),
        (
            {"a": {"provider": "bedrock", "endpoint_url": "http://127.0.0.1:9000"}},
            "framestream.models.a.endpoint_url is 'http://127.0.0.1:9000', but it must be empty",
        ),
        (
            {"a": {"provider": "bedrock", "external_id": "x1"}},
            "framestream.models.a.external_id is 'x1', but it goes with a role, and there is none",
        ),
        (
            {"a": {"role": "arn:aws:iam::210987654321:role/models"}},
            "framestream.models.a.role is (not shown), but only models of the provider bedrock have it",
        ),
        ({"a b": {}}, "framestream.models is (not shown), but the name 'a b' must be the name of a model"),
        (["a"], "framestream.models is (not shown), but it must be an object of up to 50 models by name"),
    ],
)
def test_a_wrong_row_is_refused_with_its_name_and_the_field(models: object, told: str) -> None:
    assert told in refused(models=models)


def test_a_key_in_the_open_is_refused_and_not_repeated() -> None:
    told = refused(models={"a": {"key_secret": "sk canary"}})

    assert told.startswith("framestream.models.a.key_secret is (not shown), but it must be the name or ARN")
    assert "canary" not in told


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (
            {"models": OWN, "default_model": "b"},
            "framestream.default_model is 'b', but it must be one of models",
        ),
        (
            {"default_model": "gpt-5"},
            "framestream.default_model is 'gpt-5', but without models it must be empty",
        ),
        (
            {"models": OWN, "summary_model": "b"},
            "framestream.summary_model is 'b', but it must be one of models",
        ),
        ({"models": OWN, "llm_allowed_models": ["gpt-5"]}, "but with models it must be empty"),
        (
            {"models": OWN, "llm_model": "gpt-5"},
            "framestream.llm_model is 'gpt-5', but with models it must not",
        ),
        (
            {"models": OWN, "user_budget": {"day_tokens": 10}},
            "framestream.llm_max_output_tokens is 0, but a budget needs it, or output_tokens of gpt-5",
        ),
        (
            {"models": {"a": {"output_tokens": 9}}, "user_budget": {"day_usd": 1}},
            "a budget in US dollars needs the price of each model, and of a none is known",
        ),
    ],
)
def test_the_table_must_fit_the_other_settings(settings: dict[str, Any], told: str) -> None:
    assert told in refused(**settings)


def test_a_budget_needs_no_limit_for_all_where_each_row_has_one() -> None:
    rows = {"a": {"output_tokens": 9, "price": "1/1/1"}, "b": {"output_tokens": 8, "model_id": "gpt-5"}}

    assert config(models=rows, user_budget={"day_usd": 1}).model_names == ("a", "b")


def test_the_default_is_the_first_row_unless_it_is_named() -> None:
    assert config(models=OWN).default_model_name == "gpt-5"
    assert config(models=OWN, default_model="small").default_model_name == "small"


@pytest.mark.parametrize(
    ("models", "has_key"),
    [
        ({}, True),
        (OWN, True),
        ({**ELSEWHERE, **OWN}, True),
        (ELSEWHERE, False),
        ({"claude": {"provider": "bedrock"}}, False),
        ({"a": {"key_secret": "k"}}, False),
    ],
    ids=["no table", "own server", "both", "other servers", "Bedrock", "own server with another key"],
)
def test_there_is_a_secret_for_a_key_only_where_a_row_needs_it(
    models: dict[str, Any], synthesize: Synthesize, *, has_key: bool
) -> None:
    template = synthesize(models=json.dumps(models))

    keys = [name for name in all_of(template, "AWS::SecretsManager::Secret") if name.startswith("LlmKey")]
    environment = functions_of(template)["worker"]["Environment"]["Variables"]
    assert bool(keys) is has_key
    assert bool(template.find_outputs("LlmKeySecretArn")) is has_key
    assert ("LLM_KEY_SECRET_ARN" in environment) is has_key


def secrets_read_by(template: Template, function: str) -> list[str]:
    return [
        text_of(resource).partition(":secret:")[2]
        for statement in statements_of(template, function)
        if "secretsmanager:GetSecretValue" in listed(statement["Action"])
        for resource in listed(statement["Resource"])
    ]


def test_the_worker_alone_may_read_the_secrets_that_rows_name_and_no_other(synthesize: Synthesize) -> None:
    headers = json.dumps({"x-key": {"secret": "for-own-server"}})
    template = synthesize(models=json.dumps(ELSEWHERE), llm_headers=headers)

    assert sorted(secrets_read_by(template, "worker")) == ["azure-key-??????", "router/key-??????"]
    assert secrets_read_by(template, "generate") == [""]  # The tokens', by its reference.


def test_the_secrets_of_the_deployment_s_own_server_are_read_where_a_row_asks_it(
    synthesize: Synthesize,
) -> None:
    headers = json.dumps({"x-key": {"secret": "for-own-server"}})
    template = synthesize(models=json.dumps(OWN), llm_headers=headers)

    assert sorted(secrets_read_by(template, "worker")) == ["", "for-own-server-??????"]


def test_functions_are_told_of_the_table_and_not_of_models_one_by_one(synthesize: Synthesize) -> None:
    template = synthesize(models=json.dumps(OWN), default_model="small")

    told = {name: each["Environment"]["Variables"] for name, each in functions_of(template).items()}
    assert {name for name, variables in told.items() if "MODELS" in variables} == {"generate", "worker"}
    assert told["worker"]["MODELS"] == FILE
    assert told["generate"]["DEFAULT_MODEL"] == "small"
    assert "LLM_ALLOWED_MODELS" not in told["generate"]


@pytest.mark.parametrize(("models", "is_told"), [(ELSEWHERE, True), (OWN, False)])
def test_synth_says_which_servers_are_shown_no_key(
    models: dict[str, Any], zips: Mapping[str, Path], *, is_told: bool
) -> None:
    stack = compose(App(), config=config(models=models), zips=zips)

    told = Annotations.from_stack(stack).find_warning(
        "*", Match.string_like_regexp(r"models without a key: vllm\. ")
    )
    assert bool(told) is is_told


def test_without_a_table_no_zip_has_one() -> None:
    assert table_files(config()) == {}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A root with functions that need no packages."""
    for name in ("generate", "worker", "shared"):
        folder = tmp_path / "functions" / name
        folder.mkdir(parents=True)
        (folder / "__init__.py").write_text("")
    (tmp_path / "functions/__init__.py").write_text("")
    (tmp_path / "requirements").mkdir()
    for name in ("generate", "worker"):
        (tmp_path / f"requirements/{name}.txt").write_text("")
    return tmp_path


def built(project: Path, models: object, **more: Any) -> dict[str, Path]:
    texts = table_files(config(models=models))
    names = ["generate", "worker"]
    return build("local", report=lambda _line: None, functions=names, root=project, texts=texts, **more)


def test_the_zips_of_generate_and_worker_hold_the_table_as_it_was_given(project: Path) -> None:
    for zip_ in built(project, ELSEWHERE).values():
        with ZipFile(zip_) as archive:
            assert Models().parse(json.loads(archive.read(FILE))) == Models().parse(ELSEWHERE)


def test_two_deployments_with_different_tables_do_not_share_a_zip(project: Path) -> None:
    one, other, none = (built(project, models)["worker"] for models in (ELSEWHERE, OWN, {}))

    assert len({one, other, none}) == 3
    assert built(project, ELSEWHERE)["worker"] == one


def test_a_file_of_the_deployment_s_own_does_not_take_the_place_of_the_table(
    project: Path, tmp_path: Path
) -> None:
    hook = tmp_path / "hook"
    hook.mkdir()
    (hook / FILE).write_text("{}")

    with pytest.raises(
        BundlingError, match=r"models\.json, which is the name of a file of framestream's own"
    ):
        built(project, OWN, additions={"worker": hook})
