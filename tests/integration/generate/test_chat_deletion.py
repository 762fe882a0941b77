"""A deleted chat is gone for good, whatever was going on in it and wherever the deletion was cut off."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from functions.generate import handler as generate
from functions.generate import wiring
from functions.generate.chat_contents import ChatContents
from functions.generate.chat_deletion import FROZEN, ChatDeletion
from functions.shared.deletion_message import Deletion, DeletionReminder, message_of
from functions.shared.errors import Unavailable
from functions.shared.generations.claims import Fenced
from functions.shared.generations.model import Outcome, Status
from functions.shared.queue import Queue
from tests.integration.generate.answering import answer, begun, ended, store
from tests.support.builders import USER
from tests.support.contract import check_body
from tests.support.environment import TABLE_NAME
from tests.support.events import Context

if TYPE_CHECKING:
    from tests.integration.generate.site import Answer, Site

CHAT = "/api/chat/chats/chat_1"
SECRETS = ("otters", "hands", "waiting words", "summed up")
"""What must not be found anywhere afterwards."""


@pytest.fixture(autouse=True)
def nothing_is_waited_for(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    api = wiring.api()
    impatient = replace(api.chat_deletion, sleep=Clock().sleep, clock=Clock().now)
    monkeypatch.setattr(wiring, "api", lambda: replace(api, chat_deletion=impatient))
    wiring.reminders.cache_clear()


class Clock:
    """A clock that goes on when it is slept."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        self.ahead += timedelta(milliseconds=10)
        return datetime.now(UTC) + self.ahead

    def sleep(self, seconds: float) -> None:
        self.ahead += timedelta(seconds=seconds)


def deletion_of(site: Site) -> ChatDeletion:
    """What deletes."""
    return wiring.api().chat_deletion


def delete(site: Site) -> Answer:
    return site.call("DELETE", CHAT)


def remind(version: int, *, is_last: bool = False) -> bool:
    """Let the function look at a reminder. Returns whether that was the end of it."""
    deletion = Deletion(user_id=USER, chat_id="chat_1", version=version)
    body = message_of(DeletionReminder(deletion, is_last))
    reply = generate.handler({"Records": [{"messageId": "m", "body": body}]}, Context())
    return reply == {"batchItemFailures": []}


def summarised(site: Site, number: int) -> None:
    """Store a summary, as a worker does after an answer."""
    expires_at = int((datetime.now(UTC) + timedelta(days=1)).timestamp())
    site.dynamodb.put_item(
        TableName=TABLE_NAME,
        Item={
            "pk": {"S": f"CHAT#{len(USER)}#{USER}#chat_1"},
            "sk": {"S": f"SUMMARY#{number:010d}"},
            "text": {"S": "summed up"},
            "expires_at": {"N": str(expires_at)},
        },
    )


_before: dict[str, tuple[list[str], list[dict[str, Any]]]] = {}


def put_back(make: Callable[[Site], list[str]]) -> Callable[[Site], list[str]]:
    """Make a chat once; into the empty tables of later tests put the same items, which takes two writes."""

    def made(site: Site) -> list[str]:
        if site.items():
            return make(site)
        if make.__name__ not in _before:
            _before[make.__name__] = make(site), site.items()
        ids, items = _before[make.__name__]
        for first in range(0, len(items), 25):
            puts: Any = [{"PutRequest": {"Item": item}} for item in items[first : first + 25]]
            site.dynamodb.batch_write_item(RequestItems={TABLE_NAME: puts})
        return list(ids)

    return made


@put_back
def conversation(site: Site) -> list[str]:
    """Two turns, one of which was answered twice."""
    first = site.ask(prompt="Tell me about otters", key="k1").body["generation_id"]
    answer(site, first, "They hold hands.")
    path = f"/api/chat/generations/{first}/regenerate"
    again = site.call("POST", path, body={"user_id": USER}).body["generation_id"]
    answer(site, again, "Otters hold hands.")
    second = site.ask(prompt="Why do otters do it?").body["generation_id"]
    answer(site, second, "So that their hands do not drift apart.")
    summarised(site, 3)
    return [first, again, second]


@put_back
def busy_conversation(site: Site) -> list[str]:
    """A third prompt is under way in it, and two wait."""
    former = conversation(site)
    running = site.ask().body["generation_id"]
    waiting = [site.ask(prompt="waiting words", on_busy="queue").body["generation_id"] for _ in range(2)]
    return [*former, running, *waiting]


def remains(site: Site) -> list[str]:
    """Which items of chats and generations are left."""
    left = [f"{item['pk']['S']} {item['sk']['S']}" for item in site.items()]
    return sorted(each for each in left if each.startswith(("CHAT", "GENERATION")))


def assert_gone(site: Site, *generation_ids: str) -> None:
    """Only tombstones are left, without a word of what was said."""
    everything = json.dumps(site.items())
    assert not [secret for secret in SECRETS if secret in everything]
    records = {f"GENERATION#{generation_id} META" for generation_id in generation_ids}
    left = {each for each in remains(site) if " DELETION#" not in each}
    assert left == {f"CHATS#{USER} CHAT#chat_1", *records}
    for generation_id in generation_ids:
        assert site.read(generation_id).status == site.cancel(generation_id).status == 404
    assert site.call("GET", CHAT + "/messages").status == 404
    assert site.call("GET", "/api/chat/chats").body["chats"] == []


def test_nothing_of_a_deleted_chat_is_left(site: Site) -> None:
    generation_ids = conversation(site)

    deleted = delete(site)

    assert deleted.status == 200
    check_body("ChatDeleted", deleted.body)
    assert (deleted.body["chat_id"], deleted.body["version"]) == ("chat_1", 7)
    assert_gone(site, *generation_ids)
    assert delete(site).status == 404


def test_other_chats_stay_as_they_are(site: Site) -> None:
    other = site.ask(chat_id="chat_2").body["generation_id"]
    answer(site, other, "They hold hands.")
    theirs = site.ask(user="other").body["generation_id"]
    answer(site, theirs, "They hold hands.")
    before = site.items()
    conversation(site)

    delete(site)

    assert all(item in site.items() for item in before if not item["pk"]["S"].startswith("LIMIT"))


def test_what_waits_goes_too(site: Site) -> None:
    generation_ids = busy_conversation(site)

    delete(site)

    assert_gone(site, *generation_ids)
    assert {site.recorded(each).status for each in generation_ids[-3:]} == {Status.CANCELLED}


def test_what_no_worker_has_begun_is_never_begun(site: Site) -> None:
    running = site.ask().body["generation_id"]
    delete(site)
    now = datetime.now(UTC)

    claim = store(site).claim(running, owner="w", message_id="m", lease_until=now, max_attempts=3, now=now)

    assert claim is not None
    assert not claim.is_ours
    assert claim.generation.announced


def stops_soon(site: Site, monkeypatch: pytest.MonkeyPatch, generation_id: str, text: str) -> None:
    """Let a worker hear of the cancellation while the deletion waits for it."""

    def sleep(_seconds: float) -> None:
        if store(site).look(generation_id, 1):
            store(site).save(site.recorded(generation_id), 1, 0, text)
            ended(site, generation_id, Outcome(status=Status.CANCELLED, length=len(text)))

    patient = replace(deletion_of(site), sleep=sleep)
    api = replace(wiring.api(), chat_deletion=patient)
    monkeypatch.setattr(wiring, "api", lambda: api)


def test_what_is_being_made_is_stopped_first(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    former = conversation(site)
    running = site.ask().body["generation_id"]
    begun(site, running, "They hold hands")
    stops_soon(site, monkeypatch, running, "They hold hands.")

    delete(site)

    assert_gone(site, *former, running)
    assert site.recorded(running).status is Status.CANCELLED


def test_a_worker_that_does_not_stop_in_time_loses_its_answer_to_a_reminder(site: Site) -> None:
    former = conversation(site)
    running = site.ask().body["generation_id"]
    begun(site, running, "They hold hands")

    deleted = delete(site)

    assert deleted.status == 200
    assert site.read(running).status == 404
    assert not remind(deleted.body["version"])
    assert site.recorded(running).cancel_requested
    store(site).save(site.recorded(running), 1, 0, "They hold hands, still.")
    made = ended(site, running, Outcome(status=Status.CANCELLED, length=5))
    assert (made.chat_version, made.following) == (0, "")
    assert remind(deleted.body["version"])
    assert_gone(site, *former, running)


def test_a_worker_that_comes_back_late_can_write_no_end(site: Site) -> None:
    running = site.ask().body["generation_id"]
    begun(site, running, "They hold hands")
    frozen = site.recorded(running)
    ended(site, running, Outcome(status=Status.CANCELLED, length=5))
    delete(site)

    with pytest.raises(Fenced):
        store(site).finish(frozen, 1, Outcome(status=Status.COMPLETED, length=5), now=datetime.now(UTC))
    with pytest.raises(Fenced):
        store(site).beat(running, 1, lease_until=datetime.now(UTC))

    assert_gone(site, running)


def test_what_a_frozen_worker_stores_late_is_taken_when_none_can_be_left(site: Site) -> None:
    running = site.ask().body["generation_id"]
    begun(site, running, "They hold hands")
    frozen = site.recorded(running)
    ended(site, running, Outcome(status=Status.CANCELLED, length=5))
    version = delete(site).body["version"]

    store(site).save(frozen, 1, 15, " and hands")
    summarised(site, 2)

    assert remind(version)
    assert "and hands" in json.dumps(site.items())
    assert remind(version, is_last=True)
    assert_gone(site, running)
    assert not [each for each in remains(site) if "DELETION" in each]
    assert remind(version, is_last=True)


def test_generations_without_a_worker_for_long_are_not_looked_at_again(site: Site) -> None:
    first, *_ = conversation(site)
    site.dynamodb.update_item(
        TableName=TABLE_NAME,
        Key={"pk": {"S": f"GENERATION#{first}"}, "sk": {"S": "META"}},
        UpdateExpression="SET lease_until = :past",
        ExpressionAttributeValues={
            ":past": {"N": str(int((datetime.now(UTC) - FROZEN).timestamp() - 1) * 1000)}
        },
    )

    version = delete(site).body["version"]

    record = deletion_of(site).contents.record(Deletion(user_id=USER, chat_id="chat_1", version=version))
    assert record is not None
    assert len(record.recent) == 2
    assert first not in record.recent


Step = Callable[..., Any]
STEPS = ["leave_queue", "erase_texts", "remember", "delete", "note_purged", "record", "of"]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("time", [1, 2])
@pytest.mark.parametrize("is_made", [True, False], ids=["after", "before"])
def test_a_deletion_that_is_cut_off_is_finished_by_its_reminder(
    site: Site,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    time: int,
    is_made: bool,  # noqa: FBT001
) -> None:
    generation_ids = busy_conversation(site)
    make: Step = getattr(ChatContents, step)
    calls = []

    def dying(self: ChatContents, *arguments: Any) -> Any:
        calls.append(arguments)
        made = make(self, *arguments) if is_made or len(calls) != time else None
        if len(calls) == time:
            raise SystemExit
        return made

    with monkeypatch.context() as killed:
        killed.setattr(ChatContents, step, dying)
        try:
            delete(site)
        except SystemExit:
            assert len(calls) == time

    assert remind(9 + 1)
    assert_gone(site, *generation_ids)


@pytest.mark.parametrize("error", [Unavailable("down"), ClientError({"Error": {"Code": "x"}}, "Query")])
def test_an_outage_after_the_deletion_was_recorded_is_made_up_for(
    site: Site, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    generation_ids = conversation(site)

    def fail(*_: object) -> None:
        raise error

    with monkeypatch.context() as outage:
        outage.setattr(ChatContents, "of", fail)
        deleted = delete(site)
        assert not remind(deleted.body["version"])

    assert deleted.status == 200
    assert site.call("GET", CHAT + "/messages").status == 404
    assert remind(deleted.body["version"])
    assert_gone(site, *generation_ids)


def test_without_a_reminder_nothing_is_deleted(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    conversation(site)
    before = remains(site)

    def fail(*_: object, **__: object) -> None:
        raise ClientError({"Error": {"Code": "ServiceUnavailable"}}, "SendMessage")

    monkeypatch.setattr(Queue, "send_body", fail)

    assert (delete(site).status, delete(site).code) == (503, 1013)
    assert remains(site) == before


def test_a_reminder_of_a_deletion_that_was_not_carried_out_does_nothing(site: Site) -> None:
    conversation(site)
    before = remains(site)

    assert remind(7)
    assert remind(7, is_last=True)

    assert remains(site) == before


def test_a_chat_may_begin_anew_under_the_same_id(site: Site) -> None:
    former = conversation(site)
    version = delete(site).body["version"]

    anew = site.ask(prompt="Something else").body
    answer(site, anew["generation_id"], "Yes.")
    summarised(site, version + 2)
    assert remind(version)
    assert remind(version, is_last=True)

    page = site.call("GET", CHAT + "/messages").body
    assert [(each["text"], each["parent_id"]) for each in page["messages"]] == [
        ("Something else", None),
        ("Yes.", anew["message_id"]),
    ]
    assert [each["number"] for each in page["messages"]] == [version + 1, version + 2]
    assert page["chat"]["title"] == "Something else"
    assert [each for each in remains(site) if "SUMMARY" in each]
    for generation_id in former:
        assert site.read(generation_id).status == 404
    assert site.ask(parent_id=former[0]).status == 422


def test_a_chat_that_began_anew_before_the_old_one_was_gone_is_not_touched(site: Site) -> None:
    conversation(site)
    running = site.ask().body["generation_id"]
    begun(site, running, "They hold hands")
    version = delete(site).body["version"]
    anew = site.ask(prompt="Something else").body
    answer(site, anew["generation_id"], "Yes.")

    made = ended(site, running, Outcome(status=Status.CANCELLED, length=5))
    assert remind(version)

    assert made.chat_version == 0
    page = site.call("GET", CHAT + "/messages").body
    assert [each["text"] for each in page["messages"]] == ["Something else", "Yes."]
    assert "hands" not in json.dumps(site.items())


def test_a_repeated_key_is_told_the_same_and_brings_nothing_back(site: Site) -> None:
    generation_ids = conversation(site)
    delete(site)
    site.queued()

    again = site.ask(prompt="Tell me about otters", key="k1")
    other = site.ask(prompt="Something else", key="k1")

    assert (again.status, again.body["generation_id"]) == (202, generation_ids[0])
    assert (other.status, other.code) == (422, "idempotency_key_reused")
    assert site.queued() == []
    assert_gone(site, *generation_ids)


def test_a_deletion_is_no_match_for_a_rival_and_wins_all_the_same(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    generation_ids = conversation(site)
    changes = wiring.api().chat_changes
    run = type(changes.transactions).run
    rivals = [lambda: site.call("PATCH", CHAT, body={"title": "Otters"})]

    def overtaken(self: Any, entries: Any) -> None:
        if rivals:
            rivals.pop()()
        run(self, entries)

    monkeypatch.setattr(type(changes.transactions), "run", overtaken)

    assert delete(site).body["version"] == 8
    assert_gone(site, *generation_ids)


def test_a_long_chat_is_deleted_in_parts(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    generation_ids = conversation(site)
    monkeypatch.setattr("functions.generate.chat_contents.PAGE", 1)
    monkeypatch.setattr("functions.generate.chat_deletion.FOR_ALL", timedelta(0))

    version = delete(site).body["version"]
    looks = [remind(version) for _ in range(9)]

    assert looks.index(True) > 2
    assert_gone(site, *generation_ids)


@pytest.mark.parametrize("is_begun_anew", [False, True])
def test_what_a_deletion_has_not_reached_yet_is_neither_answered_anew_nor_followed(
    site: Site, monkeypatch: pytest.MonkeyPatch, *, is_begun_anew: bool
) -> None:
    first, *_ = conversation(site)
    monkeypatch.setattr(ChatDeletion, "carry_on", lambda *_arguments, **_now: False)
    assert delete(site).status == 200
    if is_begun_anew:
        answer(site, site.ask(prompt="New").body["generation_id"], "Also new.")
    before = remains(site)

    again = site.call("POST", f"/api/chat/generations/{first}/regenerate", body={"user_id": USER})
    followed = site.ask(prompt="And cats?", parent_id=first)

    assert (again.status, again.code) == (404, "not_found")
    assert (followed.status, followed.code) == (422, "invalid")
    assert remains(site) == before
