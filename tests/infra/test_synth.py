"""What synth lets through, and what it says when it does not."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Annotations, Match

from infra.app import compose
from infra.bundling.build import ROOT
from infra.config.fields import Config
from tests.infra.templates import DOMAINS, LOCAL, Synthesize

EDGE: dict[str, Any] = {"edge": True}
NEW_WORD: dict[str, Any] = {**EDGE, **DOMAINS, "edge_secret_version": "0" * 32}
WAYS_IN: list[dict[str, Any]] = [EDGE, DOMAINS, NEW_WORD]
BEHIND_A_PAGE: list[dict[str, Any]] = [{}, EDGE, DOMAINS, {**EDGE, **DOMAINS}]
WITH_A_PAGE: list[dict[str, Any]] = [{"demo_page": True, **way} for way in BEHIND_A_PAGE]


@pytest.mark.fault(94)
@pytest.mark.parametrize(
    "settings",
    [
        {},
        LOCAL,
        {"websocket_access_logs": True},
        {"http_access_logs": False, "table_name": "kept"},
        {"token_secret_name": "tokens", "llm_key_secret_name": "key"},
        {"llm_headers": {"api-key": {"secret": "azure"}}, "llm_query": {"api-version": "2024-10-21"}},
        {"alarm_email": "ops@example.com", "removal": "destroy"},
        *WAYS_IN,
        *WITH_A_PAGE,
    ],
)
def test_no_finding_is_left_unacknowledged(settings: dict[str, Any], synthesize: Synthesize) -> None:
    assert synthesize(**settings).to_json()["Resources"]


@pytest.mark.fault(94)
def test_a_finding_would_fail_synth(zips: Mapping[str, Path]) -> None:
    app = App()
    stack = compose(app, config=Config(), zips=zips)
    sns.Topic(stack, "Careless")

    with pytest.raises(RuntimeError, match="AwsSolutions-SNS3"):
        app.synth()


@pytest.mark.fault(94)
def test_what_is_acknowledged_is_this_and_each_says_why(zips: Mapping[str, Path]) -> None:
    stack = compose(App(), config=Config(), zips=zips)

    acknowledged = [
        (construct.node.path.removeprefix("framestream/"), rule, reason)
        for construct in stack.node.find_all()
        for entry in construct.node.metadata
        if entry.type == "aws:cdk:acknowledged-rules"
        for rule, reason in entry.data.items()
    ]

    assert {
        (path, re.sub(r"AwsSolutions::AwsSolutions-|\[.*\]", "", rule)) for path, rule, _ in acknowledged
    } == {
        ("TokenSecret/Secret", "SMG4"),
        ("LlmKey/Secret", "SMG4"),
        ("WebSocket/Api/$connect-Route", "APIG4"),
        ("WebSocket/Api/$disconnect-Route", "APIG4"),
        ("WebSocket/Api/$default-Route", "APIG4"),
        ("WebSocket/Stage", "APIG1"),
        ("Http/Api/ANY--api--chat--{proxy+}", "APIG4"),
        ("Http/Api/ANY--health", "APIG4"),
        ("Functions/Connect/Role", "IAM5"),
        ("Functions/Generate/Role", "IAM5"),
        ("Functions/Message/Role", "IAM5"),
        ("Functions/Worker/Role", "IAM5"),
    }
    assert all(len(reason) > 60 for _, _, reason in acknowledged)


ACCOUNTS_HAVE = {"worker_max_concurrency": 980, "connect_reserved_concurrency": 900, "worker_memory_mb": 3008}


def test_what_some_accounts_do_not_have_is_warned_about(zips: Mapping[str, Path]) -> None:
    one_more = {name: value + 1 for name, value in ACCOUNTS_HAVE.items()}

    assert warnings(zips, alarm_email="ops@example.com", **ACCOUNTS_HAVE) == []
    warned = " ".join(sorted(warnings(zips, alarm_email="ops@example.com", **one_more)))
    for name, value in one_more.items():
        assert warned.count(f"{name} is {value}: ") == 1


def test_alarms_that_tell_nobody_are_warned_about(zips: Mapping[str, Path]) -> None:
    (warning,) = warnings(zips)
    assert "alarm_email" in warning
    assert not warnings(zips, alarm_topic_arn="arn:aws:sns:us-east-1:123456789012:pager")


def warnings(zips: Mapping[str, Path], **settings: Any) -> list[str]:
    """What synth warns of."""
    stack = compose(App(), config=Config(**settings), zips=zips)
    found = Annotations.from_stack(stack).find_warning("*", Match.any_value())
    return [str(warning.entry.data) for warning in found]


ALL_ACCOUNTS: dict[str, Any] = {
    "websocket_access_logs": True,
    "alarm_email": "ops@example.com",
    "monthly_budget_usd": 100,
    "cost_anomaly_usd": 10,
}


@pytest.mark.slow
def test_cfn_lint_finds_nothing(synthesize: Synthesize, tmp_path: Path) -> None:
    """All templates in one run, whose start takes longest; each way in is there with a page."""
    templates = []
    for number, settings in enumerate([ALL_ACCOUNTS, NEW_WORD, *WITH_A_PAGE]):
        template = tmp_path / f"{number}.template.json"
        template.write_text(json.dumps(synthesize(**settings).to_json()))
        templates.append(str(template))

    linter = str(Path(sys.executable).with_name("cfn-lint"))
    done = subprocess.run([linter, *templates], capture_output=True, text=True, check=False, cwd=ROOT)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.slow
def test_a_bad_setting_fails_with_one_sentence(tmp_path: Path) -> None:
    context = json.dumps({"framestream.connections_per_user": "99"})

    done = subprocess.run(
        [sys.executable, "-m", "infra.app"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "CDK_CONTEXT_JSON": context, "CDK_OUTDIR": str(tmp_path)},
    )

    assert done.returncode == 1
    assert done.stderr == (
        "framestream: framestream.connections_per_user is '99', but it must be a whole number from 1 to 10\n"
    )
