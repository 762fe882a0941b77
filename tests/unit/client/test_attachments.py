"""Files that are uploaded, and what prompts are sent with, against a server in this process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from framestream import Attachment, Misused, Refused, SyncFrameStreamClient
from framestream.chat_records import ChatMessage
from tests.support.client_recorder import ClientRecorder
from tests.support.fake_chat_server import CHATS, FakeChats
from tests.support.fake_server import BUCKET, PROMPTS, FakeServer, Reply, fake_server, problem

OFFERS = f"{CHATS}/otters/attachments"
FORMAT = {"type": "json_schema", "json_schema": {"name": "otter", "schema": {"type": "object"}}}


@pytest.fixture
async def server() -> AsyncIterator[FakeServer]:
    async with fake_server() as server:
        server.route = lambda _method, path, _content: offered(server, path)
        yield server


def offered(server: FakeServer, path: str) -> Reply | None:
    """A form, each of another attachment."""
    if not path.endswith("/attachments"):
        return None
    attachment_id = f"a{len(server.requests_to(path))}"
    fields = {"key": f"attachments/{attachment_id}", "policy": "signed"}
    upload = {"url": f"{server.http_url}{BUCKET}", "fields": fields}
    return 201, {"attachment_id": attachment_id, "upload": upload, "expires_in": 600}


async def test_a_file_is_uploaded_and_its_id_is_sent_with_a_prompt(
    server: FakeServer, tmp_path: Path
) -> None:
    file = tmp_path / "Otter ü.PNG"
    file.write_text("png")
    async with ClientRecorder(server).client as client:
        attached = await client.chats.attach("otters", file)
        await client.generate("otters", "What is this?", attachments=[attached], response_format=FORMAT)

    asked = {"name": "Otter ü.PNG", "media_type": "image/png", "size": 3, "key": None}
    assert server.requests_to(OFFERS) == [asked]
    [form] = server.requests_to(BUCKET)
    assert (form["key"], form["policy"]) == (None, "signed")
    assert form["file"][1:] == ["image/png", "png"]
    [prompt] = server.requests_to(PROMPTS)
    assert (prompt["attachments"], prompt["response_format"]) == (["a1"], FORMAT)


@pytest.mark.parametrize(
    ("name", "media_type", "expected"),
    [
        ("notes.md", None, "text/markdown"),
        ("photo.JPG", None, "image/jpeg"),
        ("photo.webp", None, "image/webp"),
        (None, "text/plain", "text/plain"),
        ("table.csv", "text/plain", "text/plain"),
    ],
)
async def test_the_type_is_what_is_given_or_what_the_name_ends_on(
    server: FakeServer, name: str | None, media_type: str | None, expected: str
) -> None:
    async with ClientRecorder(server).client as client:
        await client.chats.attach("otters", b"x", name=name, media_type=media_type)

    [asked] = server.requests_to(OFFERS)
    assert (asked["name"], asked["media_type"]) == (name or "file", expected)


@pytest.mark.parametrize("content", [b"x", "otter.png", None])
async def test_a_file_of_no_known_kind_is_refused_before_anything_is_asked(
    server: FakeServer, content: Any
) -> None:
    async with ClientRecorder(server).client as client:
        with pytest.raises(Misused):
            await client.chats.attach("otters", content)

    assert server.requests_to(OFFERS) == []


async def test_an_upload_is_tried_again_with_a_new_form(server: FakeServer) -> None:
    server.upload_replies = [(503, {}), (500, {})]
    async with ClientRecorder(server).client as client:
        attached = await client.chats.attach("otters", b"x", name="a.txt")

    assert attached == "a3"
    assert len(server.requests_to(BUCKET)) == 3


async def test_what_the_bucket_refuses_is_an_error_that_says_why(server: FakeServer) -> None:
    server.upload_replies = [(400, {"xml": "<Code>EntityTooLarge</Code><Message>Too much.</Message>"})]
    async with ClientRecorder(server).client as client:
        with pytest.raises(Refused) as refused:
            await client.chats.attach("otters", b"x", name="a.txt")

    assert str(refused.value) == "The upload of a.txt was refused (EntityTooLarge: Too much.)."
    assert (refused.value.code, refused.value.status) == ("upload_refused", 400)
    assert len(server.requests_to(OFFERS)) == 1


async def test_what_the_server_refuses_names_the_field(server: FakeServer) -> None:
    errors = [{"field": "size", "message": "Input should be at most 10"}]
    server.route = lambda *_: problem(422, "invalid", errors=errors)
    async with ClientRecorder(server).client as client:
        with pytest.raises(Refused) as refused:
            await client.chats.attach("otters", b"x" * 11, name="a.txt")

    assert refused.value.errors == errors
    assert server.requests_to(BUCKET) == []


async def test_a_client_without_asyncio_uploads_too(server: FakeServer) -> None:
    def attach() -> str:
        with SyncFrameStreamClient(server.http_url, "good", user_id="u1", origin="http://app") as client:
            attached = client.chats.attach("otters", b"x", name="a.txt")
            client.conversation("otters").ask("Otters?", attachments=[attached])
            return attached

    chats = FakeChats()
    server.route = lambda method, path, content: offered(server, path) or chats.answer(method, path, content)

    assert await asyncio.to_thread(attach) == "a1"
    assert server.requests_to(PROMPTS)[0]["attachments"] == ["a1"]


SHOWN: dict[str, Any] = {
    "attachment_id": "a1",
    "name": "otter.png",
    "media_type": "image/png",
    "size": 3,
    "url": "https://bucket.example/a1?X-Amz-Signature=canary",
    "expires_in": 300,
}


async def test_an_attachment_is_described_with_an_address_that_is_not_printed(server: FakeServer) -> None:
    server.route = lambda *_: (200, {**SHOWN, "later": 1})
    async with ClientRecorder(server).client as client:
        shown = await client.chats.attachment("otters", "a1")

    assert shown == Attachment(**SHOWN)
    assert "canary" not in repr(shown)
    assert len(server.requests_to(f"{OFFERS}/a1")) == 1


async def test_a_client_without_asyncio_is_given_an_address_too(server: FakeServer) -> None:
    def show() -> Attachment:
        with SyncFrameStreamClient(server.http_url, "good", user_id="u1", origin="http://app") as client:
            return client.chats.attachment("otters", "a1")

    server.route = lambda *_: (200, SHOWN)

    assert await asyncio.to_thread(show) == Attachment(**SHOWN)


async def test_a_question_keeps_its_attachments_when_it_is_edited(server: FakeServer) -> None:
    chats = FakeChats()
    server.route = chats.answer
    async with ClientRecorder(server).client as client:
        conversation = await client.conversation("otters")
        await conversation.ask("What is this?", attachments=["a1"], response_format=FORMAT)
        await conversation.edit(question_of(conversation.path), "And who?", on_busy="queue")
        await conversation.edit(question_of(conversation.path), "And?", attachments=[], on_busy="queue")

    sent = server.requests_to(PROMPTS)
    assert [each["attachments"] for each in sent] == [["a1"], ["a1"], []]
    assert ["response_format" in each for each in sent] == [True, False, False]


def question_of(path: tuple[ChatMessage, ...]) -> str:
    return next(each.message_id for each in path if each.role == "user")
