"""The bucket of attachments: private, short-lived, and only where a deployment wants it."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from aws_cdk import App
from aws_cdk.assertions import Template

from infra.app import compose
from infra.config.fields import Config
from tests.infra.templates import (
    LOCAL,
    Synthesize,
    all_of,
    environment_of,
    listed,
    one_of,
    statements_of,
    text_of,
)

BUCKET = "<AttachmentsBucket>"
OBJECTS = "<AttachmentsBucket.Arn>/attachments/*"
SETTINGS = {
    "attachments": True,
    "retention_days": 3,
    "allowed_origins": "https://a.example,https://*.b.example",
}


@pytest.fixture(scope="module")
def template(synthesize: Synthesize) -> Template:
    return synthesize(**SETTINGS)


def test_without_the_setting_there_is_no_bucket(synthesize: Synthesize) -> None:
    template = synthesize()

    assert not template.find_resources("AWS::S3::Bucket")
    for name in ("generate", "worker"):
        assert "ATTACHMENTS_BUCKET" not in environment_of(template, name)


def test_the_bucket_is_private_encrypted_and_empties_itself(template: Template) -> None:
    bucket = one_of(template, "AWS::S3::Bucket")

    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket["BucketEncryption"]
    (rule,) = bucket["LifecycleConfiguration"]["Rules"]
    assert (rule["ExpirationInDays"], rule["Status"]) == (4, "Enabled")
    assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}


def test_pages_may_upload_from_the_allowed_origins_alone(template: Template) -> None:
    bucket = one_of(template, "AWS::S3::Bucket")

    (rule,) = bucket["CorsConfiguration"]["CorsRules"]
    assert rule["AllowedMethods"] == ["POST", "GET"]
    assert rule["AllowedOrigins"] == ["https://a.example", "https://*.b.example"]


def test_nothing_but_tls_reaches_it(template: Template) -> None:
    policy = one_of(template, "AWS::S3::BucketPolicy")["PolicyDocument"]

    assert {statement["Effect"] for statement in policy["Statement"]} == {"Deny"}
    assert any("aws:SecureTransport" in str(statement) for statement in policy["Statement"])


@pytest.mark.parametrize(
    ("name", "operations"),
    [
        ("connect", set()),
        ("disconnect", set()),
        ("message", set()),
        ("generate", {"s3:PutObject", "s3:GetObject", "s3:DeleteObject"}),
        ("worker", {"s3:GetObject"}),
    ],
)
def test_each_function_may_do_exactly_what_its_code_does(
    name: str, operations: set[str], template: Template
) -> None:
    allowed = {
        (action, text_of(resource))
        for statement in statements_of(template, name)
        for action in listed(statement["Action"])
        for resource in listed(statement["Resource"])
        if action.startswith("s3:")
    }

    expected = {(operation, OBJECTS) for operation in operations}
    assert allowed == expected | ({("s3:ListBucket", "<AttachmentsBucket.Arn>")} if operations else set())


def test_functions_know_its_name_and_operators_too(template: Template) -> None:
    for name in ("generate", "worker"):
        assert text_of(environment_of(template, name)["ATTACHMENTS_BUCKET"]) == BUCKET
    output = template.find_outputs("AttachmentsBucket")["AttachmentsBucket"]
    assert text_of(output["Value"]) == BUCKET


def test_the_demo_page_may_upload(synthesize: Synthesize) -> None:
    policies = str(all_of(synthesize(demo_page=True, **SETTINGS), "AWS::CloudFront::ResponseHeadersPolicy"))

    assert "https://*.s3." in policies
    assert "https://*.s3." not in str(
        all_of(synthesize(demo_page=True), "AWS::CloudFront::ResponseHeadersPolicy")
    )


@pytest.mark.parametrize("target", [{}, LOCAL], ids=["aws", "local"])
def test_cdk_nag_finds_nothing(target: dict[str, object], zips: Mapping[str, Path]) -> None:
    app = App()
    compose(app, config=Config.from_context({"framestream": SETTINGS | target}), zips=zips)

    app.synth()
