"""What the worker may ask of Bedrock: the models of the rows, in the places where they may be, alone."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aws_cdk.assertions import Template

from functions.shared.models.row import row_of
from infra.bedrock_grants import APPLY, ASSUME, GEOGRAPHIES, INVOKE, Grant, Place, grants_of
from tests.infra.templates import Synthesize, listed, statements_of, text_of

HERE = Place("aws", "eu-west-1", "123456789012")
ROLE = "arn:aws:iam::210987654321:role/models"
CLAUDE = "anthropic.claude-sonnet-4-20250514-v1:0"


def allowed(model_id: str = CLAUDE, place: Place = HERE, **row: Any) -> list[Grant]:
    return grants_of([row_of("m", {"provider": "bedrock", "model_id": model_id, **row})], place)


def model_in(region: str, model: str = CLAUDE) -> str:
    return f"arn:aws:bedrock:{region}::foundation-model/{model}"


def profile(name: str, region: str = "eu-west-1") -> str:
    return f"arn:aws:bedrock:{region}:123456789012:inference-profile/{name}"


@pytest.mark.parametrize(
    "model",
    [
        CLAUDE,
        "amazon.nova-lite-v1:0",
        "meta.llama3-1-70b-instruct-v1:0",
        "openai.gpt-5.6",
        "zai.glm-4.6",
        "qwen.q3",
    ],
)
def test_a_model_is_allowed_where_it_is_asked(model: str) -> None:
    assert allowed(model) == [Grant(INVOKE, (model_in("eu-west-1", model),))]


def test_a_row_may_name_another_region() -> None:
    assert allowed(region="us-east-1") == [Grant(INVOKE, (model_in("us-east-1"),))]


@pytest.mark.parametrize("geography", GEOGRAPHIES)
def test_a_profile_is_allowed_with_its_model_in_its_regions_and_through_it_alone(geography: str) -> None:
    name = f"{geography}.{CLAUDE}"

    own, models = allowed(name)

    assert own == Grant(INVOKE, (profile(name),))
    assert models.resources == tuple(map(model_in, GEOGRAPHIES[geography]))
    assert models.only_if == (("bedrock:InferenceProfileArn", profile(name)),)
    assert "*" not in str(models)


def test_a_global_profile_leads_to_the_model_here_and_in_no_region() -> None:
    name = f"global.{CLAUDE}"
    through = ("bedrock:InferenceProfileArn", profile(name))

    assert allowed(name) == [
        Grant(INVOKE, (profile(name),)),
        Grant(INVOKE, (model_in("eu-west-1"),), (through,)),
        Grant(INVOKE, (model_in(""),), (("aws:RequestedRegion", "unspecified"), through)),
    ]


def test_a_geography_that_is_new_is_bound_to_its_profile() -> None:
    _, models = allowed(f"sa.{CLAUDE}")

    assert models == Grant(
        INVOKE, (model_in("*"),), (("bedrock:InferenceProfileArn", profile(f"sa.{CLAUDE}")),)
    )


def test_the_arn_of_a_profile_says_where_it_is() -> None:
    arn = profile(f"us.{CLAUDE}", region="us-west-2")

    own, models = allowed(arn)

    assert own == Grant(INVOKE, (arn,))
    assert models.resources == tuple(map(model_in, GEOGRAPHIES["us"]))


def test_an_application_profile_may_lead_to_any_model_but_only_through_it() -> None:
    arn = "arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/abcd1234"

    assert allowed(arn) == [
        Grant(INVOKE, (arn,)),
        Grant(INVOKE, (model_in("*", "*"),), (("bedrock:InferenceProfileArn", arn),)),
    ]


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude-v2:1",
        "arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abcdefabcdef",
        "arn:aws:bedrock:us-east-1:123456789012:imported-model/abcdefabcdef",
        "arn:aws:bedrock:us-east-1:123456789012:custom-model-deployment/abcdefabcdef",
    ],
)
def test_what_is_named_by_its_arn_is_allowed_by_it(arn: str) -> None:
    assert allowed(arn) == [Grant(INVOKE, (arn,))]


@pytest.mark.parametrize("name", ["abcd1234", "arn:aws:bedrock:eu-west-1:123456789012:guardrail/abcd1234"])
def test_a_guardrail_may_be_applied(name: str) -> None:
    *_, grant = allowed(guardrail={"id": name, "version": "1"})

    assert grant == Grant(APPLY, ("arn:aws:bedrock:eu-west-1:123456789012:guardrail/abcd1234",))


@pytest.mark.parametrize("model", [CLAUDE, f"eu.{CLAUDE}", f"global.{CLAUDE}"])
def test_a_model_that_is_asked_in_a_role_needs_that_role_and_nothing_of_bedrock(model: str) -> None:
    guardrail = {"id": "abcd1234", "version": "1"}

    assert allowed(model, role=ROLE, guardrail=guardrail) == [Grant(ASSUME, (ROLE,))]


def test_a_role_of_one_row_takes_nothing_from_the_others() -> None:
    rows = [
        row_of("here", {"provider": "bedrock", "model_id": CLAUDE}),
        row_of("there", {"provider": "bedrock", "model_id": CLAUDE, "role": ROLE}),
        row_of("too", {"provider": "bedrock", "model_id": f"eu.{CLAUDE}", "role": ROLE}),
    ]

    assert grants_of(rows, HERE) == [Grant(INVOKE, (model_in("eu-west-1"),)), Grant(ASSUME, (ROLE,))]


def test_what_two_rows_need_is_granted_once() -> None:
    rows = [row_of(name, {"provider": "bedrock", "model_id": CLAUDE}) for name in ("a", "b")]

    assert len(grants_of(rows, HERE)) == 1


def test_models_of_other_providers_and_of_a_stand_in_need_nothing() -> None:
    local = {"provider": "bedrock", "endpoint_url": "http://127.0.0.1:9000"}

    assert grants_of([row_of("gpt", {}), row_of("here", local)], HERE) == []


def test_another_partition_is_kept() -> None:
    gov = Place("aws-us-gov", "us-gov-west-1", "123456789012")

    own, models = allowed(f"us-gov.{CLAUDE}", gov)

    assert own.resources == (
        f"arn:aws-us-gov:bedrock:us-gov-west-1:123456789012:inference-profile/us-gov.{CLAUDE}",
    )
    assert all(each.startswith("arn:aws-us-gov:bedrock:us-gov-") for each in models.resources)


BEDROCK = {
    "claude": {"provider": "bedrock", "model_id": f"eu.{CLAUDE}", "guardrail": {"id": "g1", "version": "2"}}
}


@pytest.fixture(scope="module")
def bedrock_template(synthesize: Synthesize) -> Template:
    return synthesize(models=json.dumps(BEDROCK))


def test_a_stack_with_models_of_bedrock_alone_has_no_key(bedrock_template: Template) -> None:
    text = json.dumps(bedrock_template.to_json())

    assert "LlmKey" not in text
    assert "LLM_KEY" not in text
    assert [name[:11] for name in bedrock_template.find_resources("AWS::SecretsManager::Secret")] == [
        "TokenSecret"
    ]


def test_its_worker_may_ask_that_model_and_nothing_else(bedrock_template: Template) -> None:
    statements = list(statements_of(bedrock_template, "worker"))

    here = "arn:<AWS::Partition>:bedrock:<AWS::Region>:<AWS::AccountId>"
    asked = [each for each in statements if "bedrock" in str(each["Action"])]
    granted = {
        (action, text_of(resource)): each.get("Condition")
        for each in asked
        for action in listed(each["Action"])
        for resource in listed(each["Resource"])
    }
    models = {
        (INVOKE, f"arn:<AWS::Partition>:bedrock:{region}::foundation-model/{CLAUDE}")
        for region in GEOGRAPHIES["eu"]
    }
    own = {(INVOKE, f"{here}:inference-profile/eu.{CLAUDE}"), (APPLY, f"{here}:guardrail/g1")}
    assert granted.keys() == models | own
    for model in models:
        [(test, condition)] = (granted[model] or {}).items()
        assert (test, text_of(condition["bedrock:InferenceProfileArn"])) == (
            "StringEquals",
            f"{here}:inference-profile/eu.{CLAUDE}",
        )
    assert not [each for each in statements if "secretsmanager" in str(each["Action"])]


def test_a_worker_may_assume_exactly_the_roles_of_the_rows(synthesize: Synthesize) -> None:
    other = "arn:aws:iam::210987654321:role/teams/more"
    rows = {
        name: {"provider": "bedrock", "role": role} for name, role in (("a", ROLE), ("b", other), ("c", ROLE))
    }
    template = synthesize(models=json.dumps(rows))

    statements = list(statements_of(template, "worker"))
    assumed = [each for each in statements if ASSUME in listed(each["Action"])]
    assert sorted(text for each in assumed for text in listed(each["Resource"])) == [ROLE, other]
    assert {action for each in assumed for action in listed(each["Action"])} == {ASSUME}
    assert "bedrock" not in json.dumps(statements)
    for name in ("connect", "disconnect", "message", "generate"):
        assert ASSUME not in json.dumps(list(statements_of(template, name)))


@pytest.mark.parametrize(("row", "is_told"), [({"role": ROLE}, True), ({}, False)])
def test_what_a_trust_policy_must_name_is_an_output(
    synthesize: Synthesize, row: dict[str, str], *, is_told: bool
) -> None:
    template = synthesize(models=json.dumps({"claude": {"provider": "bedrock", **row}}))

    assert bool(template.find_outputs("WorkerRoleArn")) is is_told


@pytest.mark.parametrize("name", ["connect", "disconnect", "message", "generate"])
def test_no_other_function_may_ask_a_model(bedrock_template: Template, name: str) -> None:
    assert "bedrock" not in json.dumps(list(statements_of(bedrock_template, name)))


def test_beside_models_with_a_key_the_key_is_kept(synthesize: Synthesize) -> None:
    template = synthesize(models=json.dumps({**BEDROCK, "gpt-5": {}}))

    assert "LlmKeySecretArn" in template.find_outputs("*")


def test_what_no_list_can_name_is_explained_to_the_checks(synthesize: Synthesize) -> None:
    profile = "arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/abcd1234"

    template = synthesize(models=json.dumps({"claude": {"provider": "bedrock", "model_id": profile}}))

    assert "application-inference-profile/abcd1234" in json.dumps(template.to_json())
