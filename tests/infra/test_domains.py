"""The edge and the domains: what guards the way in, and that there is no other."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from aws_cdk.assertions import Template

from functions.shared.edge import HEADER
from infra.bundling.build import ROOT
from infra.config.fields import Config, ConfigError
from tests.infra.templates import (
    CERTIFICATE,
    DOMAINS,
    Synthesize,
    all_of,
    environment_of,
    functions_of,
    one_of,
    statements_of,
    text_of,
)

EVERYTHING: dict[str, Any] = {"edge": True, "edge_secret_version": "0" * 32, **DOMAINS}
HOST = "<{api}>.execute-api.<AWS::Region>.<AWS::URLSuffix>"


@pytest.fixture(scope="module")
def edge(synthesize: Synthesize) -> Template:
    return synthesize(edge=True)


def distributions_of(template: Template) -> dict[str, dict[str, Any]]:
    """The distributions by the host behind them."""
    found = [one["DistributionConfig"] for one in all_of(template, "AWS::CloudFront::Distribution").values()]
    return {text_of(one["Origins"][0]["DomainName"]): one for one in found}


def outputs_of(template: Template) -> dict[str, str]:
    return {name: text_of(output["Value"]) for name, output in template.find_outputs("*").items()}


def test_there_is_neither_edge_nor_domain_unless_asked_for(template: Template) -> None:
    for kind in ("CloudFront::Distribution", "WAFv2::WebACL", "ApiGatewayV2::DomainName"):
        template.resource_count_is(f"AWS::{kind}", 0)
    for name in ("connect", "generate"):
        assert "EDGE_SECRET_ARN" not in environment_of(template, name)
    assert outputs_of(template)["WebSocketUrl"] == f"wss://{HOST.format(api='WebSocketApi')}/prod"
    assert outputs_of(template)["HttpUrl"] == f"https://{HOST.format(api='HttpApi')}"


def test_both_apis_are_behind_cloudfront_and_one_firewall(edge: Template) -> None:
    distributions = distributions_of(edge)

    assert set(distributions) == {HOST.format(api="WebSocketApi"), HOST.format(api="HttpApi")}
    assert {text_of(one["WebACLId"]) for one in distributions.values()} == {"<DomainsEdgeFirewallAcl.Arn>"}


def test_requests_are_passed_on_whole_and_never_from_a_cache(edge: Template) -> None:
    for distribution in distributions_of(edge).values():
        behavior = distribution["DefaultCacheBehavior"]
        # AWS's own policies: CachingDisabled, AllViewerExceptHostHeader.
        assert behavior["CachePolicyId"] == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
        assert behavior["OriginRequestPolicyId"] == "b689b0a8-53d0-40ab-baf2-68738e2966ac"
        assert {"POST", "OPTIONS"} <= set(behavior["AllowedMethods"])
        assert behavior["ViewerProtocolPolicy"] == "https-only"
        assert "CacheBehaviors" not in distribution


def test_cloudfront_proves_itself_with_a_secret_that_is_not_in_the_template(edge: Template) -> None:
    secret = text_of(environment_of(edge, "connect")["EDGE_SECRET_ARN"])

    for distribution in distributions_of(edge).values():
        (origin,) = distribution["Origins"]
        (header,) = origin["OriginCustomHeaders"]
        assert header["HeaderName"] == HEADER
        assert (
            text_of(header["HeaderValue"])
            == f"{{{{resolve:secretsmanager:{secret}:SecretString:current::}}}}"
        )
        assert origin["CustomOriginConfig"]["OriginProtocolPolicy"] == "https-only"
        assert origin["CustomOriginConfig"]["OriginSSLProtocols"] == ["TLSv1.2"]


def test_a_new_word_is_taken_over_by_naming_its_version(synthesize: Synthesize) -> None:
    template = synthesize(edge=True, edge_secret_version="a" * 32)

    for distribution in distributions_of(template).values():
        value = text_of(distribution["Origins"][0]["OriginCustomHeaders"][0]["HeaderValue"])
        assert value.endswith(f":SecretString:current::{'a' * 32}}}}}")


def test_only_the_functions_that_clients_reach_can_read_it(edge: Template) -> None:
    secret = environment_of(edge, "connect")["EDGE_SECRET_ARN"]

    readers = {
        name
        for name in functions_of(edge)
        for statement in statements_of(edge, name)
        if secret
        in (statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]])
    }

    assert readers == {"connect", "generate"}
    assert environment_of(edge, "generate")["EDGE_SECRET_ARN"] == secret
    assert text_of(secret) == "<DomainsEdgeSecret>"


def test_the_firewall_stops_floods_known_attackers_and_known_attacks(synthesize: Synthesize) -> None:
    acl = one_of(synthesize(edge=True, edge_requests_per_five_minutes=700), "AWS::WAFv2::WebACL")

    assert (acl["Scope"], acl["DefaultAction"]) == ("CLOUDFRONT", {"Allow": {}})
    rate, *groups = sorted(acl["Rules"], key=lambda rule: rule["Priority"])
    assert rate["Statement"]["RateBasedStatement"] == {
        "AggregateKeyType": "IP",
        "EvaluationWindowSec": 300,
        "Limit": 700,
    }
    assert rate["Action"]["Block"]["CustomResponse"]["ResponseCode"] == 429
    assert [group["Statement"]["ManagedRuleGroupStatement"]["Name"] for group in groups] == [
        "AWSManagedRulesAmazonIpReputationList",
        "AWSManagedRulesKnownBadInputsRuleSet",
        "AWSManagedRulesCommonRuleSet",
    ]
    assert {json.dumps(group["OverrideAction"]) for group in groups} == {'{"None": {}}'}


def test_a_prompt_may_say_anything(edge: Template) -> None:
    for rule in one_of(edge, "AWS::WAFv2::WebACL")["Rules"]:
        group = rule["Statement"].get("ManagedRuleGroupStatement", {})
        for override in group.get("RuleActionOverrides", []):
            assert override["ActionToUse"] == {"Count": {}}
    counted = json.dumps(one_of(edge, "AWS::WAFv2::WebACL"))
    for name in ("SizeRestrictions_BODY", "CrossSiteScripting_BODY", "Log4JRCE_BODY", "GenericLFI_BODY"):
        assert name in counted


def test_no_request_is_kept_as_a_sample(edge: Template) -> None:
    acl = one_of(edge, "AWS::WAFv2::WebACL")

    for part in (acl, *acl["Rules"]):
        assert part["VisibilityConfig"]["SampledRequestsEnabled"] is False


def test_clients_are_told_cloudfronts_addresses_and_functions_still_post_past_it(edge: Template) -> None:
    url = "wss://<DomainsWebSocketDistribution.DomainName>/prod"

    assert outputs_of(edge)["WebSocketUrl"] == url
    assert outputs_of(edge)["HttpUrl"] == "https://<DomainsHttpDistribution.DomainName>"
    assert text_of(environment_of(edge, "generate")["WEBSOCKET_URL"]) == url
    endpoint = environment_of(edge, "worker")["AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI"]
    assert text_of(endpoint) == f"https://{HOST.format(api='WebSocketApi')}/prod"
    for api in all_of(edge, "AWS::ApiGatewayV2::Api").values():
        assert "DisableExecuteApiEndpoint" not in api


def test_domains_without_an_edge_lead_to_the_gateways(synthesize: Synthesize) -> None:
    template = synthesize(**DOMAINS)

    mappings = {
        mapping["DomainName"]["Ref"]: mapping
        for mapping in all_of(template, "AWS::ApiGatewayV2::ApiMapping").values()
    }
    names = all_of(template, "AWS::ApiGatewayV2::DomainName")
    assert {
        name["DomainName"]: mappings[logical_id].get("ApiMappingKey") for logical_id, name in names.items()
    } == {"live.example.com": "prod", "api.example.com": None}
    for name in names.values():
        (configuration,) = name["DomainNameConfigurations"]
        assert configuration["CertificateArn"] == CERTIFICATE
        assert configuration["SecurityPolicy"] == "TLS_1_2"
    template.resource_count_is("AWS::CloudFront::Distribution", 0)


@pytest.mark.parametrize(
    ("settings", "targets"),
    [
        (DOMAINS, ("<DomainsWebSocketDomain.RegionalDomainName>", "<DomainsHttpDomain.RegionalDomainName>")),
        (EVERYTHING, ("<DomainsWebSocketDistribution.DomainName>", "<DomainsHttpDistribution.DomainName>")),
    ],
)
def test_clients_use_the_domains_and_dns_is_told_where_they_lead(
    settings: dict[str, Any], targets: tuple[str, str], synthesize: Synthesize
) -> None:
    template = synthesize(**settings)

    outputs = outputs_of(template)
    assert outputs["WebSocketUrl"] == "wss://live.example.com/prod"
    assert outputs["HttpUrl"] == "https://api.example.com"
    assert environment_of(template, "generate")["WEBSOCKET_URL"] == "wss://live.example.com/prod"
    assert (outputs["WebSocketDomainTarget"], outputs["HttpDomainTarget"]) == targets


def test_domains_with_an_edge_are_cloudfronts(synthesize: Synthesize) -> None:
    template = synthesize(**EVERYTHING)

    aliases = {}
    for distribution in distributions_of(template).values():
        (alias,) = distribution["Aliases"]
        aliases[alias] = distribution["ViewerCertificate"]
    assert set(aliases) == {"api.example.com", "live.example.com"}
    for viewer in aliases.values():
        assert viewer["AcmCertificateArn"] == CERTIFICATE
        assert viewer["MinimumProtocolVersion"] == "TLSv1.2_2021"
    template.resource_count_is("AWS::ApiGatewayV2::DomainName", 0)


LOCAL = {
    "target": "local",
    "execute_api_endpoint": "http://127.0.0.1/{api_id}",
    "websocket_endpoint": "ws://127.0.0.1/{api_id}",
}


@pytest.mark.parametrize(
    ("settings", "setting", "must"),
    [
        (
            {"http_domain": "api.example.com"},
            "http_domain",
            "it and http_certificate_arn must be set together",
        ),
        (
            {"websocket_certificate_arn": CERTIFICATE},
            "websocket_domain",
            "it and websocket_certificate_arn must be set together",
        ),
        (
            DOMAINS | {"websocket_domain": "api.example.com"},
            "websocket_domain",
            "it must not be http_domain: the two APIs cannot share one",
        ),
        (
            DOMAINS | {"edge": True, "http_certificate_arn": CERTIFICATE.replace("us-east-1", "eu-west-1")},
            "http_certificate_arn",
            "with edge it must be in us-east-1, where CloudFront looks for it",
        ),
        (
            LOCAL | {"edge": True},
            "edge",
            "for target local it must not be set: the emulator has its own address",
        ),
    ],
)
def test_the_domains_settings_must_fit_together(settings: dict[str, Any], setting: str, must: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        Config(**settings)

    given = settings.get(setting, getattr(Config(), setting))
    assert str(refusal.value) == f"framestream.{setting} is {given!r}, but {must}"


@pytest.mark.parametrize(
    "domain",
    ["example", "Api.example.com", "https://a.example", "a.example.", "*.a.com", "-a.com", "1.2.3.4"],
)
def test_what_is_no_domain_is_refused(domain: str) -> None:
    with pytest.raises(ConfigError, match="a domain name in lower case, or empty"):
        Config(http_domain=domain, http_certificate_arn=CERTIFICATE)


@pytest.mark.slow
def test_an_edge_in_another_region_fails_with_one_sentence(tmp_path: Path) -> None:
    context = json.dumps({"framestream.edge": "true"})
    environ = {"CDK_CONTEXT_JSON": context, "CDK_OUTDIR": str(tmp_path), "CDK_DEFAULT_REGION": "eu-central-1"}

    done = subprocess.run(
        [sys.executable, "-m", "infra.app"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, **environ},
    )

    assert done.returncode == 1
    assert done.stderr == (
        "framestream: framestream.edge is True, but outside us-east-1 it must be False: CloudFront's "
        "firewall is only there, and this deployment would go to eu-central-1\n"
    )
