"""Chats over HTTP: the list of them, their messages, their titles, and who may see what."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from functions.generate import wiring
from functions.shared.connections.store import ConnectionStore
from tests.integration.generate.answering import answer, stopped
from tests.support.builders import USER, connection
from tests.support.contract import check_body, check_message
from tests.support.environment import TABLE_NAME

if TYPE_CHECKING:
    from tests.integration.generate.site import Answer, Site
    from tests.support.gateway import Gateway

CHATS = "/api/chat/chats"
MISSING = "f" * 32


def messages(site: Site, chat_id: str = "chat_1", *, user: str = USER, **query: object) -> Answer:
    """Read a page."""
    path = f"{CHATS}/{quote(chat_id, safe='')}/messages"
    return site.call("GET", path, user=user, query={name: str(value) for name, value in query.items()})


def turn(site: Site, prompt: str, text: str, **changes: Any) -> str:
    """Ask, and let a worker answer. Returns the answer's id."""
    generation_id: str = site.ask(prompt=prompt, **changes).body["generation_id"]
    answer(site, generation_id, text)
    return generation_id


@pytest.fixture
def told(site: Site, sockets: Gateway, monkeypatch: pytest.MonkeyPatch) -> Gateway:
    """Two sockets of the user, and one of another."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI", sockets.url)
    wiring.api.cache_clear()
    registry, now = ConnectionStore(site.dynamodb, TABLE_NAME), datetime.now(UTC)
    for number, (connection_id, user) in enumerate([("c1", USER), ("c2", USER), ("theirs", "other")]):
        assert registry.claim(connection(connection_id, at=now, user_id=user), number, now=now)
    return sockets


def news_of(told: Gateway) -> list[dict[str, Any]]:
    """What each of the user's sockets was told, which is the same; and nobody else was."""
    heard: dict[str, list[dict[str, Any]]] = {"c1": [], "c2": []}
    for connection_id, data in told.posts:
        message = json.loads(data)
        check_message(message)
        heard[connection_id].append(message)
    assert heard["c1"] == heard["c2"]
    return heard["c1"]


def test_the_history_is_what_was_asked_and_answered(site: Site) -> None:
    first = turn(site, "Tell me about otters", "They hold hands. 🦦")
    second = turn(site, "Why?", "So as not to drift apart.")

    page = messages(site)

    assert page.status == 200
    check_body("ChatMessages", page.body)
    told = page.body["messages"]
    assert [(each["role"], each["text"]) for each in told] == [
        ("user", "Tell me about otters"),
        ("assistant", "They hold hands. 🦦"),
        ("user", "Why?"),
        ("assistant", "So as not to drift apart."),
    ]
    assert [each["parent_id"] for each in told] == [None, *(each["message_id"] for each in told[:3])]
    assert [each["message_id"] for each in told[1::2]] == [first, second]
    assert [each["number"] for each in told] == [1, 2, 3, 4]
    assert "status" not in told[0]
    assert (told[1]["status"], told[1]["attempt"], told[1]["finish_reason"]) == ("completed", 1, "stop")
    assert page.body["chat"] | {"created_at": "", "updated_at": ""} == {
        "chat_id": "chat_1",
        "title": "Tell me about otters",
        "version": 4,
        "created_at": "",
        "updated_at": "",
        "leaf_id": second,
        "running": None,
        "waiting": 0,
    }
    assert page.body["queue"] == {"is_paused": False, "waiting": []}
    assert (page.body["next_since"], page.body["has_more"]) == (4, False)


def test_what_a_stopped_answer_had_is_kept(site: Site) -> None:
    generation_id = site.ask().body["generation_id"]
    stopped(site, generation_id, "They ho")

    told = messages(site).body["messages"]

    assert (told[1]["status"], told[1]["text"], told[1]["error"]) == ("cancelled", "They ho", None)


@pytest.mark.parametrize("limit", [1, 2, 3, 5])
def test_pages_follow_each_other_without_gaps(site: Site, limit: int) -> None:
    for number in range(3):
        turn(site, f"question {number}", f"answer {number}")

    texts, since, more, pages = [], 0, True, 0
    while more:
        page = messages(site, since=since, limit=limit).body
        texts += [each["text"] for each in page["messages"]]
        since, more, pages = page["next_since"], page["has_more"], pages + 1

    assert texts == [f"{kind} {number}" for number in range(3) for kind in ("question", "answer")]
    assert pages == -(-6 // limit)
    assert messages(site, since=since).body["messages"] == []


def test_a_reply_ends_where_lambda_could_not_carry_more(site: Site) -> None:
    for _ in range(3):
        turn(site, "Write a long one", "🦦" * 150_000)

    page = messages(site)
    again = messages(site, since=page.body["next_since"])

    assert len(json.dumps({"statusCode": 200, "body": page.text})) < 6 * 2**20
    assert page.body["has_more"]
    assert not again.body["has_more"]
    assert len(page.body["messages"] + again.body["messages"]) == 6


def test_an_answer_that_no_reply_can_carry_is_told_without_its_text(site: Site) -> None:
    generation_id = turn(site, "Write a long one", "🦦" * 450_000)

    told = messages(site).body["messages"]
    alone = messages(site, since=1).body["messages"]

    assert told[0]["text"] == "Write a long one"
    assert (alone[0]["message_id"], alone[0]["text"], alone[0]["status"]) == (
        generation_id,
        None,
        "completed",
    )


def test_each_path_can_be_read_by_itself(site: Site) -> None:
    root = turn(site, "one", "first")
    left = turn(site, "two", "left")
    right = turn(site, "another two", "right", parent_id=root)

    every = [each["text"] for each in messages(site).body["messages"]]
    to_left = [each["text"] for each in messages(site, leaf=left).body["messages"]]
    to_right = messages(site, leaf=right, limit=2).body
    rest = messages(site, leaf=right, since=to_right["next_since"]).body

    assert every == ["one", "first", "two", "left", "another two", "right"]
    assert to_left == ["one", "first", "two", "left"]
    assert [each["text"] for each in to_right["messages"]] == ["one", "first"]
    assert [each["text"] for each in rest["messages"]] == ["another two", "right"]
    assert (to_right["has_more"], rest["has_more"]) == (True, False)
    assert (messages(site, leaf=MISSING).status, messages(site, leaf=MISSING).code) == (404, "not_found")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"since": "x"}, "since"),
        ({"since": "-1"}, "since"),
        ({"limit": "0"}, "limit"),
        ({"limit": "501"}, "limit"),
        ({"leaf": "x"}, "leaf"),
        ({"leaf": MISSING.upper()}, "leaf"),
    ],
)
def test_a_query_is_read_strictly(site: Site, query: dict[str, str], field: str) -> None:
    turn(site, "one", "first")

    page = messages(site, **query)

    assert (page.status, page.code) == (400, "malformed")
    assert page.body["detail"].startswith(f"{field} must be ")


def test_chats_are_listed_from_the_one_that_changed_last(site: Site) -> None:
    for name in ("a", "b", "c"):
        turn(site, f"question {name}", "answer", chat_id=name)
    turn(site, "again", "answer", chat_id="a")
    turn(site, "theirs", "answer", user="other", chat_id="d")

    listed = site.call("GET", CHATS)

    check_body("Chats", listed.body)
    assert [(each["chat_id"], each["title"]) for each in listed.body["chats"]] == [
        ("a", "question a"),
        ("c", "question c"),
        ("b", "question b"),
    ]
    assert listed.body["next"] is None


@pytest.mark.parametrize("limit", [1, 2, 4])
def test_the_list_has_pages(site: Site, limit: int) -> None:
    names = [f"chat {number}/ä🦦" for number in range(4)]
    for name in names:
        turn(site, "question", "answer", chat_id=name)

    listed, before = [], None
    for _ in range(-(-4 // limit)):
        query = {"limit": str(limit)} | ({"before": before} if before else {})
        page = site.call("GET", CHATS, query=query).body
        listed += [each["chat_id"] for each in page["chats"]]
        before = page["next"]

    assert listed == names[::-1]
    assert before is None


@pytest.mark.parametrize("before", ["x", "1.", "1.!", "1.AA==", "1.gICA", "9" * 20 + ".YQ", ""])
def test_a_cursor_is_one_that_was_given_out(site: Site, before: str) -> None:
    answered = site.call("GET", CHATS, query={"before": before})

    assert (answered.status, answered.code) == (400, "malformed")


@pytest.mark.parametrize("chat_id", ["plain", "two words", "a/b", "100%", "%2F", "ä🦦", "..", "a?b#c", "+"])
def test_any_chat_id_stands_in_a_path_when_it_is_encoded(site: Site, chat_id: str) -> None:
    turn(site, "question", "answer", chat_id=chat_id)

    assert messages(site, chat_id).body["chat"]["chat_id"] == chat_id
    assert site.call("DELETE", f"{CHATS}/{quote(chat_id, safe='')}").body["chat_id"] == chat_id
    assert messages(site, chat_id).status == 404


@pytest.mark.parametrize("path", ["missing", "%00", "%20", "x" * 129, "%ff" * 200, "a%0Ab"])
def test_what_is_no_chat_is_not_found(site: Site, path: str) -> None:
    site.ask()

    for method, rest, body in (
        ("GET", "/messages", None),
        ("PATCH", "", {"title": "x"}),
        ("DELETE", "", None),
        ("POST", "/queue/resume", None),
        ("PATCH", f"/queue/{MISSING}", {"prompt": "x"}),
        ("DELETE", f"/queue/{MISSING}", None),
    ):
        answered = site.call(method, f"{CHATS}/{path}{rest}", body=body)
        assert (answered.status, answered.code) == (404, "not_found")


def test_another_users_chat_looks_like_none(site: Site) -> None:
    turn(site, "question", "answer")

    for method, rest, body in (
        ("GET", "/messages", None),
        ("PATCH", "", {"title": "x"}),
        ("DELETE", "", None),
        ("POST", "/queue/resume", None),
    ):
        foreign = site.call(method, f"{CHATS}/chat_1{rest}", user="other", body=body)
        missing = site.call(method, f"{CHATS}/chat_2{rest}", user="other", body=body)
        assert foreign == missing
        assert foreign.status == 404
    assert messages(site).body["chat"]["title"] == "question"


def test_users_whose_ids_could_be_mixed_up_have_chats_of_their_own(site: Site) -> None:
    turn(site, "mine", "answer", user="a", chat_id="b#c")
    turn(site, "theirs", "answer", user="a#b", chat_id="c")

    assert [each["text"] for each in messages(site, "b#c", user="a").body["messages"]] == ["mine", "answer"]
    assert [each["text"] for each in messages(site, "c", user="a#b").body["messages"]] == ["theirs", "answer"]


@pytest.mark.parametrize("title", ["Otters", "é", "e\u0301", "👩‍👩‍👧", "می‌خواهم", " x ", "x" * 200])
def test_a_title_is_kept_as_it_is_written_and_told_everywhere(site: Site, told: Gateway, title: str) -> None:
    turn(site, "question", "answer")

    answered = site.call("PATCH", f"{CHATS}/chat_1", body={"title": title})

    assert (answered.status, answered.body["title"], answered.body["version"]) == (200, title, 3)
    check_body("Chat", answered.body)
    assert messages(site).body["chat"] == answered.body
    (news,) = news_of(told)
    assert (news["event"], news["title"], news["version"]) == ("title", title, 3)


def test_a_title_that_changes_nothing_is_no_version(site: Site, told: Gateway) -> None:
    turn(site, "question", "answer")

    answered = site.call("PATCH", f"{CHATS}/chat_1", body={"title": "question"})

    assert (answered.status, answered.body["version"]) == (200, 2)
    assert told.posts == []


@pytest.mark.parametrize(
    "title", ["", " ", "\u200d", "x" * 201, "two\nlines", "\x07", "\ud800", None, 1, ["x"]]
)
def test_what_is_no_title_is_refused(site: Site, title: object) -> None:
    turn(site, "question", "answer")

    answered = site.call("PATCH", f"{CHATS}/chat_1", body={"title": title})

    assert (answered.status, answered.code) == (422, "invalid")
    assert [each["field"] for each in answered.body["errors"]] == ["title"]
    assert messages(site).body["chat"]["version"] == 2


def test_sockets_that_cannot_be_told_keep_nothing_from_being_done(site: Site, told: Gateway) -> None:
    turn(site, "question", "answer")
    told.gone.add("c1")

    assert site.call("PATCH", f"{CHATS}/chat_1", body={"title": "one"}).status == 200
    told.broken = True
    assert site.call("PATCH", f"{CHATS}/chat_1", body={"title": "two"}).status == 200

    assert messages(site).body["chat"]["title"] == "two"
    assert [connection_id for connection_id, _ in told.posts] == ["c2"]


def test_a_chat_whose_life_is_over_is_not_there(site: Site) -> None:
    turn(site, "question", "answer")
    past = int((datetime.now(UTC) - timedelta(seconds=1)).timestamp())
    for item in site.items():
        key = {name: item[name] for name in ("pk", "sk")}
        if item["pk"]["S"].startswith("CHAT"):
            site.dynamodb.update_item(
                TableName=TABLE_NAME,
                Key=key,
                UpdateExpression="SET expires_at = :past",
                ExpressionAttributeValues={":past": {"N": str(past)}},
            )

    assert messages(site).status == 404
    assert site.call("GET", CHATS).body["chats"] == []


def test_who_reads_without_end_is_told_when_to_come_back(site: Site) -> None:
    turn(site, "question", "x" * 1_000_000)

    answers = [messages(site) for _ in range(15)]

    assert {page.status for page in answers[:9]} == {200}
    assert (answers[-1].status, answers[-1].code) == (429, "rate_limited")
    assert site.call("GET", CHATS).status == 429
    assert site.call("GET", CHATS, user="other").status == 200
