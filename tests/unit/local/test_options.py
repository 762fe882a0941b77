"""The options of `up`, from flags and the environment."""

from __future__ import annotations

import json

from local.options import ORIGINS, UpOptions
from local.stand_in.model import Model

EMULATOR = "http://127.0.0.1:4566"
STAND_IN = Model.stand_in(8000)


def test_a_system_without_options_talks_to_the_emulator_and_the_model() -> None:
    settings = UpOptions().deployment(model=STAND_IN, emulator=EMULATOR)

    assert settings["target"] == "local"
    assert settings["execute_api_endpoint"] == f"{EMULATOR}/_aws/execute-api/{{api_id}}/prod"
    assert settings["llm_base_url"] == "http://127.0.0.1:8000/v1"
    assert settings["llm_model"] == "stand-in"
    assert "aws_endpoint_url" not in settings


def test_everything_that_functions_send_to_aws_goes_through_the_proxy_that_was_asked_for() -> None:
    settings = UpOptions(aws_endpoint_url="http://127.0.0.1:9999/").deployment(
        model=STAND_IN, emulator=EMULATOR
    )

    assert settings["aws_endpoint_url"] == "http://127.0.0.1:9999"
    assert settings["execute_api_endpoint"].startswith("http://127.0.0.1:9999/_aws/")


def test_a_setting_that_was_given_by_name_wins() -> None:
    options = UpOptions(settings={"llm_model": "other", "lease_seconds": "10"})

    settings = options.deployment(model=STAND_IN, emulator=EMULATOR)

    assert settings["llm_model"] == "other"
    assert settings["lease_seconds"] == "10"


def test_a_model_without_a_name_leaves_the_deployments_own() -> None:
    model = Model(base_url="https://api.openai.com/v1", name=None, key="sk-1")

    assert "llm_model" not in UpOptions().deployment(model=model, emulator=EMULATOR)


def test_the_stand_in_may_be_asked_as_bedrock_is() -> None:
    settings = UpOptions(provider="bedrock").deployment(model=STAND_IN, emulator=EMULATOR)

    [row] = json.loads(settings["models"]).values()
    assert row["provider"] == "bedrock"
    assert row["endpoint_url"] == "http://127.0.0.1:8000"
    assert "llm_model" not in settings


def test_a_table_of_models_needs_no_name_of_one() -> None:
    options = UpOptions(settings={"models": '{"a": {}}'})

    settings = options.deployment(model=STAND_IN, emulator=EMULATOR)

    assert "llm_model" not in settings
    assert settings["llm_base_url"] == "http://127.0.0.1:8000/v1"


PAGE = ("http://localhost:5174", "http://127.0.0.1:5174")


def test_the_page_that_is_served_here_is_allowed_beside_front_ends_under_development() -> None:
    settings = UpOptions().deployment(model=STAND_IN, emulator=EMULATOR, origins=PAGE)

    assert settings["allowed_origins"] == ",".join([ORIGINS, *PAGE])


def test_it_is_allowed_beside_origins_that_were_given_by_name_and_each_of_them_once() -> None:
    options = UpOptions(settings={"allowed_origins": "https://app.example.com, http://localhost:5174"})

    settings = options.deployment(model=STAND_IN, emulator=EMULATOR, origins=PAGE)

    assert settings["allowed_origins"] == ",".join(["https://app.example.com", *PAGE])
