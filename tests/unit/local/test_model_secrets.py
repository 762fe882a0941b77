"""Which secrets a local system makes for its models."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from local.model_secrets import named_secrets

ROWS = {
    "a": {"base_url": "https://a.example/v1", "key_secret": "router/key"},
    "b": {"base_url": "https://b.example/v1", "headers": {"api-key": {"secret": "azure"}}},
    "c": {"key_secret": "arn:aws:secretsmanager:us-east-1:123456789012:secret:c-abcdef"},
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "cdk.json").write_text(json.dumps({"context": {"framestream": {"max_attempts": 2}}}))
    return tmp_path


def test_each_secret_that_a_row_names_has_the_value_of_the_variable_called_alike(root: Path) -> None:
    settings = {"models": json.dumps(ROWS)}

    assert named_secrets(settings, {"ROUTER_KEY": "canary"}, root=root) == {
        "router/key": "canary",
        "azure": "none",
    }


def test_the_table_may_stand_in_cdk_json(root: Path) -> None:
    (root / "cdk.json").write_text(json.dumps({"context": {"framestream": {"models": ROWS}}}))

    assert set(named_secrets({}, {}, root=root)) == {"router/key", "azure"}


def test_without_a_table_there_are_none(root: Path) -> None:
    assert named_secrets({}, {"ROUTER_KEY": "canary"}, root=root) == {}
