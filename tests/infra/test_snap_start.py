"""Functions that begin from snapshots: only published versions have them, so everything calls an alias."""

from __future__ import annotations

import json

import pytest
from aws_cdk.assertions import Template

from infra.bundling.build import FUNCTIONS
from tests.infra.templates import Synthesize, all_of, functions_of


@pytest.fixture(scope="module")
def snapped(synthesize: Synthesize) -> Template:
    return synthesize(snap_start=True)


def test_unless_it_is_set_there_are_no_versions(template: Template) -> None:
    assert not template.find_resources("AWS::Lambda::Version")
    assert not template.find_resources("AWS::Lambda::Alias")
    assert all("SnapStart" not in function for function in functions_of(template).values())


def test_every_published_version_has_a_snapshot_and_one_of_them_is_live(snapped: Template) -> None:
    aliases = all_of(snapped, "AWS::Lambda::Alias").values()

    assert all(f["SnapStart"] == {"ApplyOn": "PublishedVersions"} for f in functions_of(snapped).values())
    assert [alias["Name"] for alias in aliases] == ["live"] * len(FUNCTIONS)
    assert len(all_of(snapped, "AWS::Lambda::Version")) == len(FUNCTIONS)


def test_gateways_and_queue_call_the_alias_and_may(snapped: Template) -> None:
    aliases = set(all_of(snapped, "AWS::Lambda::Alias"))
    integrations = all_of(snapped, "AWS::ApiGatewayV2::Integration")
    permissions = all_of(snapped, "AWS::Lambda::Permission")

    mappings = all_of(snapped, "AWS::Lambda::EventSourceMapping").values()
    fed = [mapping["FunctionName"] for mapping in mappings]
    assert len(fed) == 2
    for resource in [*integrations.values(), *permissions.values(), *fed]:
        assert any(alias in json.dumps(resource) for alias in aliases), resource


def test_alarms_watch_the_functions_whichever_version_runs(template: Template, snapped: Template) -> None:
    assert all_of(template, "AWS::CloudWatch::Alarm") == all_of(snapped, "AWS::CloudWatch::Alarm")
