"""The demo page on AWS: read through CloudFront alone, guarded as pages are, and let in by both APIs."""

import json
import re
import shlex
from typing import Any

import pytest
from aws_cdk.assertions import Template

from infra.config.fields import Config, ConfigError
from local.demo_page.page import HEADERS
from tests.infra.templates import (
    DOMAINS,
    LOCAL,
    Synthesize,
    all_of,
    environment_of,
    functions_of,
    one_of,
    text_of,
)

ORIGIN = "https://<DemoPageDistribution.DomainName>"
BUCKET = "s3://<DemoPageBucket>"


@pytest.fixture(scope="module")
def template(synthesize: Synthesize) -> Template:
    return synthesize(demo_page=True)


def output(template: Template, name: str) -> str:
    return text_of(template.find_outputs(name)[name]["Value"])


def headers_of(template: Template) -> dict[str, dict[str, Any]]:
    """What CloudFront adds, by the name of the policy."""
    return {
        re.sub(r"^DemoPage|[0-9A-F]{8}$", "", logical_id): policy["ResponseHeadersPolicyConfig"]
        for logical_id, policy in all_of(template, "AWS::CloudFront::ResponseHeadersPolicy").items()
    }


def content_security_policy_of(template: Template) -> dict[str, str]:
    (policy,) = {
        text_of(one["SecurityHeadersConfig"]["ContentSecurityPolicy"]["ContentSecurityPolicy"])
        for one in headers_of(template).values()
    }
    return dict(rule.strip().split(" ", 1) for rule in policy.split(";"))


def test_there_is_no_page_unless_asked_for(synthesize: Synthesize) -> None:
    template = synthesize()

    for kind in ("S3::Bucket", "CloudFront::Distribution", "CloudFront::ResponseHeadersPolicy"):
        template.resource_count_is(f"AWS::{kind}", 0)
    assert not template.find_outputs("DemoPageUrl")


def test_a_page_brings_no_function_along(template: Template, synthesize: Synthesize) -> None:
    assert set(functions_of(template)) == set(functions_of(synthesize()))
    assert not [kind for kind in kinds_of(template) if kind.startswith("Custom::")]


def kinds_of(template: Template) -> set[str]:
    return {resource["Type"] for resource in template.to_json()["Resources"].values()}


def test_nobody_reads_the_bucket_but_this_distribution(template: Template) -> None:
    bucket = one_of(template, "AWS::S3::Bucket")
    statements = one_of(template, "AWS::S3::BucketPolicy")["PolicyDocument"]["Statement"]

    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    assert "BucketEncryption" in bucket
    (allowed,) = [statement for statement in statements if statement["Effect"] == "Allow"]
    assert allowed["Principal"] == {"Service": "cloudfront.amazonaws.com"}
    assert allowed["Action"] == "s3:GetObject"
    (source,) = allowed["Condition"]["StringEquals"].values()
    assert text_of(source).endswith(":distribution/<DemoPageDistribution>")
    (origin,) = one_of(template, "AWS::CloudFront::Distribution")["DistributionConfig"]["Origins"]
    assert text_of(origin["OriginAccessControlId"]).endswith(".Id>")


def test_the_bucket_refuses_plain_http_and_old_tls(template: Template) -> None:
    statements = one_of(template, "AWS::S3::BucketPolicy")["PolicyDocument"]["Statement"]

    denied = [statement for statement in statements if statement["Effect"] == "Deny"]
    assert [statement["Condition"] for statement in denied] == [
        {"Bool": {"aws:SecureTransport": "false"}},
        {"NumericLessThan": {"s3:TlsVersion": 1.2}},
    ]
    for statement in denied:
        assert (statement["Action"], statement["Principal"]) == ("s3:*", {"AWS": "*"})


def test_a_visitor_gets_https_and_keeps_only_files_that_never_change(template: Template) -> None:
    distribution = one_of(template, "AWS::CloudFront::Distribution")["DistributionConfig"]
    behaviors = [distribution["DefaultCacheBehavior"], *distribution["CacheBehaviors"]]
    headers = headers_of(template)

    assert {behavior["ViewerProtocolPolicy"] for behavior in behaviors} == {"redirect-to-https"}
    assert distribution["DefaultRootObject"] == "index.html"
    # AWS's own policies: CachingDisabled, CachingOptimized.
    assert behaviors[0]["CachePolicyId"] == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    assert behaviors[1]["CachePolicyId"] == "658327ea-f89d-4fab-a63d-7e88639e58f6"
    assert behaviors[1]["PathPattern"] == "assets/*"
    assert {name: own_headers(policy)["Cache-Control"] for name, policy in headers.items()} == {
        "Headers": "no-cache",
        "AssetHeaders": "public, max-age=31536000, immutable",
    }


def own_headers(policy: dict[str, Any]) -> dict[str, str]:
    return {item["Header"]: item["Value"] for item in policy["CustomHeadersConfig"]["Items"]}


def test_what_guards_a_page_is_sent_with_every_file(template: Template) -> None:
    for policy in headers_of(template).values():
        security = policy["SecurityHeadersConfig"]
        assert security["ContentTypeOptions"] == {"Override": True}
        assert security["FrameOptions"] == {"FrameOption": "DENY", "Override": True}
        assert security["ReferrerPolicy"] == {"Override": True, "ReferrerPolicy": "same-origin"}
        assert security["StrictTransportSecurity"]["AccessControlMaxAgeSec"] == 365 * 24 * 3600
        assert own_headers(policy)["Cross-Origin-Opener-Policy"] == "same-origin"


def test_the_page_may_do_what_it_may_do_here_and_talk_to_the_apis(template: Template) -> None:
    here = dict(rule.strip().split(" ", 1) for rule in HEADERS["Content-Security-Policy"].split(";"))
    gateways = "*.execute-api.<AWS::Region>.<AWS::URLSuffix>"

    assert content_security_policy_of(template) == {
        **here,
        "connect-src": f"'self' https://{gateways} wss://{gateways}",
    }


@pytest.mark.parametrize(
    ("settings", "sources"),
    [
        ({"edge": True}, "https://*.cloudfront.net wss://*.cloudfront.net"),
        (DOMAINS, "https://api.example.com wss://live.example.com"),
        ({"edge": True, **DOMAINS}, "https://api.example.com wss://live.example.com"),
    ],
)
def test_it_knows_the_apis_by_the_names_that_they_have(
    settings: dict[str, Any], sources: str, synthesize: Synthesize
) -> None:
    policy = content_security_policy_of(synthesize(demo_page=True, **settings))

    assert policy["connect-src"] == f"'self' {sources}"


def test_both_apis_let_the_page_in_beside_the_others(synthesize: Synthesize) -> None:
    template = synthesize(demo_page=True, allowed_origins="https://app.example.com")

    for name in ("connect", "generate"):
        assert (
            text_of(environment_of(template, name)["ALLOWED_ORIGINS"]) == f"https://app.example.com,{ORIGIN}"
        )
    (cors,) = [
        api["CorsConfiguration"]
        for api in all_of(template, "AWS::ApiGatewayV2::Api").values()
        if "CorsConfiguration" in api
    ]
    assert [text_of(origin) for origin in cors["AllowOrigins"]] == ["https://app.example.com", ORIGIN]


def test_with_an_edge_the_page_is_behind_its_firewall(synthesize: Synthesize) -> None:
    template = synthesize(demo_page=True, edge=True)

    (acl,) = all_of(template, "AWS::WAFv2::WebACL")
    distributions = all_of(template, "AWS::CloudFront::Distribution").values()
    assert len(distributions) == 3
    for distribution in distributions:
        assert distribution["DistributionConfig"]["WebACLId"] == {"Fn::GetAtt": [acl, "Arn"]}


def test_the_outputs_say_where_it_is_and_how_to_put_it_there(template: Template) -> None:
    assert output(template, "DemoPageUrl") == ORIGIN

    sync, put = output(template, "DemoPageUpload").split(" && ")
    assert shlex.split(sync)[:5] == ["aws", "s3", "sync", "clients/demo/dist", BUCKET]
    echo, copy = put.split(" | ")
    assert json.loads(shlex.split(echo)[1]) == {"httpUrl": output(template, "HttpUrl"), "signIn": "token"}
    assert shlex.split(copy)[:5] == ["aws", "s3", "cp", "-", f"{BUCKET}/framestream.json"]


@pytest.mark.parametrize(("removal", "policy"), [("retain", "RetainExceptOnCreate"), ("destroy", "Delete")])
def test_the_bucket_outlives_the_stack_unless_told_otherwise(
    removal: str, policy: str, synthesize: Synthesize
) -> None:
    synthesize(demo_page=True, removal=removal).all_resources("AWS::S3::Bucket", {"DeletionPolicy": policy})


def test_on_this_machine_it_is_served_by_the_local_system() -> None:
    with pytest.raises(ConfigError, match="demo_page is True, but for target local it must not be set"):
        Config.from_context({"framestream": {**LOCAL, "demo_page": True}})
