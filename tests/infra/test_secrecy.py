"""What travels is encrypted, and no secret lies where it can be read."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from aws_cdk.assertions import Template

from infra.bundling.build import FUNCTIONS, ROOT
from tests.infra.templates import Synthesize, all_of, environment_of, listed, text_of

PLAIN = {"Bool": {"aws:SecureTransport": "false"}}
BOOTSTRAP = ROOT / "node_modules" / "aws-cdk" / "lib" / "api" / "bootstrap" / "bootstrap-template.yaml"
EDGE = {"edge": True}


def refused_in_plain(template: Template, kind: str, names: str) -> set[str]:
    """What a policy of this kind closes to everybody who does not use TLS."""
    return {
        text_of(name)
        for policy in all_of(template, kind).values()
        for statement in policy["PolicyDocument"]["Statement"]
        if (statement["Effect"], statement["Condition"]) == ("Deny", PLAIN)
        and statement["Principal"] in ({"AWS": "*"}, "*")
        for name in policy[names]
    }


@pytest.mark.fault(95)
def test_every_queue_refuses_plain_http_to_everybody(template: Template) -> None:
    assert refused_in_plain(template, "AWS::SQS::QueuePolicy", "Queues") == {
        "<WorkQueue>",
        "<WorkReminders>",
        "<WorkDeadLetters>",
    }
    assert len(all_of(template, "AWS::SQS::Queue")) == 3
    for policy in all_of(template, "AWS::SQS::QueuePolicy").values():
        (deny,) = [one for one in policy["PolicyDocument"]["Statement"] if one["Effect"] == "Deny"]
        assert deny["Action"] == "sqs:*"


def test_the_topic_refuses_to_publish_what_came_in_plain(template: Template) -> None:
    assert refused_in_plain(template, "AWS::SNS::TopicPolicy", "Topics") == {"<AlarmsTopic>"}
    assert len(all_of(template, "AWS::SNS::Topic")) == 1
    for policy in all_of(template, "AWS::SNS::TopicPolicy").values():
        (deny,) = [one for one in policy["PolicyDocument"]["Statement"] if one["Effect"] == "Deny"]
        assert "sns:Publish" in listed(deny["Action"])


def test_the_stack_has_no_bucket_and_the_cdks_own_refuses_plain_http(template: Template) -> None:
    template.resource_count_is("AWS::S3::Bucket", 0)

    # The zips travel through the bucket that `cdk bootstrap` makes.
    statement = BOOTSTRAP.read_text().partition("'AllowSSLRequestsOnly'")[2].partition("Principal: '*'")[0]
    assert statement.split()[:4] == ["Action:", "'s3:*'", "Effect:", "'Deny'"]
    assert "'${StagingBucket.Arn}/*'" in statement
    assert "Bool: { 'aws:SecureTransport': 'false' }" in statement


@pytest.mark.parametrize("settings", [{}, EDGE])
def test_nothing_on_aws_is_reached_in_plain(settings: dict[str, Any], synthesize: Synthesize) -> None:
    template = synthesize(**settings)

    for name in FUNCTIONS:
        for value in environment_of(template, name).values():
            # Origins are names of pages, not refs that we call.
            if text_of(value) != "http://localhost:5173":
                assert not re.match(r"(http|ws)://", text_of(value))
    for output in template.find_outputs("*").values():
        assert not re.match(r"(http|ws)://", text_of(output["Value"]))


@pytest.mark.parametrize("settings", [{}, EDGE])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_an_environment_names_secrets_and_never_holds_one(
    name: str, settings: dict[str, Any], synthesize: Synthesize
) -> None:
    variables = environment_of(synthesize(**settings), name)

    assert "{{resolve:" not in json.dumps(variables)
    for variable, value in variables.items():
        if re.search("SECRET|KEY|PASSWORD|CREDENTIAL", variable) and value:
            assert variable.endswith("_ARN")
            assert re.fullmatch(r"<\w+(\.Id)?>", text_of(value))


@pytest.mark.parametrize("settings", [{}, EDGE])
def test_a_template_holds_no_secret_and_lets_only_cloudfront_have_one(
    settings: dict[str, Any], synthesize: Synthesize
) -> None:
    template = synthesize(**settings)

    for secret in all_of(template, "AWS::SecretsManager::Secret").values():
        assert "SecretString" not in secret
        assert secret["GenerateSecretString"]["PasswordLength"] == 64
    assert set(resolved(template)) <= {"AWS::CloudFront::Distribution"}
    assert "{{resolve:" not in json.dumps(template.to_json().get("Outputs", {}))


def resolved(template: Template) -> Iterator[str]:
    """The kinds of resources into which CloudFormation is to put a secret."""
    for resource in template.to_json()["Resources"].values():
        if "{{resolve:" in json.dumps(resource):
            yield resource["Type"]
