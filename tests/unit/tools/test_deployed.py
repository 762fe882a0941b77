"""What is read of a deployment: its functions, and those of its settings that are numbers."""

from __future__ import annotations

import pytest

from functions.shared.errors import SettingsError
from infra.config.fields import Config
from tests.support.deployments import SERVICES, deployment
from tools.deployed import functions_of, settings_of


def test_its_functions_are_those_that_use_its_table() -> None:
    found = functions_of(deployment())

    assert set(found) == set(SERVICES)
    assert found["worker"].log_group == "/logs/worker"
    assert found["worker"].namespace == "framestream"


def test_without_any_function_the_deployment_is_named() -> None:
    with pytest.raises(SettingsError, match=r"The stack framestream has no functions.*'elsewhere'"):
        functions_of(deployment(outputs={"TableName": "elsewhere"}))


def test_defaults_that_were_deployed_are_the_defaults() -> None:
    assert settings_of(deployment(connect_rate=100)) == Config(http_rate_limit=1000)


def test_its_numbers_and_switches_are_its_own() -> None:
    variables = {
        "LEASE_SECONDS": "60",
        "RETENTION_DAYS": "30",
        "WORKER_ANSWERS": "5",
        "EDGE_SECRET_ARN": "arn",
    }

    found = settings_of(deployment(environment=variables, memory_mb=1024, max_concurrency=9, connect_rate=7))

    assert (found.lease_seconds, found.retention_days, found.worker_answers) == (60, 30, 5)
    assert (found.worker_memory_mb, found.worker_max_concurrency, found.connect_rate_limit) == (1024, 9, 7)
    assert found.edge


def test_texts_among_its_settings_are_left_out() -> None:
    assert settings_of(deployment(environment={"LLM_MODEL": "another"})).llm_model == Config().llm_model
