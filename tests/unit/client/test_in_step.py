"""A chat is in step with the server after one request, whatever happened while its device was away."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from framestream import Refused
from framestream.chat_state import ChatState, catch_up
from framestream.readiness import PATIENCE
from tests.support.chat_judge import differences
from tests.support.fake_network import FakeNetwork
from tests.support.fake_server import problem

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from framestream import FrameStreamClient
    from framestream.conversation import Conversation
    from tests.support.fake_chat_server import FakeChat

pytestmark = pytest.mark.virtual_time
PLAYS = 30
READ = "GET /api/chat/chats/otters/messages"
ENDS = ["completed", "completed", "failed", "cancelled"]


def ask(chat: FakeChat, chance: Random) -> None:
    chat.ask("Otters?", queue=chance.random() < 0.7, interrupt=chance.random() < 0.2)


def end(chat: FakeChat, chance: Random) -> None:
    if chat.running:
        chat.end("Otters.", chance.choice(ENDS))


def rename(chat: FakeChat, chance: Random) -> None:
    chat.title = f"Otters {chance.random()}"
    chat.changed("title", title=chat.title)


def resume(chat: FakeChat, _: Random) -> None:
    if chat.is_paused:
        chat.is_paused = False
        chat.changed("queue_resumed")


ACTIONS: list[Callable[[FakeChat, Random], None]] = [ask, ask, end, end, rename, resume]


async def others_act(network: FakeNetwork, chat: FakeChat, times: int) -> None:
    for _ in range(times):
        await asyncio.sleep(network.chance.uniform(0, 1.5))
        if chat.running is None or network.chance.random() < 0.8:
            network.chance.choice(ACTIONS)(chat, network.chance)
            network.tell()


async def truth(client: FrameStreamClient) -> ChatState:
    return catch_up(ChatState(), await client.chats.messages("otters"))


async def play(seed: int, patch: pytest.MonkeyPatch) -> list[int]:
    """Go away and come back a few times; how many requests each return took."""
    network = FakeNetwork(seed=seed)
    chance = network.chance
    requests = []
    chat = network.chats.chat("otters")
    ask(chat, chance)
    async with network.client(patch) as client:
        conversation = await client.conversation("otters")
        for _ in range(3):
            await others_act(network, chat, chance.randint(0, 4))
            network.cut()
            await asyncio.sleep(2 * network.slowest)  # Until then a connection may seem to be there.
            await others_act(network, chat, chance.randint(0, 4))
            network.asked.clear()
            network.restore()
            await asyncio.sleep(30)
            requests.append(network.asked.count(READ))
            assert differences(conversation.state, await truth(client)) == []
    return requests


@pytest.mark.parametrize("seed", range(PLAYS))
async def test_coming_back_takes_one_request(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    requests = await play(seed, monkeypatch)

    assert requests == [1, 1, 1]


async def away_with_a_running_answer(
    patch: pytest.MonkeyPatch, *, status: str, away: float, seed: int
) -> tuple[FakeNetwork, ChatState]:
    """Come back when the running answer has ended; reading the chat may have begun without the network."""
    network = FakeNetwork(seed=seed)
    chat = network.chats.chat("otters")
    chat.ask("Otters?")
    async with network.client(patch) as client:
        conversation = await client.conversation("otters")
        network.cut()
        loading = asyncio.create_task(conversation.load()) if seed % 2 else None
        await asyncio.sleep(away)
        chat.end("Otters.", status)
        network.asked.clear()
        network.restore()
        await asyncio.sleep(30)
        assert loading is None or loading.done()
    return network, conversation.state


@pytest.mark.parametrize("status", ["completed", "failed", "cancelled"])
async def test_however_an_answer_ended_meanwhile_its_chat_is_read_once(
    status: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for seed in range(8):
        network, state = await away_with_a_running_answer(monkeypatch, status=status, away=2, seed=seed)

        assert network.asked.count(READ) == 1
        assert [each.status for each in state.path()] == [None, status]


async def test_however_long_a_device_was_away_it_reads_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for tenths in range(7, 67, 2):
        network, _ = await away_with_a_running_answer(
            monkeypatch, status="completed", away=tenths / 10, seed=tenths
        )

        assert network.asked.count(READ) == 1, tenths


async def test_where_no_socket_opens_a_chat_is_read_without_one(monkeypatch: pytest.MonkeyPatch) -> None:
    network = FakeNetwork(seed=1, opens_sockets=False)
    network.chats.chat("otters").ask("Otters?")
    async with network.client(monkeypatch) as client:
        began = asyncio.get_running_loop().time()
        conversation = await client.conversation("otters")
        took = asyncio.get_running_loop().time() - began

    assert texts(conversation) == ["Otters?"]
    assert took < PATIENCE + 2


async def test_a_socket_that_is_held_off_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    network = FakeNetwork(seed=1, refusals=[problem(429, 4429)] * 9)
    network.chats.chat("otters").ask("Otters?")
    async with network.client(monkeypatch) as client:
        began = asyncio.get_running_loop().time()
        conversation = await client.conversation("otters")
        took = asyncio.get_running_loop().time() - began

    assert texts(conversation) == ["Otters?"]
    assert took < 2


@pytest.mark.parametrize("seed", range(8))
async def test_what_was_told_while_a_reading_failed_counts(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = FakeNetwork(seed=seed)
    chat = network.chats.chat("otters")
    chat.ask("Otters?")
    async with network.client(monkeypatch) as client:
        conversation = await client.conversation("otters")
        network.read_refusals = [problem(403, 4003)]
        loading = asyncio.create_task(conversation.load())
        await asyncio.sleep(0)
        rename(chat, network.chance)
        network.tell()
        with pytest.raises(Refused):
            await loading
        await asyncio.sleep(network.slowest)

        assert conversation.state.title == chat.title


def texts(conversation: Conversation) -> list[str | None]:
    return [message.text for message in conversation.path]
