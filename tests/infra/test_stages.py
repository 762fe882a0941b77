"""Stages: a file of settings each, a stack each, and none in the way of another."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App

from infra.app import check_destination, compose
from infra.config.fields import Config, ConfigError
from infra.config.stages import with_stage
from tests.infra.templates import LOCAL

PROD = "210987654321"
DEV = "123456789012"

Stages = Callable[..., Callable[..., Config]]


def config(settings: Mapping[str, object]) -> Config:
    return Config.from_context({"framestream": settings})


@pytest.fixture
def stages(tmp_path: Path) -> Stages:
    """Write files of stages, each as settings or as the text itself; read the settings of one of them."""

    def write(**files: Mapping[str, Any] | str) -> Callable[..., Config]:
        for name, content in files.items():
            text = content if isinstance(content, str) else json.dumps(content)
            (tmp_path / f"{name}.json").write_text(text)

        def read(stage: object, **context: Any) -> Config:
            return Config.from_context(with_stage({"stage": stage, **context}, tmp_path))

        return read

    return write


def test_a_stage_has_its_settings_on_top_of_the_common_ones(stages: Stages) -> None:
    read = stages(dev={"max_attempts": 4}, prod={})

    common = {"framestream": {"max_attempts": 2, "lease_seconds": 20}}

    assert (read("dev", **common).max_attempts, read("dev", **common).lease_seconds) == (4, 20)
    assert read("prod", **common).max_attempts == 2


def test_the_command_line_wins_over_a_stage(stages: Stages) -> None:
    read = stages(dev={"max_attempts": 4})

    assert read("dev", **{"framestream.max_attempts": "5"}).max_attempts == 5


@pytest.mark.parametrize(("common", "name"), [({}, "framestream-dev"), ({"stack_name": "acme"}, "acme-dev")])
def test_each_stage_has_a_stack_of_its_own(common: dict[str, str], name: str, stages: Stages) -> None:
    assert stages(dev={})("dev", framestream=common).stack_name == name


def test_a_stage_may_name_a_stack_that_stands_already(stages: Stages) -> None:
    assert stages(prod={"stack_name": "framestream"})("prod").stack_name == "framestream"


def test_without_a_stage_the_common_settings_are_all_there_is(stages: Stages) -> None:
    assert stages(dev={"max_attempts": 4})("") == Config()


@pytest.mark.parametrize(
    ("stage", "said"),
    [
        ("production", "^there is no stage 'production': stages/ has dev, prod$"),
        ("Dev", "^there is no stage 'Dev': stages/ has dev, prod$"),
        ("../dev", "^there is no stage '../dev'"),
        ("dev.json", "^there is no stage 'dev.json'"),
        (5, "^there is no stage 5"),
        (["dev"], "^there is no stage"),
        (None, "^there is no stage None"),
    ],
)
def test_a_stage_that_does_not_exist_is_refused(stage: object, said: str, stages: Stages) -> None:
    with pytest.raises(ConfigError, match=said):
        stages(dev={}, prod={})(stage)


def test_if_there_are_no_files_at_all_it_says_so(stages: Stages) -> None:
    with pytest.raises(ConfigError, match=r"stages/ has none$"):
        stages()("dev")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"max_attempt": 4}, r"^framestream\.max_attempt is not a setting; did you mean "),
        ({"max_attempts": 0}, r"^framestream\.max_attempts is 0, but it must be a whole number"),
        ("{", "^stages/dev.json cannot be read: .*line 1"),
        ("", "^stages/dev.json cannot be read: "),
        ("[]", "^stages/dev.json must be a JSON object that holds settings$"),
        ('{"removal": "retain", "removal": "destroy"}', "^stages/dev.json .*removal stands there twice"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_with_its_mistake(
    content: dict[str, Any] | str, said: str, stages: Stages
) -> None:
    with pytest.raises(ConfigError, match=said):
        stages(dev=content)("dev")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("stack_name", "framestream"),
        ("table_name", "kept"),
        ("http_domain", "api.example.com"),
        ("websocket_domain", "live.example.com"),
    ],
)
def test_two_stages_never_have_one_stack_table_or_domain(name: str, value: str, stages: Stages) -> None:
    read = stages(dev={name: value}, prod={name: value})

    for stage in ("dev", "prod"):
        with pytest.raises(ConfigError, match=f"^stages .* have the same {name}, '{value}', but each needs"):
            read(stage)


def test_what_all_have_in_common_collides_too(stages: Stages) -> None:
    with pytest.raises(ConfigError, match=r"^stages dev and prod have the same table_name"):
        stages(dev={}, prod={})("dev", framestream={"table_name": "kept"})


def test_a_name_that_follows_from_one_stage_is_not_taken_by_another(stages: Stages) -> None:
    with pytest.raises(ConfigError, match=r"^stages dev and old have the same stack_name, 'framestream-dev'"):
        stages(dev={}, old={"stack_name": "framestream-dev"})("dev")


@pytest.mark.parametrize("apart", [("account", DEV, PROD), ("region", "eu-west-1", "us-east-1")])
def test_in_two_accounts_or_regions_names_may_be_the_same(
    apart: tuple[str, str, str], stages: Stages
) -> None:
    place, here, there = apart
    read = stages(
        dev={"stack_name": "framestream", "table_name": "kept", place: here},
        prod={"stack_name": "framestream", "table_name": "kept", place: there},
    )

    assert read("dev").stack_name == read("prod").stack_name == "framestream"


@pytest.mark.parametrize(
    ("settings", "place"),
    [({"account": PROD}, "account"), ({"region": "eu-west-1"}, "region")],
)
def test_credentials_for_another_place_deploy_nothing(settings: dict[str, str], place: str) -> None:
    environ = {"CDK_DEFAULT_ACCOUNT": DEV, "CDK_DEFAULT_REGION": "us-east-1"}

    with pytest.raises(ConfigError, match=rf"^framestream\.{place} is '{settings[place]}', but .* would go"):
        check_destination(config(settings), environ)


@pytest.mark.parametrize("environ", [{}, {"CDK_DEFAULT_ACCOUNT": DEV, "CDK_DEFAULT_REGION": "eu-west-1"}])
@pytest.mark.parametrize("settings", [{}, {"account": DEV, "region": "eu-west-1"}])
def test_the_right_place_is_fine_and_so_is_a_synth_without_credentials(
    environ: dict[str, str], settings: dict[str, str]
) -> None:
    check_destination(config(settings), environ)


def test_the_emulator_is_in_no_account() -> None:
    check_destination(config({**LOCAL, "account": PROD}), {"CDK_DEFAULT_ACCOUNT": "000000000000"})


@pytest.mark.parametrize("account", [123456789012, "12345678901", "prod", True])
def test_an_account_is_twelve_digits_as_a_text(account: object) -> None:
    with pytest.raises(ConfigError, match=r"^framestream\.account is .* the twelve digits"):
        config({"account": account})


def test_the_stages_that_come_with_it_can_be_deployed_side_by_side(zips: Mapping[str, Path]) -> None:
    stacks, names = [], []
    for stage in ("dev", "prod"):
        app = App()
        stack = compose(app, config=Config.from_context(with_stage({"stage": stage})), zips=zips)
        stacks.append(stack)
        template = app.synth().get_stack_by_name(stack.stack_name).template
        names.append(_physical_names(template["Resources"]))

    dev, prod = stacks
    assert dev.stack_name != prod.stack_name
    assert names[0], "nothing was compared"
    assert not names[0] & names[1]
    assert (dev.termination_protection, prod.termination_protection) == (False, True)


def _physical_names(resources: Mapping[str, Any]) -> set[tuple[str, str]]:
    """What a resource is called in its account, where the template says so."""
    named = {
        "AWS::ApiGatewayV2::Api": "Name",
        "AWS::Logs::LogGroup": "LogGroupName",
        "AWS::DynamoDB::Table": "TableName",
        "AWS::IAM::Role": "RoleName",
        "AWS::Lambda::Function": "FunctionName",
        "AWS::SecretsManager::Secret": "Name",
        "AWS::SQS::Queue": "QueueName",
    }
    return {
        (kind, json.dumps(properties[named[kind]], sort_keys=True))
        for kind, properties in ((each["Type"], each.get("Properties", {})) for each in resources.values())
        if kind in named and named[kind] in properties
    }
