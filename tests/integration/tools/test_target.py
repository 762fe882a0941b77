"""How an operator says which system is meant."""

from __future__ import annotations

import json
from pathlib import Path

import boto3
import pytest
from botocore.stub import Stubber

from functions.shared.errors import SettingsError
from local.endpoints import Endpoints
from local.state_dir import StateDir
from tests.integration.tools.conftest import Site
from tools.dead_letters.command import main
from tools.dead_letters.target import Target
from tools.deployment import Deployment, session_of

Capture = pytest.CaptureFixture[str]
OUTPUTS = {"QueueUrl": "https://sqs/q", "DeadLetterQueueUrl": "https://sqs/d", "TableName": "t"}
LOCAL = "http://127.0.0.1:4566"


@pytest.fixture
def stack(aws: None, monkeypatch: pytest.MonkeyPatch) -> Stubber:
    """CloudFormation, about to be asked once."""
    client = boto3.client("cloudformation")
    monkeypatch.setattr(boto3.Session, "client", lambda _session, _name: client)
    stubber = Stubber(client)
    stubber.activate()
    return stubber


def described(outputs: dict[str, str]) -> dict[str, object]:
    stack = {
        "StackName": "framestream",
        "CreationTime": "2026-11-22T12:00:00Z",
        "StackStatus": "CREATE_COMPLETE",
        "Outputs": [{"OutputKey": key, "OutputValue": value} for key, value in outputs.items()],
    }
    return {"Stacks": [stack]}


def test_a_stack_says_where_everything_is(stack: Stubber) -> None:
    stack.add_response("describe_stacks", described(OUTPUTS), {"StackName": "framestream"})

    target = Target.of(Deployment.of_stack("framestream", boto3.Session()))

    assert (target.queue_url, target.dead_letter_queue_url, target.table) == tuple(OUTPUTS.values())


def test_another_stack_is_recognised(stack: Stubber) -> None:
    stack.add_response("describe_stacks", described({}), {"StackName": "website"})

    with pytest.raises(SettingsError, match="website has no output 'QueueUrl': is it"):
        Target.of(Deployment.of_stack("website", boto3.Session()))


def test_a_stack_that_is_not_there_is_named(stack: Stubber, capsys: Capture) -> None:
    stack.add_client_error("describe_stacks", "ValidationError", "Stack with id nothing does not exist")

    assert main(["list", "--stack", "nothing"]) == 1

    assert "There is no stack 'nothing' in us-east-1: give its name with --stack" in capsys.readouterr().err


def test_the_local_system_is_found_and_nothing_else_is_spoken_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "of-a-real-account")
    home = StateDir(tmp_path)
    with home.held():
        Endpoints(
            websocket_url="",
            http_url="",
            jwt_secret="",
            origin="",
            llm_base_url="",
            table_name="t",
            queue_url=f"{LOCAL}/q",
            dead_letter_queue_url=f"{LOCAL}/d",
            aws_endpoint_url=LOCAL,
            region="us-east-1",
            page_url="",
        ).write(home)

        home.outputs.write_text(json.dumps({"framestream": OUTPUTS}))
        target = Target.of(Deployment.of_local(tmp_path))

    credentials = target.session.get_credentials()
    assert credentials is not None
    assert (credentials.access_key, target.endpoint_url) == ("test", LOCAL)
    assert (target.queue_url, target.dead_letter_queue_url, target.table) == tuple(OUTPUTS.values())


def test_the_region_is_read_as_every_other_sdk_reads_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)

    assert session_of({"AWS_REGION": "eu-central-1"}).region_name == "eu-central-1"


def test_a_local_system_that_is_not_up_is_named(tmp_path: Path, capsys: Capture) -> None:
    assert main(["list", "--local", str(tmp_path)]) == 1

    assert f"Nothing is up in {tmp_path}" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--stack", "framestream", "--local"],
        ["--table", "framestream"],
        ["--queue-url", "https://sqs/q", "--dead-letter-queue-url", "https://sqs/d"],
        ["--stack", "framestream", "--table", "framestream"],
    ],
)
def test_one_system_is_meant(words: list[str], capsys: Capture) -> None:
    assert main(["list", *words]) == 1

    assert "Say which deployment is meant" in capsys.readouterr().err


@pytest.mark.parametrize("words", [[], ["g1", "--all"]])
def test_either_some_or_all_are_meant(site: Site, words: list[str], capsys: Capture) -> None:
    with pytest.raises(SystemExit):
        main(["redrive", *words])

    assert "--all" in capsys.readouterr().err
