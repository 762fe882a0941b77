"""What AWS would refuse at deployment is refused before, at its limit and not below."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aws_cdk import App

from infra.app import check_region, compose
from infra.bundling.build import FUNCTIONS
from infra.config.account_limits import (
    ENVIRONMENT_MAX_BYTES,
    LONGEST_FIREWALL_RULE,
    METRIC_NAME_MAX,
    environment_bytes,
    longest_environment,
)
from infra.config.fields import Config, ConfigError
from tests.infra.templates import LOCAL, Synthesize, all_of, environment_of, one_of

ARN = "arn:aws:acm:eu-west-1:123456789012:certificate/0a1b"
ORIGINS = tuple(f"https://{'a' * 62}.{'b' * 12}{number:02}.example.com" for number in range(20))
CLAIMS = tuple(f"{number:02}{'c' * 62}" for number in range(20))
LONG_URL = f"https://{'a' * 998}/v1"
DOMAINS: dict[str, Any] = {
    "http_domain": "api.example.com",
    "http_certificate_arn": ARN,
    "websocket_domain": "live.example.com",
    "websocket_certificate_arn": ARN,
}


def config(**settings: Any) -> Config:
    return Config(**settings)


def filled(function: str, setting: str, *, bytes_over: int, **settings: Any) -> Config:
    """Settings of which one is so long that the function's environment has just so many bytes."""
    shortest = config(**settings, **{setting: "a"})
    size = environment_bytes(longest_environment(function, shortest))
    return config(**settings, **{setting: "a" * (1 + ENVIRONMENT_MAX_BYTES + bytes_over - size)})


def test_an_environment_is_measured_as_lambda_does() -> None:
    assert environment_bytes({"A": "é", "B": 'say "no"\n'}) == len('{"A":"é","B":"say \\"no\\"\\n"}'.encode())


@pytest.mark.parametrize(
    ("function", "setting", "settings"),
    [
        ("generate", "token_audience", {"allowed_origins": ORIGINS, "token_user_claims": CLAIMS[:11]}),
        ("worker", "llm_key_secret_name", {"llm_base_url": LONG_URL, "llm_system_prompt": "é" * 850}),
    ],
)
def test_an_environment_may_have_all_that_lambda_takes_and_not_a_byte_more(
    function: str, setting: str, settings: dict[str, Any]
) -> None:
    fits = filled(function, setting, bytes_over=0, **settings)

    assert environment_bytes(longest_environment(function, fits)) == ENVIRONMENT_MAX_BYTES
    with pytest.raises(
        ConfigError, match=f"of {function} may have 4097 bytes, and Lambda takes 4096: .+by 1"
    ):
        filled(function, setting, bytes_over=1, **settings)


def test_the_refusal_says_what_to_shorten_and_by_how_much_without_all_the_text() -> None:
    with pytest.raises(ConfigError) as refusal:
        config(allowed_origins=ORIGINS, token_user_claims=CLAIMS, token_issuer="i" * 200)

    sentence = str(refusal.value)
    assert sentence.startswith("framestream.allowed_origins is 1981 bytes long, but with it the environment")
    assert ": shorten it, or token_user_claims (1323 bytes), or token_issuer (219 bytes) by " in sentence
    assert "ccc" not in sentence


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"edge": True, "demo_page": True},
        {"stack_name": "a" * 128},
        {"table_name": "kept", "token_secret_name": "tokens", "llm_key_secret_name": "key"},
        LOCAL,
    ],
)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_what_is_measured_is_what_is_deployed(
    function: str, settings: dict[str, Any], synthesize: Synthesize
) -> None:
    deployed = environment_of(synthesize(**settings), function)

    measured = longest_environment(function, config(**settings))

    assert set(deployed) == set(measured)
    for name, value in deployed.items():
        if isinstance(value, str):
            assert value == measured[name]
        elif "Fn::Join" in value:
            known = [part for part in value["Fn::Join"][1] if isinstance(part, str)]
            references = len(value["Fn::Join"][1]) - len(known)
            assert len(measured[name]) >= len("".join(known)) + 10 * references


@pytest.mark.parametrize("demo_page", [False, True])
def test_the_firewalls_metrics_just_fit_and_one_character_more_is_refused(
    synthesize: Synthesize, *, demo_page: bool
) -> None:
    longest = METRIC_NAME_MAX - len(LONGEST_FIREWALL_RULE) - 1
    template = synthesize(edge=True, demo_page=demo_page, stack_name="a" * longest)

    acl = one_of(template, "AWS::WAFv2::WebACL")
    visible = [acl["VisibilityConfig"], *(rule["VisibilityConfig"] for rule in acl["Rules"])]
    assert max(len(each["MetricName"]) for each in visible) == METRIC_NAME_MAX
    with pytest.raises(ConfigError, match=r"with edge it must have at most 90 characters: it begins"):
        synthesize(edge=True, demo_page=demo_page, stack_name="a" * (longest + 1))


def test_without_an_edge_a_stack_may_have_all_that_cloudformation_takes(
    zips: Mapping[str, Path],
) -> None:
    given = config(stack_name="a" * 128, demo_page=True, websocket_access_logs=True)
    app = App()
    compose(app, config=given, zips=zips)

    app.synth()

    with pytest.raises(ConfigError, match="it must have at most 128 bytes, not 129"):
        config(stack_name="a" * 129)


@pytest.mark.parametrize("prefix", ["xn--", "sthree-", "amzn-s3-demo-", "Sthree-"])
def test_a_bucket_cannot_have_every_name(prefix: str) -> None:
    assert config(stack_name=f"{prefix}a").stack_name == f"{prefix}a"
    with pytest.raises(ConfigError, match="with demo_page it must not begin with xn--, sthree-, amzn-s3"):
        config(stack_name=f"{prefix}a", demo_page=True)


def test_an_origin_has_a_port_that_there_is() -> None:
    highest = ("https://a.example:65535",)

    assert config(allowed_origins=highest).allowed_origins == highest
    with pytest.raises(ConfigError, match=r"the port of https://a\.example:65536 must be at most 65535"):
        config(allowed_origins=("http://localhost", "https://a.example:65536"))


@pytest.mark.parametrize(
    ("setting", "at_the_limit", "limit"),
    [
        ("token_user_claims", "c" * 128, 128),
        ("llm_model", "m" * 128, 128),
        ("token_secret_name", "s" * 512, 512),
        ("allowed_origins", f"https://{'a' * 63}.{'b' * 16}.example.com", 100),
        ("alarm_email", f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 57}.com", 254),
        ("llm_system_prompt", "é" * 1000, 2000),
        ("token_jwks_url", f"https://{'a' * 1016}", 1024),
    ],
)
def test_a_text_may_be_so_long_and_a_refusal_says_how_long(
    setting: str, at_the_limit: str, limit: int
) -> None:
    rule: Any = Config.__dataclass_fields__[setting].metadata["rule"]

    assert len(at_the_limit.encode()) == limit
    assert rule.parse(at_the_limit) in (at_the_limit, (at_the_limit,))
    with pytest.raises(ConfigError, match=f"it must have at most {limit} bytes, not {limit + 1}"):
        config(**{setting: at_the_limit.replace("a", "aa", 1) if "a" in at_the_limit else f"{at_the_limit}x"})


@pytest.mark.parametrize("text", ["\0", "a\x1b[0m", "\x7f", "\ud800", "\ufffe", "\x80"])
@pytest.mark.parametrize("setting", ["llm_system_prompt", "token_issuer", "llm_model", "token_user_claims"])
def test_a_text_has_only_characters_that_a_template_can_hold(setting: str, text: str) -> None:
    with pytest.raises(ConfigError, match=rf"^framestream\.{setting} is .+ must not hold the character U\+"):
        config(**{setting: text})


def test_a_prompt_may_have_any_other(synthesize: Synthesize) -> None:
    prompt = 'Tabs\t, lines\r\n, "quotes", {{braces}}, ${Dollars}, é, 日本, 🦦'

    assert environment_of(synthesize(llm_system_prompt=prompt), "worker")["LLM_SYSTEM_PROMPT"] == prompt


@pytest.mark.parametrize(
    "text",
    ["{{resolve:secretsmanager:key}}", "a {{resolve:ssm:name:1}}", "${Token[AWS.Region.4]}", "#{Token[a.1]}"],
)
@pytest.mark.parametrize("setting", ["llm_system_prompt", "token_issuer", "token_audience"])
def test_nothing_is_put_in_place_of_what_was_set(setting: str, text: str) -> None:
    with pytest.raises(ConfigError, match="in whose place something else would be put"):
        config(**{setting: text})


@pytest.mark.parametrize(
    "address",
    ["ops@example.com", "o'hara+alarms@mail.Example.co.uk", "a.b-c_d@x.io", f"{'a' * 64}@example.com"],
)
def test_an_address_that_sns_can_mail_to_is_taken(address: str) -> None:
    assert config(alarm_email=address).alarm_email == address


@pytest.mark.parametrize(
    "address",
    [
        "ops",
        "ops@localhost",
        "@example.com",
        "ops@-example.com",
        "ops@example..com",
        ".ops@example.com",
        "o..ps@example.com",
        "ops@exa_mple.com",
        "öps@example.com",
        "Ops <ops@example.com>",
        "ops@example.com.",
        "ops@192.0.2.1",
        f"{'a' * 65}@example.com",
    ],
)
def test_another_address_is_refused(address: str) -> None:
    with pytest.raises(ConfigError, match="it must be one e-mail address, or empty"):
        config(alarm_email=address)


@pytest.mark.parametrize("name", ["http_certificate_arn", "websocket_certificate_arn"])
def test_a_certificate_must_be_where_the_gateways_are(name: str) -> None:
    given = config(**DOMAINS | {name: ARN.replace("eu-west-1", "eu-west-2")})

    check_region(config(**DOMAINS), "eu-west-1")
    with pytest.raises(ConfigError, match=rf"{name} is '.+', but without edge it must be in eu-west-1"):
        check_region(given, "eu-west-1")


def test_no_name_and_no_list_of_the_template_is_longer_than_aws_takes(synthesize: Synthesize) -> None:
    template = synthesize(
        stack_name="a" * 90, edge=True, demo_page=True, websocket_access_logs=True, alarm_email="a@b.com"
    )

    for api in all_of(template, "AWS::ApiGatewayV2::Api").values():
        assert len(api["Name"]) <= 128
    for name in (group.get("LogGroupName") for group in all_of(template, "AWS::Logs::LogGroup").values()):
        assert name is None or len(name["Fn::Join"][1][0]) + len(str(uuid4())) <= 512
    for alarm in all_of(template, "AWS::CloudWatch::Alarm").values():
        assert len(alarm["AlarmDescription"]) <= 1024
        assert len(alarm["AlarmActions"]) <= 5
    for function in all_of(template, "AWS::Lambda::Function").values():
        assert len(function["Description"]) <= 256
    for policy in all_of(template, "AWS::IAM::Policy").values():
        assert len(json.dumps(policy["PolicyDocument"])) < 10_240
    assert len(json.dumps(template.to_json())) < 1_000_000
