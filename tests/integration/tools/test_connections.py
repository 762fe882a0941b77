"""An operator looks at a user's connections, and closes them all."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime

import boto3
import pytest
from mypy_boto3_dynamodb import DynamoDBClient

from functions.shared.connections.store import ConnectionStore
from tests.support.builders import USER, connection
from tests.support.environment import TABLE_NAME
from tests.support.gateway import Gateway
from tools.connections.command import main
from tools.deployment import Deployment

Capture = pytest.CaptureFixture[str]
NOW = datetime.now(UTC)
STACK = ["--stack", "framestream"]


@pytest.fixture
def registry(dynamodb: DynamoDBClient, sockets: Gateway, monkeypatch: pytest.MonkeyPatch) -> ConnectionStore:
    deployed = Deployment(
        name="The stack framestream",
        outputs={"TableName": TABLE_NAME, "ManagementEndpoint": sockets.url},
        session=boto3.Session(),
    )
    monkeypatch.setattr(Deployment, "of_stack", lambda _name, _session: deployed)
    registry = ConnectionStore(dynamodb, TABLE_NAME)
    for slot, name in enumerate(["c1", "c2"]):
        assert registry.claim(connection(name, at=NOW), slot, now=NOW)
    assert registry.claim(connection("theirs", at=NOW, user_id="other"), 0, now=NOW)
    return registry


def test_a_users_sockets_are_listed(registry: ConnectionStore, capsys: Capture) -> None:
    assert main(["list", USER, *STACK]) == 0

    said = capsys.readouterr().out
    assert ("c1" in said, "c2" in said, "theirs" in said) == (True, True, False)
    assert said.endswith("2 open.\n")


def test_all_of_a_users_sockets_are_closed_and_nobody_elses(
    registry: ConnectionStore, sockets: Gateway, capsys: Capture
) -> None:
    assert main(["close", USER, "--yes", *STACK]) == 0

    assert sorted(sockets.closed) == ["c1", "c2"]
    assert [name for name, _ in sockets.posts] == sockets.closed
    assert registry.of_user(USER, now=NOW) == []
    assert len(registry.of_user("other", now=NOW)) == 1
    assert capsys.readouterr().out.endswith("2 closed.\n")


def test_what_could_not_be_closed_is_said_and_stays(
    registry: ConnectionStore, sockets: Gateway, capsys: Capture
) -> None:
    sockets.broken = True

    assert main(["close", USER, "--yes", *STACK]) == 1

    assert "DeleteConnection" in capsys.readouterr().err
    assert len(registry.of_user(USER, now=NOW)) == 2


@pytest.mark.parametrize("where", [[], [*STACK, "--local"]])
def test_one_deployment_is_meant(where: list[str], capsys: Capture) -> None:
    assert main(["close", USER, *where]) == 1

    assert "Say which deployment is meant" in capsys.readouterr().err


def test_closing_asks_first(
    registry: ConnectionStore, sockets: Gateway, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("no\n"))

    assert main(["close", USER, *STACK]) == 1

    assert sockets.closed == []
    assert capsys.readouterr().err.endswith("Nothing was done.\n")


def test_programs_read_json(registry: ConnectionStore, capsys: Capture) -> None:
    assert main(["list", USER, "--json", *STACK]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert main(["close", USER, "--yes", "--json", *STACK]) == 0
    closed = json.loads(capsys.readouterr().out)

    assert sorted(connection["connection_id"] for connection in listed) == ["c1", "c2"]
    assert sorted(closed["closed"]) == ["c1", "c2"]
