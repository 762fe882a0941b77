"""What an operator sees of all users, and what becomes of one user's data."""

from __future__ import annotations

import io
import itertools
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from mypy_boto3_dynamodb import DynamoDBClient

from functions.shared.attachments.model import Attachment
from functions.shared.attachments.store import AttachmentStore
from functions.shared.budgets.ledger import BudgetLedger
from functions.shared.budgets.model import Amount
from functions.shared.connections.store import ConnectionStore
from functions.shared.connections.ticket_store import TicketStore
from functions.shared.connections.tickets import Ticket
from functions.shared.dynamodb import chat_partition, limit_key, n, s
from functions.shared.generations.model import Generation, Outcome, Status, Usage
from functions.shared.generations.response_format import ResponseFormat
from functions.shared.generations.submission_transitions import SubmissionTransitions
from functions.shared.generations.text_store import TextStore
from functions.shared.transactions import Transactions
from tests.support import builders, chats_in_table
from tests.support.environment import TABLE_NAME
from tests.support.gateway import Gateway
from tests.support.ledger_in_table import LedgerInTable
from tools.__main__ import main
from tools.deployment import Deployment
from tools.users import command_data, data
from tools.users.holds import HoldErasure
from tools.users.walk import Walk

Capture = pytest.CaptureFixture[str]
NOW = datetime.now(UTC)
FORM = ResponseFormat('{"type":"json_object"}')
USER = "ada"
COUNTED = Usage(3, 4, 7)


class Users:
    """A table with users in it."""

    def __init__(self, client: DynamoDBClient) -> None:
        self.client = client
        self.transitions = chats_in_table.attempts(client)

    def asks(
        self,
        user_id: str,
        generation_id: str,
        prompt: str = "canary-prompt",
        ledger: BudgetLedger | None = None,
        **changes: Any,
    ) -> Generation:
        named = {"user_id": user_id, "chat_id": f"chat of {generation_id}"}
        proposed = builders.generation(generation_id, at=NOW, **named | changes)
        proposed = replace(proposed, has_format=True)
        return chats_in_table.accept(
            self.client, proposed, prompt, response_format=FORM, now=NOW, ledger=ledger
        )

    def answered(self, user_id: str, generation_id: str, text: str, usage: Usage | None = COUNTED) -> None:
        """Ask, answer in a second attempt, and tell the end."""
        generation = self.asks(user_id, generation_id)
        for attempt in (1, 2):
            claim = self.transitions.claim(
                generation_id, owner="w", message_id="m", lease_until=NOW, max_attempts=3, now=NOW
            )
            assert claim is not None
            generation = claim.generation
            TextStore(self.client, TABLE_NAME).save(generation, attempt, 0, f"{text} {attempt}, ")
            TextStore(self.client, TABLE_NAME).save(generation, attempt, 5 + len(text) - 1, "end")
            self.transitions.release(generation_id, attempt)
        assert claim is not None
        outcome = Outcome(status=Status.COMPLETED, length=len(text) + 7, finish_reason="stop", usage=usage)
        self.transitions.finish(generation, 2, outcome, now=NOW)
        self.transitions.note_announced(generation_id)

    def connects(self, user_id: str, connection_id: str) -> None:
        store = ConnectionStore(self.client, TABLE_NAME)
        assert store.claim(builders.connection(connection_id, at=NOW, user_id=user_id), 0, now=NOW)
        ticket = Ticket(
            user_id=user_id, origin="o", session_expires_at=0, expires_at=NOW + timedelta(minutes=1)
        )
        TicketStore(self.client, TABLE_NAME).put(f"secret of {user_id}", ticket)
        self.client.put_item(
            TableName=TABLE_NAME, Item=limit_key(user_id, "PROMPTS") | {"expires_at": n(9_999_999_999)}
        )

    def items(self) -> list[dict[str, Any]]:
        items: Any = self.client.scan(TableName=TABLE_NAME)["Items"]
        return list(items)


@pytest.fixture
def users(dynamodb: DynamoDBClient, sockets: Gateway, monkeypatch: pytest.MonkeyPatch) -> Users:
    deployed = Deployment(
        name="The stack framestream",
        outputs={"TableName": TABLE_NAME, "ManagementEndpoint": sockets.url},
        session=boto3.Session(),
    )
    monkeypatch.setattr(Deployment, "of_stack", lambda _name, _session: deployed)
    monkeypatch.setattr(data, "PAUSE", 0)
    return Users(dynamodb)


@pytest.fixture
def run() -> Callable[..., int]:
    return lambda *words: main([*words, "--stack", "framestream"])


def test_a_day_that_is_none_is_named(users: Users, run: Callable[..., int], capsys: Capture) -> None:
    with pytest.raises(SystemExit):
        run("usage", "--since", "yesterday")

    assert "'yesterday' is no day" in capsys.readouterr().err


def test_all_of_a_users_data_is_written_to_a_file_of_ones_own(
    users: Users, run: Callable[..., int], tmp_path: Path
) -> None:
    users.answered("ada", "a1", "Otters")
    users.connects("ada", "c1")
    users.answered("bob", "b1", "canary-other")
    file = tmp_path / "ada.jsonl"

    assert run("export", USER, "--output", str(file)) == 0

    assert file.stat().st_mode & 0o777 == 0o600
    assert "canary-other" not in file.read_text()
    documents = [json.loads(line) for line in file.read_text().splitlines()]
    kinds = sorted(document["pk"].partition("#")[0] for document in documents)
    assert kinds == ["CHAT", "CHAT", "CHATS", "CONNECTION", "GENERATION", "LIMIT", "TICKET", "USER"]
    [question] = [document for document in documents if document.get("role") == "user"]
    assert (question["text"], question["sk"]) == ("canary-prompt", "MESSAGE#0000000001")
    [generation] = [document for document in documents if "prompts" in document]
    assert generation["answer"] == "Otters 2, end"
    assert generation["answers_of_earlier_attempts"] == ["Otters 1, end"]
    assert (generation["total_tokens"], generation["chat_id"]) == (7, "chat of a1")
    assert generation["response_format"] == {"type": "json_object"}


class FakeS3:
    """One bucket, as boto3 shows it."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803  boto3's names
        if Key not in self.objects:
            raise ClientError({"Error": {"Code": "NoSuchKey", "Message": ""}}, "GetObject")
        return {"Body": io.BytesIO(self.objects[Key])}

    def delete_object(self, *, Bucket: str, Key: str) -> None:  # noqa: N803  boto3's names
        self.objects.pop(Key, None)


def test_attachments_are_exported_and_erased_with_their_content(
    users: Users, tmp_path: Path, run: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    s3 = FakeS3()
    deployed = Deployment.of_stack("framestream", boto3.Session())
    deployed = replace(deployed, outputs={**deployed.outputs, "AttachmentsBucket": "a-bucket"})
    monkeypatch.setattr(Deployment, "of_stack", lambda _name, _session: deployed)
    client = Deployment.client
    monkeypatch.setattr(Deployment, "client", lambda self, name: s3 if name == "s3" else client(self, name))
    store = AttachmentStore(users.client, TABLE_NAME)
    for user_id, name in (("ada", "a" * 32), ("ada", "b" * 32), ("bob", "c" * 32)):
        store.put(attachment(user_id, name))
        s3.objects[f"attachments/{name}"] = b"otter"
    del s3.objects["attachments/" + "b" * 32]  # It was never uploaded.
    file = tmp_path / "ada.jsonl"

    assert run("export", USER, "--output", str(file)) == 0
    documents = [json.loads(line) for line in file.read_text().splitlines()]
    assert [each.get("content_base64") for each in documents] == ["b3R0ZXI=", None]
    assert {each["name"] for each in documents} == {"otter.png"}

    assert run("erase", USER, "--yes") == 0
    assert s3.objects.keys() == {"attachments/" + "c" * 32}
    assert [item["user_id"] for item in users.items()] == [s("bob")]


def attachment(user_id: str, attachment_id: str) -> Attachment:
    return Attachment(
        attachment_id=attachment_id,
        user_id=user_id,
        chat_id="chat_1",
        name="otter.png",
        media_type="image/png",
        size=5,
        created_at=NOW,
        expires_at=NOW + timedelta(days=7),
    )


def test_a_file_that_is_there_is_not_overwritten(
    users: Users, run: Callable[..., int], tmp_path: Path, capsys: Capture
) -> None:
    users.asks("ada", "a1")
    (tmp_path / "there").write_text("mine")

    assert run("export", USER, "--output", str(tmp_path / "there")) == 1

    assert "name another --output" in capsys.readouterr().err
    assert (tmp_path / "there").read_text() == "mine"


@pytest.mark.parametrize("command", [("export", "--output"), ("erase", "--yes")])
def test_a_user_of_whom_nothing_is_stored_is_named(
    users: Users, run: Callable[..., int], tmp_path: Path, capsys: Capture, command: tuple[str, str]
) -> None:
    users.asks("ada", "a1")
    name, option = command
    words = [option, str(tmp_path / "new")] if name == "export" else [option]

    assert run(name, "Ada", *words) == 1

    assert "Nothing is stored of user 'Ada'" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


def test_erasing_leaves_nothing_of_the_user_and_everything_of_others(
    users: Users, run: Callable[..., int], sockets: Gateway, capsys: Capture
) -> None:
    users.answered("bob", "b1", "text")
    users.connects("bob", "c2")
    others = users.items()
    users.answered("ada", "a1", "text")
    users.answered("ada", "a2", "text")
    users.connects("ada", "c1")

    assert run("erase", USER, "--yes") == 0

    assert sockets.closed == ["c1"]
    assert sorted(users.items(), key=str) == sorted(others, key=str)
    out = capsys.readouterr().out
    assert "1 connections closed" in out
    assert "35 days" in out


def test_what_waits_is_erased_too_and_what_a_deletion_left(users: Users, run: Callable[..., int]) -> None:
    users.answered("ada", "a1", "text")
    users.asks("ada", "a2", chat_id="one")
    claim = users.transitions.claim("a2", owner="w", message_id="m", lease_until=NOW, max_attempts=3, now=NOW)
    assert claim is not None
    users.asks("ada", "a3", chat_id="one", prompt="canary-waiting")
    users.transitions.finish(claim.generation, 1, Outcome(status=Status.CANCELLED, length=0), now=NOW)
    users.transitions.note_announced("a2")
    leftover = {"pk": chat_partition("ada", "expired"), "sk": s("DELETION#0000000007")}
    users.client.put_item(TableName=TABLE_NAME, Item=leftover | {"recent": {"SS": ["a1"]}})
    assert "canary-waiting" in str(users.items())

    assert run("erase", USER, "--yes") == 0

    assert users.items() == []


def test_what_is_held_for_what_waits_is_given_back_to_the_deployments_budget(
    users: Users, run: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    budgets = LedgerInTable(users.client)
    users.answered("ada", "a1", "text")
    users.asks("ada", "a2", chat_id="one", model="gpt-5-mini")
    users.asks("ada", "a3", chat_id="one", model="gpt-5-mini", ledger=budgets.ledger)
    users.transitions.note_announced("a2")
    assert budgets.holds("ada") == ["a3"]
    monkeypatch.setattr(
        command_data,
        "hold_erasure",
        lambda _deployment: HoldErasure(Transactions(users.client, TABLE_NAME), 32),
    )

    assert run("erase", USER, "--yes") == 0

    assert [count.committed for count in budgets.of_deployment()] == [Amount()] * 3
    assert budgets.holds("ada") == []


def test_users_whose_ids_begin_alike_are_told_apart(users: Users, run: Callable[..., int]) -> None:
    users.answered("adam", "b1", "text")
    users.answered("ada#m", "b2", "text")
    others = users.items()
    users.answered("ada", "a1", "text")

    assert run("erase", USER, "--yes") == 0

    assert sorted(users.items(), key=str) == sorted(others, key=str)


def test_erasing_asks_first(
    users: Users, run: Callable[..., int], sockets: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    users.answered("ada", "a1", "text")
    users.connects("ada", "c1")
    before = users.items()
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))

    assert run("erase", USER) == 1

    assert (users.items(), sockets.closed) == (before, [])


def test_an_answer_under_way_is_stopped_and_waited_for(users: Users) -> None:
    users.asks("ada", "a1")
    users.asks("ada", "waiting")
    claim = users.transitions.claim(
        "a1", owner="w", message_id="m", lease_until=NOW + timedelta(minutes=1), max_attempts=3, now=NOW
    )
    assert claim is not None
    stopped = Outcome(status=Status.CANCELLED, length=0)

    def workers_look(_seconds: float) -> None:
        assert users.transitions.look("a1", 1), "it was not asked to stop"
        users.transitions.finish(claim.generation, 1, stopped, now=NOW)
        users.transitions.note_announced("a1")
        users.transitions.note_announced("waiting")

    left = data.UserData(
        user_id=USER,
        walk=Walk(users.client, TABLE_NAME),
        transitions=SubmissionTransitions(users.client, TABLE_NAME),
        sleep=workers_look,
        holds=lambda: HoldErasure(Transactions(users.client, TABLE_NAME), 32),
    ).stop_answers()

    assert left == []


def test_nothing_is_erased_while_an_answer_does_not_stop(
    users: Users, run: Callable[..., int], monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    users.asks("ada", "a1")
    users.answered("ada", "a2", "text")
    before = len(users.items())
    monkeypatch.setattr(data, "PATIENCE", timedelta())

    assert run("erase", USER, "--yes") == 1

    assert "these answers have not stopped (a1)" in capsys.readouterr().err
    assert len(users.items()) == before


def test_erasing_goes_on_where_it_was_cut_short(
    users: Users, run: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    users.answered("ada", "a1", "text")
    users.answered("ada", "a2", "text")
    monkeypatch.setattr(Deployment, "dynamodb", lambda _deployment: users.client)
    deletions = itertools.count(1)
    delete = users.client.delete_item

    def dies(**request: Any) -> Any:
        if next(deletions) == 4:
            raise KeyboardInterrupt
        return delete(**request)

    with monkeypatch.context() as patch:
        patch.setattr(users.client, "delete_item", dies)
        assert run("erase", USER, "--yes") == 130
    assert users.items() != []

    assert run("erase", USER, "--yes") == 0
    assert users.items() == []
