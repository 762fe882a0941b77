"""Versions of the functions: everything calls the alias `live`, which a deployment moves, at once or not."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from typing import Any

import pytest
from aws_cdk.assertions import Template

from functions.shared.setting_rules import OneOf
from functions.shared.settings import rule_of
from infra.bundling.build import FUNCTIONS
from infra.config.fields import Config, ConfigError
from infra.config.stack_options import StackOptions
from infra.gradual import STEPS, TAKEN_BACK_ON
from tests.infra.templates import LOCAL, Synthesize, all_of, functions_of

CANARY = "canary_10_percent_5_minutes"


@pytest.fixture(scope="module")
def snapped(synthesize: Synthesize) -> Template:
    return synthesize(snap_start=True)


@pytest.fixture(scope="module")
def gradual(synthesize: Synthesize) -> Template:
    return synthesize(deployment=CANARY)


def test_each_function_has_a_version_that_is_live(template: Template) -> None:
    aliases = all_of(template, "AWS::Lambda::Alias").values()

    assert [alias["Name"] for alias in aliases] == ["live"] * len(FUNCTIONS)
    assert len(all_of(template, "AWS::Lambda::Version")) == len(FUNCTIONS)


def test_gateways_and_queues_call_the_alias_and_may(template: Template) -> None:
    aliases = set(all_of(template, "AWS::Lambda::Alias"))
    integrations = all_of(template, "AWS::ApiGatewayV2::Integration")
    permissions = all_of(template, "AWS::Lambda::Permission")

    mappings = all_of(template, "AWS::Lambda::EventSourceMapping").values()
    fed = [mapping["FunctionName"] for mapping in mappings]
    assert len(fed) == 2
    for resource in [*integrations.values(), *permissions.values(), *fed]:
        assert any(alias in json.dumps(resource) for alias in aliases), resource


def test_a_version_outlives_its_successor_unless_a_failed_deployment_made_it(template: Template) -> None:
    for version in template.find_resources("AWS::Lambda::Version").values():
        assert (version["DeletionPolicy"], version["UpdateReplacePolicy"]) == (
            "RetainExceptOnCreate",
            "Retain",
        )


@pytest.mark.parametrize("changed", [{"log_level": "DEBUG"}, {"worker_memory_mb": 3008}])
def test_a_setting_makes_a_new_version_too(
    changed: dict[str, Any], template: Template, synthesize: Synthesize
) -> None:
    before, after = (set(all_of(of, "AWS::Lambda::Version")) for of in (template, synthesize(**changed)))

    assert len(after - before) == (len(FUNCTIONS) if "log_level" in changed else 1)


def test_snapshots_are_taken_only_if_that_is_set_and_go_with_their_version(
    template: Template, snapped: Template
) -> None:
    assert all("SnapStart" not in function for function in functions_of(template).values())
    assert all(f["SnapStart"] == {"ApplyOn": "PublishedVersions"} for f in functions_of(snapped).values())
    for version in snapped.find_resources("AWS::Lambda::Version").values():
        assert version["DeletionPolicy"] == "Delete"


def test_alarms_watch_the_functions_whichever_version_runs(template: Template, gradual: Template) -> None:
    aliases = set(all_of(template, "AWS::Lambda::Alias"))
    alarms = all_of(template, "AWS::CloudWatch::Alarm")

    assert alarms == all_of(gradual, "AWS::CloudWatch::Alarm")
    assert not any(alias in json.dumps(alarms) for alias in aliases)


def test_all_at_once_needs_no_codedeploy(template: Template) -> None:
    assert not template.find_resources("AWS::CodeDeploy::Application")
    assert all(
        "UpdatePolicy" not in alias for alias in template.find_resources("AWS::Lambda::Alias").values()
    )


def test_step_by_step_codedeploy_moves_every_alias(gradual: Template) -> None:
    groups = set(all_of(gradual, "AWS::CodeDeploy::DeploymentGroup"))
    (application,) = all_of(gradual, "AWS::CodeDeploy::Application")
    aliases = gradual.find_resources("AWS::Lambda::Alias").values()

    moved_by = [alias["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"] for alias in aliases]

    assert {move["DeploymentGroupName"]["Ref"] for move in moved_by} == groups
    assert {move["ApplicationName"]["Ref"] for move in moved_by} == {application}
    assert len(groups) == len(FUNCTIONS)


def test_a_new_version_is_taken_back_when_users_are_hurt(gradual: Template) -> None:
    alarms = all_of(gradual, "AWS::CloudWatch::Alarm")

    for group in all_of(gradual, "AWS::CodeDeploy::DeploymentGroup").values():
        watched = [alarm["Name"]["Ref"] for alarm in group["AlarmConfiguration"]["Alarms"]]
        assert group["AlarmConfiguration"]["Enabled"] is True
        assert {name for name in TAKEN_BACK_ON if any(name in alarm for alarm in watched)} == set(
            TAKEN_BACK_ON
        )
        assert set(watched) <= set(alarms)
        assert len(watched) <= 10, "CodeDeploy takes no more"
        assert group["AutoRollbackConfiguration"]["Enabled"] is True
        assert set(group["AutoRollbackConfiguration"]["Events"]) >= {
            "DEPLOYMENT_FAILURE",
            "DEPLOYMENT_STOP_ON_ALARM",
        }


def test_codedeploy_alone_has_the_role_that_moves_aliases(gradual: Template) -> None:
    roles = [
        role
        for role in all_of(gradual, "AWS::IAM::Role").values()
        if "codedeploy" in json.dumps(role["AssumeRolePolicyDocument"])
    ]

    (role,) = roles
    assert "AWSCodeDeployRoleForLambdaLimited" in json.dumps(role["ManagedPolicyArns"])


@pytest.mark.parametrize("deployment", STEPS)
def test_every_way_to_deploy_has_its_configuration_at_codedeploy(
    deployment: str, synthesize: Synthesize
) -> None:
    words = deployment.removeprefix("canary_").removeprefix("linear_").split("_")
    groups = all_of(synthesize(deployment=deployment), "AWS::CodeDeploy::DeploymentGroup").values()

    (name,) = {json.dumps(group["DeploymentConfigName"]) for group in groups}

    assert "CodeDeployDefault.Lambda" in name
    assert deployment.split("_", maxsplit=1)[0] in name.lower()
    assert all(number in name for number in words if number.isdigit())


def test_the_ways_that_can_be_chosen_are_those_that_there_are() -> None:
    rule = rule_of(StackOptions.__dataclass_fields__["deployment"])

    assert isinstance(rule, OneOf)
    assert set(rule.words) == {"all_at_once", *STEPS}


def test_the_emulator_deploys_all_at_once() -> None:
    with pytest.raises(
        ConfigError, match=r"^framestream\.deployment is .* for target local it must be all_at"
    ):
        Config.from_context({"framestream": {**LOCAL, "deployment": CANARY}})


@pytest.mark.parametrize("settings", [{}, {"deployment": CANARY}, {"edge": True, "deployment": CANARY}])
def test_no_resource_needs_itself(settings: dict[str, Any], synthesize: Synthesize) -> None:
    """CloudFormation refuses a circle only when it deploys."""
    resources = synthesize(**settings).to_json()["Resources"]

    order = TopologicalSorter({name: set(_needed(body)) & set(resources) for name, body in resources.items()})

    assert len(list(order.static_order())) == len(resources)


def _needed(part: Any) -> Iterator[str]:
    match part:
        case {"Ref": str(name)}:
            yield name
        case {"Fn::GetAtt": [str(name), *_]}:
            yield name
        case {"Fn::Sub": str(text)}:
            assert set(re.findall(r"\$\{(\w+)", text)) <= {"AWS"}, "other references are not read here"
        case dict():
            names = part.get("DependsOn", [])
            yield from [names] if isinstance(names, str) else names
            for value in part.values():
                yield from _needed(value)
        case list():
            for value in part:
                yield from _needed(value)
