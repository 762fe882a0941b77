"""Attachments over HTTP: a place to upload to, what a prompt may name, and their end with their chat."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from functions.generate import wiring
from functions.generate.attachments import TO_DOWNLOAD, TO_UPLOAD
from functions.shared.deletion_message import Deletion, DeletionReminder
from functions.shared.models.row import ModelRow
from tests.integration.generate.answering import answer
from tests.support.fake_bucket import PNG, FakeBucket

if TYPE_CHECKING:
    from collections.abc import Iterator

    from functions.generate.api import Api
    from tests.integration.generate.site import Answer, Site

CHAT = "/api/chat/chats/chat_1"


@pytest.fixture
def bucket(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeBucket]:
    bucket = FakeBucket()
    monkeypatch.setenv("ATTACHMENTS", "true")
    monkeypatch.setenv("ATTACHMENTS_BUCKET", "a-bucket")
    monkeypatch.setattr(wiring, "bucket_of", lambda _name: bucket)
    wiring.api.cache_clear()
    yield bucket
    wiring.reminders.cache_clear()


def offer(site: Site, *, chat: str = CHAT, user: str = "user_123", **changes: Any) -> Answer:
    body = {"name": "otter.png", "media_type": "image/png", "size": len(PNG)} | changes
    return site.call("POST", f"{chat}/attachments", user=user, body=body)


def uploaded(site: Site, bucket: FakeBucket, content: bytes = PNG, **changes: Any) -> str:
    """Upload something. Returns its id."""
    offered = offer(site, size=len(content), **changes).body
    bucket.upload(offered["upload"]["fields"], content)
    return str(offered["attachment_id"])


def refused(answer: Answer) -> tuple[str, str]:
    """The field that is at fault, and why."""
    assert (answer.status, answer.code) == (422, "invalid")
    [error] = answer.body["errors"]
    return error["field"], error["message"]


def test_a_form_is_given_for_what_is_to_be_uploaded(site: Site, bucket: FakeBucket) -> None:
    offered = offer(site)

    assert offered.status == 201
    assert offered.body["expires_in"] == TO_UPLOAD.total_seconds()
    assert offered.body["upload"] == {
        "url": bucket.url,
        "fields": {
            "key": f"attachments/{offered.body['attachment_id']}",
            "Content-Type": "image/png",
            "size": str(len(PNG)),
            "policy": "signed",
        },
    }


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"size": 5_000_001}, "size"),
        ({"size": 0}, "size"),
        ({"size": -1}, "size"),
        ({"size": True}, "size"),
        ({"size": "7"}, "size"),
        ({"size": 1.5}, "size"),
        ({"media_type": "image/svg+xml"}, "media_type"),
        ({"media_type": "text/html"}, "media_type"),
        ({"media_type": "IMAGE/PNG"}, "media_type"),
        ({"name": ""}, "name"),
        ({"name": "a\nb"}, "name"),
    ],
)
def test_nothing_else_is_given_a_form(
    site: Site, bucket: FakeBucket, change: dict[str, Any], field: str
) -> None:
    assert refused(offer(site, **change))[0] == field
    assert not [item for item in site.items() if item["sk"]["S"].startswith("ATTACHMENT#")]


def test_without_a_bucket_there_are_no_attachments(site: Site) -> None:
    assert offer(site).code == "not_found"
    assert refused(site.ask(attachments=["a" * 32])) == ("attachments", "this deployment takes none")
    assert site.ask(attachments=[]).status == 202


def test_a_prompt_names_its_attachments_and_only_their_ids_are_kept_with_it(
    site: Site, bucket: FakeBucket
) -> None:
    ids = [uploaded(site, bucket), uploaded(site, bucket, b"# Otters\n", media_type="text/markdown")]

    asked = site.ask(attachments=ids)

    assert asked.status == 202
    assert site.recorded(asked.body["generation_id"]).attachments == tuple(ids)
    [question] = site.call("GET", f"{CHAT}/messages").body["messages"]
    assert question["attachments"] == ids
    assert "PNG" not in json.dumps(site.items())
    assert site.queued() == [asked.body["generation_id"]]


def test_a_prompt_without_any_looks_as_before(site: Site, bucket: FakeBucket) -> None:
    site.ask()

    [question] = site.call("GET", f"{CHAT}/messages").body["messages"]
    assert "attachments" not in question


@pytest.mark.parametrize(
    ("ids", "field"),
    [
        ("a" * 32, "attachments"),
        ([f"{number:032x}" for number in range(6)], "attachments"),
        (["a" * 32, "a" * 32], "attachments"),
        ([1], "attachments"),
        (["b" * 32], "attachments.0"),
        (["../" + "a" * 29], "attachments.0"),
    ],
)
def test_what_is_no_attachment_is_named(site: Site, bucket: FakeBucket, ids: object, field: str) -> None:
    assert refused(site.ask(attachments=ids))[0] == field
    assert site.kept() == []


def test_an_attachment_that_was_not_uploaded_is_named(site: Site, bucket: FakeBucket) -> None:
    there, missing = uploaded(site, bucket), offer(site).body["attachment_id"]

    assert refused(site.ask(attachments=[there, missing])) == ("attachments.1", "must be uploaded first")


def test_another_chats_and_another_users_attachments_look_like_none(site: Site, bucket: FakeBucket) -> None:
    others = [
        uploaded(site, bucket, chat="/api/chat/chats/chat_2"),
        uploaded(site, bucket, user="someone"),
    ]

    told = {refused(site.ask(attachments=[each])) for each in [*others, "f" * 32]}

    assert told == {("attachments.0", "must be an attachment of this chat")}


@pytest.mark.parametrize(
    ("media_type", "content"),
    [
        ("image/png", b"GIF89a" + bytes(9)),
        ("image/jpeg", PNG),
        ("image/webp", b"RIFF\0\0\0\0WAVE"),
        ("image/gif", b"<svg onload=alert(1)>"),
        ("application/pdf", b"%!PS-Adobe"),
        ("text/plain", PNG),
        ("text/csv", b"a,b\0c"),
        ("text/markdown", b"\xff\xfe#\0"),
    ],
)
def test_what_begins_otherwise_than_it_was_said_to_be_is_refused(
    site: Site, bucket: FakeBucket, media_type: str, content: bytes
) -> None:
    attachment_id = uploaded(site, bucket, content, media_type=media_type)

    assert refused(site.ask(attachments=[attachment_id]))[0] == "attachments.0"


@pytest.mark.parametrize(
    ("media_type", "content"),
    [
        ("image/jpeg", b"\xff\xd8\xff\xe0"),
        ("image/webp", b"RIFF\x10\0\0\0WEBPVP8 "),
        ("image/gif", b"GIF89a"),
        ("application/pdf", b"%PDF-1.7\n"),
        ("text/plain", "ü".encode() * 400),
        ("text/plain", b"x" + "😀".encode() * 200),
        ("text/csv", b"a,b\r\n\t1,2"),
    ],
)
def test_what_begins_as_it_was_said_to_be_is_taken(
    site: Site, bucket: FakeBucket, media_type: str, content: bytes
) -> None:
    attachment_id = uploaded(site, bucket, content, media_type=media_type)

    assert site.ask(attachments=[attachment_id]).status == 202


@pytest.mark.parametrize("change", [{"size": 7}, {"media_type": "image/gif"}])
def test_what_was_stored_otherwise_than_its_form_said_is_refused(
    site: Site, bucket: FakeBucket, change: dict[str, Any]
) -> None:
    attachment_id = uploaded(site, bucket)
    key = f"attachments/{attachment_id}"
    bucket.objects[key] = bucket.objects[key]._replace(**change)

    assert refused(site.ask(attachments=[attachment_id]))[0] == "attachments.0"


def test_a_bucket_that_does_not_answer_is_an_outage(site: Site, bucket: FakeBucket) -> None:
    attachment_id = uploaded(site, bucket)
    bucket.is_away = True

    assert site.ask(attachments=[attachment_id]).status == 503


def test_the_same_key_with_other_attachments_is_refused(site: Site, bucket: FakeBucket) -> None:
    first, second = uploaded(site, bucket), uploaded(site, bucket)
    asked = site.ask(key="k", attachments=[first])

    assert site.ask(key="k", attachments=[second]).code == "idempotency_key_reused"
    bucket.objects.clear()
    assert site.ask(key="k", attachments=[first]) == asked


def test_a_model_is_given_only_what_it_accepts(
    site: Site, bucket: FakeBucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    api: Api = wiring.api()
    rows = (ModelRow(name="blind", accepts=("file",)), ModelRow(name="seeing", accepts=("image", "file")))
    options = replace(api.settings, models=rows)
    attachments = replace(api.attachments, options=options)  # type: ignore[type-var]
    submission = replace(api.submission, options=options, attachments=attachments)
    monkeypatch.setattr(wiring, "api", lambda: replace(api, submission=submission))
    image = uploaded(site, bucket)

    field, why = refused(site.ask(model="blind", attachments=[image]))

    assert (field, "image" in why) == ("attachments.0", True)
    asked = site.ask(model="seeing", attachments=[image])
    assert asked.status == 202
    answer(site, asked.body["generation_id"], "An otter.")
    again = f"/api/chat/generations/{asked.body['generation_id']}/regenerate"
    assert site.call("POST", again, body={"user_id": "user_123", "model": "blind"}).status == 422
    assert site.call("POST", again, body={"user_id": "user_123"}).status == 202


def test_a_prompt_that_waits_keeps_its_attachments(site: Site, bucket: FakeBucket) -> None:
    running = site.ask().body["generation_id"]
    image = uploaded(site, bucket)
    waiting = site.ask(attachments=[image], on_busy="queue").body["generation_id"]

    answer(site, running, "First.")

    assert site.recorded(waiting).attachments == (image,)
    questions = site.call("GET", f"{CHAT}/messages").body["messages"]
    assert [each.get("attachments") for each in questions if each["role"] == "user"] == [None, [image]]


def test_a_user_may_upload_so_many_in_a_minute(
    site: Site, bucket: FakeBucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROMPTS_PER_MINUTE", "2")
    wiring.api.cache_clear()

    assert [offer(site).status for _ in range(3)] == [201, 201, 429]
    assert offer(site, user="someone").status == 201


def shown(site: Site, attachment_id: str, *, chat: str = CHAT, user: str = "user_123") -> Answer:
    return site.call("GET", f"{chat}/attachments/{attachment_id}", user=user)


def test_a_second_device_gets_an_address_to_show_an_attachment_with(site: Site, bucket: FakeBucket) -> None:
    attachment_id = uploaded(site, bucket)

    answer = shown(site, attachment_id)

    assert answer.status == 200
    told = answer.body
    url = told.pop("url")
    assert told == {
        "attachment_id": attachment_id,
        "name": "otter.png",
        "media_type": "image/png",
        "size": len(PNG),
        "expires_in": TO_DOWNLOAD.total_seconds(),
    }
    assert url.startswith(f"{bucket.url}/attachments/{attachment_id}?name=otter.png&type=image/png&until=")


def test_an_address_is_given_to_its_user_and_in_its_chat_alone(site: Site, bucket: FakeBucket) -> None:
    attachment_id = uploaded(site, bucket)

    others = [
        shown(site, attachment_id, user="someone"),
        shown(site, attachment_id, chat="/api/chat/chats/chat_2"),
        shown(site, "f" * 32),
    ]
    no_ids = [shown(site, each) for each in ("x" * 2000, f"{attachment_id}%2F..%2F{attachment_id}")]

    assert {(each.status, each.body["detail"]) for each in others} == {
        (404, "This chat has no such attachment.")
    }
    assert [each.status for each in no_ids] == [404, 404]


def test_what_is_not_there_as_it_was_said_to_be_has_no_address(site: Site, bucket: FakeBucket) -> None:
    missing = offer(site).body["attachment_id"]
    other = uploaded(site, bucket, b"<script>", media_type="image/gif")

    assert [shown(site, each).status for each in (missing, other)] == [404, 404]


def test_an_attachment_of_a_deleted_chat_has_no_address_even_before_it_is_erased(
    site: Site, bucket: FakeBucket
) -> None:
    asked = site.ask(attachments=[old := uploaded(site, bucket)])
    answer(site, asked.body["generation_id"], "An otter.")
    bucket.is_away = True
    site.call("DELETE", CHAT)
    bucket.is_away = False

    before = shown(site, old)
    new = uploaded(site, bucket)
    site.ask(attachments=[new])

    assert before.status == 404
    assert [shown(site, each).status for each in (old, new)] == [404, 200]


def test_without_an_answer_of_the_bucket_no_address_is_given(site: Site, bucket: FakeBucket) -> None:
    attachment_id = uploaded(site, bucket)
    bucket.is_away = True

    assert shown(site, attachment_id).status == 503


def test_without_a_bucket_there_is_nothing_to_show(site: Site) -> None:
    assert shown(site, "a" * 32).code == "not_found"


def test_attachments_are_deleted_with_their_chat(site: Site, bucket: FakeBucket) -> None:
    asked = site.ask(attachments=[uploaded(site, bucket)])
    answer(site, asked.body["generation_id"], "An otter.")
    uploaded(site, bucket)  # No prompt names it.
    kept = uploaded(site, bucket, chat="/api/chat/chats/chat_2")

    assert site.call("DELETE", CHAT).status == 200

    assert bucket.objects.keys() == {f"attachments/{kept}"}
    left = [item for item in site.items() if item["sk"]["S"].startswith("ATTACHMENT#")]
    assert [item["sk"]["S"] for item in left] == [f"ATTACHMENT#{kept}"]


def test_what_is_uploaded_after_the_deletion_goes_with_the_last_look_and_a_later_chats_stays(
    site: Site, bucket: FakeBucket
) -> None:
    asked = site.ask()
    answer(site, asked.body["generation_id"], "An otter.")
    fields = offer(site).body["upload"]["fields"]
    version = site.call("DELETE", CHAT).body["version"]
    bucket.upload(fields, PNG)
    later = uploaded(site, bucket)

    deletion = Deletion(user_id="user_123", chat_id="chat_1", version=version)
    reminder = DeletionReminder(deletion, is_last=True)
    assert wiring.api().chat_deletion.look(reminder, now=datetime.now(UTC) + timedelta(minutes=25))

    assert bucket.objects.keys() == {f"attachments/{later}"}


def test_a_deletion_that_the_bucket_interrupts_is_carried_on(site: Site, bucket: FakeBucket) -> None:
    asked = site.ask(attachments=[uploaded(site, bucket)])
    answer(site, asked.body["generation_id"], "An otter.")
    bucket.is_away = True

    first = site.call("DELETE", CHAT)

    bucket.is_away = False
    chat = Deletion(user_id="user_123", chat_id="chat_1", version=first.body.get("version", 4))
    assert wiring.api().chat_deletion.carry_on(chat, now=datetime.now(UTC))
    assert bucket.objects == {}
