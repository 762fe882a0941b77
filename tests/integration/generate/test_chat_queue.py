"""What waits in a chat: edited, removed, stopped and resumed, and told to all sockets."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from functions.generate import wiring
from functions.shared.connections.store import ConnectionStore
from functions.shared.errors import Unavailable
from functions.shared.generations.model import Outcome, Status
from functions.shared.reminder_queue import ReminderQueue
from tests.integration.generate.answering import answer, begun, ended, stopped
from tests.support.builders import USER, connection
from tests.support.contract import check_body, check_message
from tests.support.environment import TABLE_NAME

if TYPE_CHECKING:
    from tests.integration.generate.site import Answer, Site
    from tests.support.gateway import Gateway

CHAT = "/api/chat/chats/chat_1"


@pytest.fixture(autouse=True)
def told(site: Site, sockets: Gateway, monkeypatch: pytest.MonkeyPatch) -> Gateway:
    """A socket of the user."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI", sockets.url)
    wiring.api.cache_clear()
    now = datetime.now(UTC)
    assert ConnectionStore(site.dynamodb, TABLE_NAME).claim(connection("c1", at=now), 0, now=now)
    return sockets


def heard(told: Gateway) -> list[dict[str, Any]]:
    """What the socket was told."""
    messages = [json.loads(data) for _, data in told.posts]
    for message in messages:
        check_message(message)
    return messages


def wait(site: Site, prompt: str, **changes: Any) -> str:
    """Let a prompt wait."""
    accepted = site.ask(prompt=prompt, on_busy="queue", **changes).body
    assert accepted["waits"]
    generation_id: str = accepted["generation_id"]
    return generation_id


def queue(site: Site) -> tuple[bool, list[tuple[str, str | None]]]:
    """Whether it is paused, and what waits in it."""
    body = site.call("GET", CHAT + "/messages").body
    check_body("ChatMessages", body)
    assert body["chat"]["waiting"] == len(body["queue"]["waiting"])
    waiting = [(each["generation_id"], each["prompt"]) for each in body["queue"]["waiting"]]
    return body["queue"]["is_paused"], waiting


def change(site: Site, method: str, generation_id: str, **request: Any) -> Answer:
    """Change a waiting prompt."""
    return site.call(method, f"{CHAT}/queue/{generation_id}", **request)


def test_what_waits_is_seen_in_its_order_and_told(site: Site, told: Gateway) -> None:
    running = site.ask().body["generation_id"]

    first, second = wait(site, "first"), wait(site, "second")

    assert queue(site) == (False, [(first, "first"), (second, "second")])
    assert site.call("GET", CHAT + "/messages").body["chat"]["running"] == running
    assert [(each["event"], each["version"], each["text"], each["position"]) for each in heard(told)] == [
        ("queued", 2, "first", 0),
        ("queued", 3, "second", 1),
    ]


def test_each_prompt_is_told_its_place_in_the_queue(site: Site, told: Gateway) -> None:
    asked = [site.ask()]
    asked += [site.ask(prompt=str(number), on_busy="queue", key=str(number)) for number in range(2)]
    asked.append(site.ask(prompt="now", on_busy="interrupt"))
    again = site.ask(prompt="1", on_busy="queue", key="1")
    told.posts.clear()
    change(site, "PATCH", asked[2].body["generation_id"], body={"prompt": "better"})

    assert [each.body["position"] for each in asked] == [None, 0, 1, 0]
    assert again.body["position"] == 1, "what it was told before"
    assert [each["position"] for each in heard(told)] == [2], "where it is now"
    assert [prompt for _, prompt in queue(site)[1]] == ["now", "0", "better"]


def test_a_waiting_prompt_is_edited_before_its_turn_comes(site: Site, told: Gateway) -> None:
    running = site.ask().body["generation_id"]
    waiting = wait(site, "first")
    told.posts.clear()

    edited = change(site, "PATCH", waiting, body={"prompt": "better"})
    answer(site, running, "Done.")

    assert edited.status == 200
    check_body("ChatQueueChanged", edited.body)
    assert (edited.body["chat_version"], edited.body["waiting"][0]["prompt"]) == (3, "better")
    (news,) = heard(told)
    assert (news["event"], news["version"], news["text"]) == ("queue_edited", 3, "better")
    assert news["generation_id"] == waiting
    asked = [each["text"] for each in site.call("GET", CHAT + "/messages").body["messages"]]
    assert asked == ["Tell me about otters", "Done.", "better"]
    assert site.recorded(waiting).waits is False


def test_a_waiting_prompt_is_taken_back(site: Site, told: Gateway) -> None:
    running = site.ask().body["generation_id"]
    first, second = wait(site, "first"), wait(site, "second")
    told.posts.clear()

    removed = change(site, "DELETE", first)
    made = answer(site, running, "Done.")

    assert (removed.status, removed.body["chat_version"]) == (200, 4)
    assert [each["generation_id"] for each in removed.body["waiting"]] == [second]
    (news,) = heard(told)
    assert (news["event"], news["version"], news["generation_id"]) == ("unqueued", 4, first)
    assert site.read(first).body["status"] == "cancelled"
    assert made.following == second
    assert not [item for item in site.items() if item["sk"]["S"] == f"WAITING#{first}"]


def test_to_cancel_what_waits_takes_it_back_too(site: Site, told: Gateway) -> None:
    site.ask()
    waiting = wait(site, "first")
    told.posts.clear()

    assert site.cancel(waiting).body["status"] == "cancelled"
    assert site.cancel(waiting).status == 202

    assert queue(site) == (False, [])
    assert [each["event"] for each in heard(told)] == ["unqueued"]


@pytest.mark.parametrize("end", [answer, stopped])
def test_what_does_not_wait_any_more_is_not_found(site: Site, end: Any) -> None:
    running = site.ask().body["generation_id"]
    waiting = wait(site, "first")
    end(site, running, "Done.")
    if end is stopped:
        change(site, "DELETE", waiting)

    for method, body in (("PATCH", {"prompt": "x"}), ("DELETE", None)):
        answered = change(site, method, waiting, body=body)
        assert (answered.status, answered.code) == (404, "not_found")


@pytest.mark.parametrize(
    ("prompt", "status"), [("x" * 1001, 413), ("🦦" * 251, 413), ("", 422), ("\u200b", 422), (None, 422)]
)
def test_an_edited_prompt_is_checked_like_a_new_one(site: Site, prompt: object, status: int) -> None:
    site.ask()
    waiting = wait(site, "first")

    assert change(site, "PATCH", waiting, body={"prompt": prompt}).status == status
    assert queue(site) == (False, [(waiting, "first")])


def test_a_stopped_answer_pauses_the_queue_until_it_is_resumed(site: Site, told: Gateway) -> None:
    running = site.ask().body["generation_id"]
    first, second = wait(site, "first"), wait(site, "second")
    stopped(site, running, "Do")
    told.posts.clear()
    site.queued()
    assert queue(site)[0]
    before = site.call("GET", CHAT + "/messages").body["chat"]["version"]

    resumed = site.call("POST", CHAT + "/queue/resume")

    assert resumed.status == 200
    check_body("ChatQueueChanged", resumed.body)
    assert (resumed.body["is_paused"], resumed.body["chat_version"]) == (False, before + 2)
    assert [each["generation_id"] for each in resumed.body["waiting"]] == [second]
    assert site.queued() == [first]
    assert [(each["event"], each["version"]) for each in heard(told)] == [("queue_resumed", before + 1)]
    assert site.recorded(first).chat_version == before + 2
    asked = site.call("GET", CHAT + "/messages").body["messages"][-1]
    assert (asked["text"], asked["number"]) == ("first", before + 2)


def test_to_resume_again_changes_nothing(site: Site, told: Gateway) -> None:
    running = site.ask().body["generation_id"]
    wait(site, "first")
    stopped(site, running, "Do")
    site.call("POST", CHAT + "/queue/resume")
    told.posts.clear()
    site.queued()

    first, second = (site.call("POST", CHAT + "/queue/resume").body for _ in range(2))

    assert first["chat_version"] == second["chat_version"]
    assert (told.posts, site.queued()) == ([], [])


def test_a_queue_that_was_emptied_while_it_was_paused_is_not_paused(site: Site, told: Gateway) -> None:
    running = site.ask().body["generation_id"]
    waiting = wait(site, "first")
    stopped(site, running, "Do")
    assert queue(site)[0]

    emptied = change(site, "DELETE", waiting).body
    resumed = site.call("POST", CHAT + "/queue/resume").body

    assert (emptied["is_paused"], emptied["waiting"]) == (False, [])
    assert resumed["chat_version"] == emptied["chat_version"]
    assert [each["event"] for each in heard(told)] == ["queued", "unqueued"]


@pytest.mark.parametrize("by", ["resume", "read"])
def test_what_was_resumed_and_could_not_be_queued_is_503_and_queued_by_the_next_request(
    site: Site, told: Gateway, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    running = site.ask().body["generation_id"]
    waiting, second = wait(site, "first"), wait(site, "second")
    stopped(site, running, "Do")
    site.queued()
    told.posts.clear()

    def fail(*_: object) -> None:
        raise Unavailable("ServiceUnavailable")

    with monkeypatch.context() as outage:
        outage.setattr(ReminderQueue, "send", fail)
        assert [site.call("POST", CHAT + "/queue/resume").status for _ in range(2)] == [503, 503]
    assert [each["event"] for each in heard(told)] == ["queue_resumed"]
    assert site.queued() == []

    if by == "resume":
        again = site.call("POST", CHAT + "/queue/resume")
        assert (again.status, again.body["is_paused"]) == (200, False)
        assert [each["generation_id"] for each in again.body["waiting"]] == [second]
        site.call("POST", CHAT + "/queue/resume")
    else:
        site.dynamodb.update_item(
            TableName=TABLE_NAME,
            Key={"pk": {"S": f"GENERATION#{waiting}"}, "sk": {"S": "META"}},
            UpdateExpression="SET created_at = :past",
            ExpressionAttributeValues={":past": {"N": "1000"}},
        )
        site.read(waiting)

    assert site.queued() == [waiting]


def test_an_answer_to_be_made_anew_waits_without_a_prompt(site: Site, told: Gateway) -> None:
    former = site.ask().body["generation_id"]
    answer(site, former, "One.")
    site.ask(prompt="next")
    body = {"user_id": USER, "on_busy": "queue"}

    again = site.call("POST", f"/api/chat/generations/{former}/regenerate", body=body).body["generation_id"]

    assert queue(site) == (False, [(again, None)])
    assert change(site, "PATCH", again, body={"prompt": "x"}).status == 404
    assert change(site, "DELETE", again).status == 200
    assert [(each["event"], each["text"]) for each in heard(told)] == [("queued", None), ("unqueued", None)]


def test_more_than_a_reply_can_carry_waits_without_its_text(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAX_PROMPT_BYTES", "300000")
    wiring.api.cache_clear()
    site.ask()
    waiting = [wait(site, "\x01x" * 150_000) for _ in range(5)]

    _is_paused, told = queue(site)

    assert [generation_id for generation_id, _ in told] == waiting
    assert told[0][1] == "\x01x" * 150_000
    assert told[-1][1] is None


def test_a_change_that_was_overtaken_is_decided_again(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    running = site.ask().body["generation_id"]
    waiting = wait(site, "first")
    begun(site, running)
    changes = wiring.api().chat_changes
    run = type(changes.transactions).run
    rivals = [lambda: answer_of(site, running)]

    def overtaken(self: Any, entries: Any) -> None:
        if rivals:
            rivals.pop()()
        run(self, entries)

    monkeypatch.setattr(type(changes.transactions), "run", overtaken)

    edited = change(site, "PATCH", waiting, body={"prompt": "too late"})

    assert edited.status == 404
    asked = [each["text"] for each in site.call("GET", CHAT + "/messages").body["messages"]]
    assert asked == ["Tell me about otters", None, "first"]


def answer_of(site: Site, generation_id: str) -> None:
    """End what was begun."""
    ended(site, generation_id, Outcome(status=Status.COMPLETED, length=5, finish_reason="stop"))
