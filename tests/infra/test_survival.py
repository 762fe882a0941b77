"""What outlives the stack, or its place in the template, and how a kept table or secret is taken up again."""

from typing import Any

import pytest
from aws_cdk.assertions import Template

from infra.bundling.build import FUNCTIONS
from infra.config.fields import ConfigError
from tests.infra.templates import (
    Synthesize,
    all_of,
    environment_of,
    listed,
    one_of,
    statements_of,
    text_of,
)
from tests.support.keys import pair, pem

KEPT_IF_IT_WAS_MADE = {"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain"}
KEPT = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
GONE = {"DeletionPolicy": "Delete", "UpdateReplacePolicy": "Delete"}
HOLDS_DATA = {
    "AWS::DynamoDB::Table": KEPT,
    "AWS::SecretsManager::Secret": KEPT_IF_IT_WAS_MADE,
    "AWS::SQS::Queue": KEPT_IF_IT_WAS_MADE,
    "AWS::Logs::LogGroup": KEPT_IF_IT_WAS_MADE,
    "AWS::S3::Bucket": KEPT_IF_IT_WAS_MADE,
}
EVERYTHING = {"edge": True, "demo_page": True, "websocket_access_logs": True}
PUBLIC_KEY = {"token_algorithm": "ES256", "token_public_key": pem(pair("P-256"))}
TABLE_ARN = "arn:<AWS::Partition>:dynamodb:<AWS::Region>:<AWS::AccountId>:table/kept"


def policies(template: Template, kind: str) -> list[dict[str, Any]]:
    """What happens to each resource of this kind once the stack does not want it any more."""
    found = template.find_resources(kind)
    assert found
    return [{policy: resource.get(policy) for policy in KEPT} for resource in found.values()]


@pytest.mark.parametrize("kind", HOLDS_DATA)
def test_what_holds_data_is_kept_when_it_leaves_the_stack_or_is_replaced(
    kind: str, synthesize: Synthesize
) -> None:
    template = synthesize(**EVERYTHING)

    assert all(policy == HOLDS_DATA[kind] for policy in policies(template, kind))


@pytest.mark.parametrize("kind", HOLDS_DATA)
def test_with_destroy_it_goes_with_the_stack(kind: str, synthesize: Synthesize) -> None:
    template = synthesize(**EVERYTHING, removal="destroy")

    assert all(policy == GONE for policy in policies(template, kind))


@pytest.mark.parametrize(("removal", "is_protected"), [("retain", True), ("destroy", False)])
def test_a_kept_table_cannot_be_deleted_by_mistake(
    removal: str, *, is_protected: bool, synthesize: Synthesize
) -> None:
    table = one_of(synthesize(removal=removal), "AWS::DynamoDB::Table")

    assert table["DeletionProtectionEnabled"] is is_protected


def test_a_secret_keeps_its_place_whatever_else_is_switched(synthesize: Synthesize) -> None:
    """If a secret's logical id changed, CloudFormation would make another one."""
    ids = [
        set(all_of(synthesize(**settings), "AWS::SecretsManager::Secret"))
        for settings in ({}, PUBLIC_KEY, {"token_secret_name": "tokens"}, {"token_algorithm": "HS512"})
    ]

    with_secret, public_key, named, longer = ids
    assert with_secret == longer
    assert public_key == named
    assert len(with_secret - public_key) == 1


def test_a_table_that_exists_is_used_and_none_is_made(synthesize: Synthesize) -> None:
    template = synthesize(table_name="kept")

    template.resource_count_is("AWS::DynamoDB::Table", 0)
    assert template.find_outputs("TableName")["TableName"]["Value"] == "kept"
    for name in FUNCTIONS:
        assert environment_of(template, name)["TABLE_NAME"] == "kept"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_may_do_with_it_what_they_may_do_with_their_own(
    name: str, template: Template, synthesize: Synthesize
) -> None:
    def actions(of: Template, table: str) -> set[str]:
        return {
            action
            for statement in statements_of(of, name)
            for action in listed(statement["Action"])
            if table in map(text_of, listed(statement["Resource"]))
        }

    granted = actions(synthesize(table_name="kept"), TABLE_ARN)

    assert granted
    assert granted == actions(template, "<StorageTable.Arn>")


@pytest.mark.parametrize("name", ["abc", "a" * 255, "Prod_framestream.table-2"])
def test_a_table_may_have_any_name_that_dynamodb_allows(name: str, synthesize: Synthesize) -> None:
    assert environment_of(synthesize(table_name=name), "disconnect")["TABLE_NAME"] == name


@pytest.mark.parametrize("name", ["ab", "a" * 256, "a table", "täble", "arn:aws:dynamodb:eu:1:table/a"])
def test_another_name_of_a_table_is_refused(name: str, synthesize: Synthesize) -> None:
    with pytest.raises(ConfigError, match=r"^framestream\.table_name is .* of 3 to 255 letters, digits"):
        synthesize(table_name=name)
