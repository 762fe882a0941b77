"""The command `smoke`: whose token it takes, what it prints, and how it ends."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.support.fake_deployment import PAGE, TOKEN, FakeDeployment, fake_deployment
from tests.support.fake_watching import watched
from tools.deployment import Deployment
from tools.marked import ROOT
from tools.smoke.command import main
from tools.smoke.table import CHECKS

Capture = pytest.CaptureFixture[str]
STACK = ["--stack", "framestream", "--patience", "0"]
QUICK = ["--only", "health", "--only", "ticket"]


@contextmanager
def serving(*faults: str) -> Iterator[FakeDeployment]:
    """Serve in a thread of its own: the command has a loop of its own."""
    ready, over, servers = threading.Event(), asyncio.Event(), list[FakeDeployment]()

    async def serve() -> None:
        async with fake_deployment(*faults) as fake:
            servers.append(fake)
            ready.set()
            await over.wait()

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_until_complete, args=[serve()])
    thread.start()
    ready.wait(5)
    try:
        yield servers[0]
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()
        loop.close()


@pytest.fixture(autouse=True)
def no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FRAMESTREAM_TOKEN", "FRAMESTREAM_TOKEN_COMMAND"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def fake(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeDeployment]:
    with serving(*getattr(request, "param", [])) as fake:
        deployed = watched(fake)
        monkeypatch.setattr(Deployment, "of_stack", lambda _name, _session: deployed)
        yield fake


def test_each_finding_is_a_line_with_its_outcome_and_its_sentence(
    fake: FakeDeployment, capsys: Capture
) -> None:
    assert main([*STACK, *QUICK, "--token", TOKEN]) == 0

    health, ticket, _, summary = capsys.readouterr().out.splitlines()
    assert health.split()[:2] == ["ok", "health"]
    assert fake.http_url in health
    assert "A ticket for ada was issued" in ticket
    assert summary == "2 ok."


@pytest.mark.parametrize("fake", [["health fails"]], indirect=True)
def test_a_failed_check_makes_the_status_1(fake: FakeDeployment, capsys: Capture) -> None:
    assert main([*STACK, *QUICK, "--token", TOKEN]) == 1

    assert capsys.readouterr().out.endswith("1 ok, 1 failed.\n")


@pytest.mark.parametrize("fake", [["health fails"]], indirect=True)
def test_a_failed_check_that_is_left_out_does_not(fake: FakeDeployment, capsys: Capture) -> None:
    assert main([*STACK, *QUICK, "--token", TOKEN, "--without", "health"]) == 0

    assert capsys.readouterr().out.endswith("1 ok, 1 left out.\n")


def test_programs_get_json(fake: FakeDeployment, capsys: Capture) -> None:
    assert main([*STACK, "--only", "custom-domain", "--only", "health", "--token", TOKEN, "--json"]) == 0

    told = json.loads(capsys.readouterr().out)
    assert told["passed"] is True
    assert [(each["check"], each["outcome"]) for each in told["findings"]] == [
        ("health", "ok"),
        ("custom-domain", "not applicable here"),
    ]


def test_a_program_may_print_the_token(fake: FakeDeployment) -> None:
    assert main([*STACK, *QUICK, "--token-command", f"echo {TOKEN}"]) == 0


def test_the_token_may_stand_in_the_environment(
    fake: FakeDeployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FRAMESTREAM_TOKEN", TOKEN)

    assert main([*STACK, *QUICK]) == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "Give --token-command or --token"),
        (["--token", "e30.e30.x"], "give --user"),
        (["--token-command", "false"], "printed no token"),
        (["--token", TOKEN, "--only", "helth"], "There is no check 'helth'; there are: health"),
        (["--token", TOKEN, "--without", "x"], "There is no check 'x'"),
        (["--token", TOKEN, "--patience", "-1"], "--patience"),
    ],
)
def test_what_is_missing_is_said_before_anything_is_asked(
    fake: FakeDeployment, arguments: list[str], says: str, capsys: Capture
) -> None:
    assert main([*STACK, *arguments]) == 1

    assert says in capsys.readouterr().err
    assert fake.log == []


def test_a_page_must_be_named_where_all_allowed_ones_are_wildcards(
    fake: FakeDeployment, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    wild = watched(fake, environment={"ALLOWED_ORIGINS": "https://*.app.example"})
    monkeypatch.setattr(Deployment, "of_stack", lambda _name, _session: wild)

    assert main([*STACK, *QUICK, "--token", TOKEN]) == 1
    assert "name one with --origin" in capsys.readouterr().err
    assert main([*STACK, *QUICK, "--token", TOKEN, "--origin", PAGE]) == 0


@pytest.mark.parametrize("option", ["--token", "--user", "--origin"])
def test_the_local_system_has_a_user_of_its_own(option: str, capsys: Capture) -> None:
    assert main(["--local", option, "x"]) == 1

    assert "belong to --stack" in capsys.readouterr().err


def test_the_document_explains_every_check_in_its_order() -> None:
    document = (ROOT / "docs" / "first-deploy.md").read_text()

    assert re.findall(r"^\| `([a-z0-9-]+)` \|", document, re.MULTILINE) == list(CHECKS)


def test_one_deployment_must_be_named(capsys: Capture) -> None:
    assert main(["--token", TOKEN]) == 1

    assert "--stack NAME, or --local" in capsys.readouterr().err
