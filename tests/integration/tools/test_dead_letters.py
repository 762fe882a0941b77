"""What an operator can do with dead letters, and what never happens to one."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import EndpointConnectionError

from functions.shared.deletion_message import Deletion, DeletionReminder, message_of
from functions.shared.generations.failures import Failure
from functions.shared.generations.model import Generation, Outcome, Status
from functions.shared.generations.reader import GenerationReader
from functions.shared.queue import Queue
from tests.integration.tools.conftest import PROMPT, Site
from tests.support import environment
from tests.support.builders import USER

Run = Callable[..., int]
Capture = pytest.CaptureFixture[str]
PAST = datetime(2026, 1, 1, tzinfo=UTC)
POISON = [
    *("not json", "[" * 50_000, "[]", '{"version": 9}'),
    '{"version": 1, "generation_id": "\\u001b[2J"}',
    *('{"version": 1, "deletion": {}}', '{"version": 1, "deletion": 1}'),
]


def soon() -> datetime:
    return datetime.now(UTC) + timedelta(minutes=1)


def test_without_dead_letters_the_list_says_so(run: Run, capsys: Capture) -> None:
    assert run("list") == 0

    assert capsys.readouterr().out == "0 dead letters.\n"


def test_the_list_says_whose_letters_they_are_and_never_what_was_asked(
    site: Site, run: Run, capsys: Capture
) -> None:
    site.accept()
    site.claim(lease_until=PAST)
    message_id = site.bury()

    assert run("list") == 0

    out = capsys.readouterr().out
    assert re.search(rf"{message_id} +g1 +0m \ds +1 +processing +1 +{USER}\n1 dead letter.\n$", out)
    assert PROMPT not in out


def test_everything_is_listed_once_over_many_pages_and_put_back(
    site: Site, run: Run, capsys: Capture
) -> None:
    site.accept()
    buried = {site.bury() for _ in range(35)}

    assert run("list") == 0

    lines = capsys.readouterr().out.splitlines()[1:-1]
    assert sorted(line.split()[0] for line in lines) == sorted(buried)
    assert site.dead == 35


def test_a_letter_is_shown_without_its_text(site: Site, run: Run, capsys: Capture) -> None:
    generation = site.accept()
    site.claim(lease_until=PAST)
    site.texts.save(generation, 1, 0, "canary-text")
    message_id = site.bury()

    assert run("show", message_id) == 0

    out = capsys.readouterr().out
    assert "status         processing, attempt 1" in out
    assert "redrive        a worker makes the next attempt" in out
    assert "canary" not in out
    assert site.dead == 1


@pytest.mark.parametrize("command", ["show", "redrive", "discard"])
def test_a_letter_that_is_not_there_is_named(site: Site, run: Run, capsys: Capture, command: str) -> None:
    site.accept()
    site.bury()

    assert run(command, "g2") == 1

    assert "Not among the dead letters: g2." in capsys.readouterr().err
    assert site.dead == 1


def test_a_redriven_letter_is_with_the_workers_and_no_longer_dead(site: Site, run: Run) -> None:
    site.accept("g1")
    site.accept("g2")
    site.bury("g1")
    site.bury("g2")

    assert run("redrive", "g1") == 0

    assert [json.loads(body) for body in site.queued()] == [{"version": 2, "generation_id": "g1"}]
    assert site.dead == 1


def test_all_are_redriven_but_what_no_worker_could_use(site: Site, run: Run, capsys: Capture) -> None:
    site.accept()
    for _ in range(12):
        site.bury()
    for body in [*POISON, '{"version": 1, "generation_id": "unknown"}']:
        site.bury_body(body)

    assert run("redrive", "--all") == 1

    out = capsys.readouterr().out
    assert site.count(site.queue_url) == 12
    assert site.dead == len(POISON) + 1
    assert out.count("stays: it is no message of framestream") == len(POISON)
    assert out.count("stays: its generation is not recorded, or no longer") == 1
    assert out.endswith(f"12 redriven, {len(POISON) + 1} left.\n")
    assert "\x1b" not in out


def test_a_generation_whose_record_has_expired_cannot_be_redriven(site: Site, run: Run) -> None:
    site.accept(expires_at=PAST)
    site.bury()

    assert run("redrive", "g1") == 1

    assert (site.dead, site.queued()) == (1, [])


@pytest.mark.parametrize("command", ["redrive", "discard"])
def test_what_a_worker_has_is_left_to_it(site: Site, run: Run, capsys: Capture, command: str) -> None:
    site.accept()
    site.claim(lease_until=soon())
    site.bury()

    assert run(command, "g1") == 1

    assert "stays: a worker has its generation until" in capsys.readouterr().out
    assert (site.dead, site.queued()) == (1, [])
    assert site.state().status is Status.PROCESSING


@pytest.mark.parametrize("command", ["redrive", "discard"])
def test_an_end_that_its_worker_may_be_about_to_tell_is_left_to_it(
    site: Site, run: Run, command: str
) -> None:
    site.accept()
    claim = site.claim(lease_until=soon())
    cancelled = Outcome(status=Status.CANCELLED, length=0)
    site.transitions.finish(claim.generation, 1, cancelled, now=datetime.now(UTC))
    site.bury()

    assert run(command, "g1") == 1

    assert site.dead == 1


def test_a_letter_whose_generation_is_taken_meanwhile_is_not_discarded(
    site: Site, run: Run, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    def finds_what_was(self: GenerationReader, generation_id: str, *, now: datetime) -> Generation | None:
        found = find(self, generation_id, now=now)
        site.claim(lease_until=soon())
        return found

    site.accept()
    site.bury()
    find = GenerationReader.find
    with monkeypatch.context() as patch:
        patch.setattr(GenerationReader, "find", finds_what_was)
        assert run("discard", "g1") == 1

    assert "stays: a worker was faster" in capsys.readouterr().out
    assert (site.dead, site.state().status) == (1, Status.PROCESSING)


def test_a_letter_that_could_not_be_sent_is_not_lost(
    site: Site, run: Run, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    def unreachable(_queue: Queue, _generation_id: str) -> None:
        raise EndpointConnectionError(endpoint_url="https://sqs")

    site.accept()
    site.bury()
    monkeypatch.setattr(Queue, "send", unreachable)

    assert run("redrive", "g1") == 1

    assert "Could not connect to the endpoint" in capsys.readouterr().err
    assert site.dead == 1


def test_discarding_fails_a_generation_that_nobody_has_begun(site: Site, run: Run) -> None:
    site.accept()
    site.bury()

    assert run("discard", "g1") == 0

    assert site.dead == 0
    assert site.state().outcome == Outcome(status=Status.FAILED, length=0, failure=Failure.WORKER_LOST)


def test_discarding_keeps_the_text_of_the_attempt_that_was_lost(site: Site, run: Run) -> None:
    generation = site.accept()
    site.claim(lease_until=PAST)
    site.texts.save(generation, 1, 0, "what there is")
    site.bury()

    assert run("discard", "g1") == 0

    state = site.state()
    assert state.outcome == Outcome(status=Status.FAILED, length=13, failure=Failure.WORKER_LOST)
    assert state.attempt == 1


def test_discarding_leaves_an_end_as_it_is(site: Site, run: Run) -> None:
    site.accept()
    claim = site.claim(lease_until=PAST)
    outcome = Outcome(status=Status.COMPLETED, length=3, finish_reason="stop")
    site.transitions.finish(claim.generation, 1, outcome, now=datetime.now(UTC))
    site.bury()

    assert run("discard", "g1") == 0

    assert (site.dead, site.state().outcome) == (0, outcome)


def test_discarding_is_how_poison_goes(site: Site, run: Run) -> None:
    message_ids = [site.bury_body(body) for body in POISON]

    assert run("discard", *message_ids) == 0

    assert site.dead == 0


@pytest.mark.parametrize(("answer", "left"), [("yes\n", 0), ("y\n", 1), ("\n", 1), ("", 1)])
def test_discarding_all_asks_first(
    site: Site, run: Run, monkeypatch: pytest.MonkeyPatch, answer: str, left: int
) -> None:
    site.accept()
    site.bury()
    monkeypatch.setattr("sys.stdin", io.StringIO(answer))

    assert run("discard", "--all") == left

    assert site.dead == left


def test_discarding_all_can_be_said_in_advance(site: Site, run: Run) -> None:
    site.accept()
    site.bury()

    assert run("discard", "--all", "--yes") == 0

    assert site.dead == 0


def test_programs_read_json(site: Site, run: Run, capsys: Capture) -> None:
    site.accept()
    message_id = site.bury()

    assert run("list", "--json") == 0
    [listed] = json.loads(capsys.readouterr().out)
    assert run("redrive", "--all", "--json") == 0
    [redriven] = json.loads(capsys.readouterr().out)

    assert (listed["message_id"], listed["generation_id"], listed["status"]) == (message_id, "g1", "queued")
    assert (redriven["done"], redriven["stays"]) == ("redriven", None)


def test_a_deletion_is_listed_shown_and_goes_on_when_it_is_redriven(
    site: Site, run: Run, capsys: Capture
) -> None:
    deletion = Deletion(user_id=USER, chat_id="chat_1", version=7)
    body = message_of(DeletionReminder(deletion, is_last=False))
    message_id = site.bury_body(body)
    url = site.sqs.get_queue_url(QueueName=environment.REMINDERS_URL.rpartition("/")[2])["QueueUrl"]

    assert run("list") == run("show", message_id) == 0
    assert run("redrive", message_id) == 1
    assert "--reminders-url" in capsys.readouterr().err
    assert site.dead == 1
    assert run("redrive", message_id, "--reminders-url", url) == 0

    received = site.sqs.receive_message(QueueUrl=url)["Messages"]
    assert [message["Body"] for message in received] == [body]
    assert (site.dead, site.queued()) == (0, [])


def test_a_deletion_is_not_given_up(site: Site, run: Run, capsys: Capture) -> None:
    deletion = Deletion(user_id=USER, chat_id="chat_1", version=7)
    site.bury_body(message_of(DeletionReminder(deletion, is_last=True)))

    assert run("discard", "--all", "--yes") == 1

    assert "redrive it" in capsys.readouterr().out
    assert site.dead == 1
