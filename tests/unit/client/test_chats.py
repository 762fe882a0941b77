"""Chats, messages and conversations, against a server in this process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from framestream import Misused, Phase, Refused
from framestream.chat_records import ChatMessage
from tests.support.client_recorder import ClientRecorder, until
from tests.support.fake_chat_server import CHATS, FakeChats
from tests.support.fake_server import PROMPTS, FakeServer, fake_server, problem

MESSAGES = f"{CHATS}/otters/messages"


@pytest.fixture
async def server() -> AsyncIterator[FakeServer]:
    async with fake_server() as server:
        yield server


@pytest.fixture
def chats(server: FakeServer) -> FakeChats:
    chats = FakeChats()
    server.route = chats.answer
    return chats


def answered(chats: FakeChats, *questions: str) -> None:
    """Fill the chat with questions and their answers."""
    for question in questions:
        chats.chat("otters").ask(question)
        chats.chat("otters").end(question.replace("?", "."))
    chats.told.clear()


async def tell(server: FakeServer, chats: FakeChats) -> None:
    """Send what the chats have to tell to the sockets."""
    for message in chats.told:
        await server.send(**{"kind": message["type"], **message})
    chats.told.clear()


def texts(path: tuple[ChatMessage, ...]) -> list[str]:
    return [str(message.text) for message in path]


async def test_chats_are_listed_read_renamed_and_deleted(server: FakeServer, chats: FakeChats) -> None:
    answered(chats, "One?", "Two?", "Three?")
    chats.page = 2
    async with ClientRecorder(server).client as client:
        [chat] = (await client.chats.list(limit=5)).chats
        history = await client.chats.messages("otters")
        page = await client.chats.messages("otters", since=3, limit=1)
        renamed = await client.chats.rename("otters", "Sea otters")
        await client.chats.delete("otters")
        with pytest.raises(Refused) as gone:
            await client.chats.messages("otters")

    assert (chat.chat_id, chat.version, chat.waiting) == ("otters", 6, 0)
    assert texts(history.messages) == ["One?", "One.", "Two?", "Two.", "Three?", "Three."]
    assert (texts(page.messages), page.has_more) == (["Two."], True)
    assert renamed.title == "Sea otters"
    assert gone.value.status == 404
    assert server.requests_to(CHATS)[0]["limit"] == "5"


@pytest.mark.parametrize("chat_id", ["a/b", "..", "a b?c#d", "字", "100%"])
async def test_every_chat_id_has_a_path(server: FakeServer, chats: FakeChats, chat_id: str) -> None:
    chats.chat(chat_id).ask("One?")
    async with ClientRecorder(server).client as client:
        history = await client.chats.messages(chat_id)

    assert history.chat.chat_id == chat_id


async def test_deleting_again_after_a_lost_reply_is_no_error(server: FakeServer) -> None:
    replies = [problem(504, "late"), problem(404, "not_found"), problem(404, "not_found")]
    server.route = lambda method, *_: replies.pop(0) if method == "DELETE" else None
    async with ClientRecorder(server).client as client:
        await client.chats.delete("otters")
        with pytest.raises(Refused):
            await client.chats.delete("otters")


async def test_a_prompt_says_what_it_follows_and_what_to_do_if_that_is_old(server: FakeServer) -> None:
    async with ClientRecorder(server).client as client:
        options = {"parent_id": "root", "on_busy": "queue", "on_stale": "reject"}
        await client.generate("otters", "Otters?", idempotency_key="k", **options)  # type: ignore[arg-type]

    prompt = {"user_id": "u1", "chat_id": "otters", "prompt": "Otters?", "key": "k"}
    assert server.requests_to(PROMPTS) == [{**prompt, **options}]


async def test_an_answer_is_made_again_beside_the_former_one(server: FakeServer, chats: FakeChats) -> None:
    answered(chats, "One?")
    former = str(chats.chat("otters").leaf_id)
    async with ClientRecorder(server).client as client:
        again = await client.regenerate(former, model="m", idempotency_key="k")

    path = f"/api/chat/generations/{former}/regenerate"
    assert server.requests_to(path) == [{"user_id": "u1", "model": "m", "key": "k"}]
    assert again.id == chats.chat("otters").running


async def test_what_is_used_of_the_budget_is_asked(server: FakeServer) -> None:
    usage = {"day": {"used_tokens": 7}, "month": {}}
    server.route = lambda _, path, __: (200, usage) if path == "/api/chat/usage" else None
    async with ClientRecorder(server).client as client:
        assert await client.usage() == usage


async def test_a_conversation_continues_on_every_device(server: FakeServer, chats: FakeChats) -> None:
    answered(chats, "One?")
    async with ClientRecorder(server).client as client, ClientRecorder(server).client as other:
        mine, theirs = await client.conversation("otters"), await other.conversation("otters")
        await mine.ask("Two?")
        await tell(server, chats)
        await until(lambda: theirs.answer)
        chats.chat("otters").end("Two.")
        await tell(server, chats)
        await until(lambda: mine.state.version == theirs.state.version == 4)

    assert texts(mine.path) == texts(theirs.path) == ["One?", "One.", "Two?", "Two."]
    assert mine.answer is theirs.answer is None
    assert len(server.requests_to(MESSAGES)) == 2  # One for each, when it was opened.
    assert server.requests_to(PROMPTS)[0]["parent_id"] == chats.chat("otters").messages[1]["message_id"]


async def test_a_conversation_that_missed_something_reads_once(server: FakeServer, chats: FakeChats) -> None:
    async with ClientRecorder(server).client as client:
        conversation = await client.conversation("otters")
        answered(chats, "One?", "Two?", "Three?")
        chats.chat("otters").ask("Four?")
        await tell(server, chats)
        await until(lambda: conversation.state.version == 7)
        chats.chat("otters").end("Four.")
        await tell(server, chats)
        await until(lambda: conversation.state.version == 8)

    assert len(texts(conversation.path)) == 8
    assert [each["since"] for each in server.requests_to(MESSAGES)] == ["0", "0"]


async def test_a_new_socket_is_a_reason_to_read(server: FakeServer, chats: FakeChats) -> None:
    recorder = ClientRecorder(server)
    async with recorder.client as client:
        answered(chats, "One?")
        conversation = await client.conversation("otters")
        server.abort_sockets()
        answered(chats, "Two?")
        await server.wait_for(sockets=2)
        await until(lambda: conversation.state.version == 4)

    assert [each["since"] for each in server.requests_to(MESSAGES)] == ["0", "2"]
    assert recorder.phases.count(Phase.OPEN) == 2


async def test_whatever_a_client_hears_first_after_an_outage_it_reads_the_chat_once(
    server: FakeServer, chats: FakeChats
) -> None:
    """That its answer has ended is read over HTTP; the socket opens a moment later."""
    async with ClientRecorder(server).client as client:
        conversation = await client.conversation("otters")
        answer = await conversation.ask("One?")
        server.ticket_release = asyncio.Event()
        server.abort_sockets()
        chats.chat("otters").end("One.")
        server.state = {"status": "completed", "text": "One."}
        server.requests.clear()
        await answer.result()
        server.ticket_release.set()
        await server.wait_for(sockets=2)
        await until(lambda: conversation.state.version == 2)
        await asyncio.sleep(0.1)

    assert texts(conversation.path) == ["One?", "One."]
    assert len(server.requests_to(MESSAGES)) == 1


async def test_without_a_socket_a_conversation_goes_on(server: FakeServer, chats: FakeChats) -> None:
    server.ticket_replies = [problem(503, 1013)] * 999
    async with ClientRecorder(server).client as client:
        conversation = await client.conversation("otters")
        answer = await conversation.ask("One?")
        asked = conversation.path
        chats.chat("otters").end("One.")
        server.state = {"status": "completed", "text": "One."}
        await answer.result()
        await until(lambda: conversation.answer is None)

    assert (texts(asked), texts(conversation.path)) == (["One?"], ["One?", "One."])


async def test_a_question_is_edited_beside_the_former_one(server: FakeServer, chats: FakeChats) -> None:
    answered(chats, "One?", "Two?")
    async with ClientRecorder(server).client as client:
        conversation = await client.conversation("otters")
        first, answer, second, _ = conversation.path
        await conversation.edit(first.message_id, "Uno?")
        alone = texts(conversation.path)
        siblings = conversation.state.siblings(first.message_id)
        with pytest.raises(Misused, match="Only a question"):
            await conversation.edit(answer.message_id, "?")
        await tell(server, chats)

    assert alone == ["Uno?"]
    assert texts(siblings) == ["One?", "Uno?"]
    assert server.requests_to(PROMPTS)[0]["parent_id"] == "root"
    assert texts(conversation.state.path(second.message_id)) == ["One?", "One.", "Two?"]


async def test_the_latest_answer_is_made_again(server: FakeServer, chats: FakeChats) -> None:
    answered(chats, "One?")
    async with ClientRecorder(server).client as client:
        conversation = await client.conversation("otters")
        answer = await conversation.regenerate()

        assert conversation.answer is answer
        assert texts(conversation.path) == ["One?"]


async def test_in_an_empty_conversation_nothing_can_be_made_again(
    server: FakeServer, chats: FakeChats
) -> None:
    async with ClientRecorder(server).client as client:
        conversation = await client.conversation("otters")

        with pytest.raises(Misused, match="no answer"):
            await conversation.regenerate()


async def test_prompts_that_wait_are_edited_removed_and_resumed(server: FakeServer, chats: FakeChats) -> None:
    async with ClientRecorder(server).client as client:
        conversation = await client.conversation("otters")
        await conversation.ask("One?")
        two = await conversation.ask("Two?", on_busy="queue")
        three = await conversation.ask("Three?", on_busy="queue")
        edited = await client.chats.edit_waiting("otters", two.id, "Two, please?")
        left = await client.chats.remove_waiting("otters", three.id)
        resumed = await client.chats.resume("otters")
        await tell(server, chats)
        await until(lambda: conversation.state.version == 6)

    assert [each.prompt for each in edited.waiting] == ["Two, please?", "Three?"]
    assert left.waiting == resumed.waiting == conversation.state.queue.waiting
    assert [each.prompt for each in left.waiting] == ["Two, please?"]


async def test_a_busy_chat_says_which_answer_runs(server: FakeServer, chats: FakeChats) -> None:
    async with ClientRecorder(server).client as client:
        conversation = await client.conversation("otters")
        running = await conversation.ask("One?")
        with pytest.raises(Refused) as busy:
            await conversation.ask("Two?")

    assert (busy.value.code, busy.value.problem["generation_id"]) == ("busy", running.id)


async def test_a_chat_that_was_deleted_elsewhere_is_empty(server: FakeServer, chats: FakeChats) -> None:
    answered(chats, "One?")
    async with ClientRecorder(server).client as client:
        conversation = await client.conversation("otters")
        chats.delete("otters")
        await tell(server, chats)
        await until(lambda: conversation.state.is_deleted)

    assert conversation.path == ()


async def test_a_chat_that_began_anew_meanwhile_replaces_the_former_one(
    server: FakeServer, chats: FakeChats
) -> None:
    answered(chats, "One?")
    async with ClientRecorder(server).client as client:
        conversation = await client.conversation("otters")
        chats.delete("otters")
        answered(chats, "Another?", "And?")
        await conversation.load()

    assert texts(conversation.path) == ["Another?", "Another.", "And?", "And."]


async def test_a_chat_that_was_only_heard_of_is_read_from_its_start_as_it_may_be_another_one(
    server: FakeServer, chats: FakeChats
) -> None:
    async with ClientRecorder(server).client as client:
        conversation = await client.conversation("otters")
        answered_live = asyncio.create_task(until(lambda: conversation.state.leaf_id))
        chats.chat("otters").ask("One?")
        chats.chat("otters").end("One.")
        await tell(server, chats)
        await answered_live
        chats.delete("otters")
        answered(chats, "Another?", "And?")
        await conversation.load()

    assert texts(conversation.path) == ["Another?", "Another.", "And?", "And."]
    assert "One?" not in texts(tuple(conversation.state.messages.values()))


async def test_changes_are_told_until_the_client_is_closed(server: FakeServer, chats: FakeChats) -> None:
    async with ClientRecorder(server).client as client:
        conversation = await client.conversation("otters")

        async def watch() -> list[int]:
            return [state.version async for state in conversation.changes()]

        watching = asyncio.create_task(watch())
        await asyncio.sleep(0)
        await conversation.ask("One?")
        await asyncio.sleep(0.05)

    assert await watching == [0, 1]


async def test_a_conversation_that_was_closed_does_not_change(server: FakeServer, chats: FakeChats) -> None:
    async with ClientRecorder(server).client as client:
        conversation = await client.conversation("otters")
        conversation.close()
        answered(chats, "One?")
        chats.chat("otters").ask("Two?")
        await tell(server, chats)
        await asyncio.sleep(0.05)

    assert conversation.state.version == 0


@pytest.mark.parametrize("status", [404, 405])
async def test_a_deployment_of_a_former_release_has_empty_conversations(
    server: FakeServer, status: int
) -> None:
    server.route = lambda _, path, __: problem(status, "x") if path.startswith(CHATS) else None
    async with ClientRecorder(server).client as client:
        conversation = await client.conversation("otters")
        await conversation.ask("One?")

    assert conversation.path == ()
    assert "parent_id" not in server.requests_to(PROMPTS)[0]
