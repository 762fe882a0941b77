"""A chat after its messages, in every order and with any of them lost: it ends as the server has it."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain, groupby
from random import Random
from typing import Any

import pytest

from framestream import ChatState
from framestream.chat_records import History, history_from
from framestream.chat_state import advance, answer_from, catch_up
from framestream.progress import Progress
from framestream.progress import advance as advance_answer
from functions.shared.chats import heads
from tests.support.fake_chat_server import FakeChat, FakeChats

Json = dict[str, Any]
CHAT = "otters"


def read(chats: FakeChats, since: int = 0) -> History:
    reply = chats.answer("GET", f"/api/chat/chats/{CHAT}/messages", {"since": since, "limit": 10**6})
    assert reply
    return history_from(reply[1])


class Device:
    """A client of the chat: its state, the answers that it follows, and how often it had to read."""

    def __init__(self, chats: FakeChats) -> None:
        self.chats = chats
        self.state = ChatState()
        self.answers: dict[str, Progress] = {}
        self.reads = 0

    def hear(self, message: Json) -> None:
        generation_id = message["generation_id"]
        if message["type"] != "chat_message":
            progress = self.answers.get(generation_id, Progress())
            self.answers[generation_id], _ = advance_answer(progress, message)
        progress = self.answers.get(generation_id, Progress())
        answer = answer_from(generation_id, progress) if progress.has_ended else None
        state = advance(self.state, message, answer)
        if state is None:
            self.read()
        else:
            self.state = state

    def read(self) -> None:
        self.reads += 1
        if CHAT in self.chats.chats:
            self.state = catch_up(self.state, read(self.chats, self.state.version))
        else:
            self.state = ChatState(is_deleted=True)


def told_together(messages: list[Json]) -> list[list[Json]]:
    """The messages as they may come apart: those of one answer come in order, or not at all."""
    return [list(group) for _, group in groupby(messages, key=lambda each: each["type"] == "chat_message")]


def as_the_server_has_it(state: ChatState, chat: FakeChat) -> bool:
    texts = {each["message_id"]: (each["parent_id"], each["text"]) for each in chat.messages}
    mine = {each.message_id: (each.parent_id, each.text) for each in state.messages.values()}
    waiting = [(each.generation_id, each.prompt) for each in state.queue.waiting]
    return (
        (state.version, state.title, state.leaf_id, state.running)
        == (chat.version, chat.title, chat.leaf_id, chat.running)
        and mine == texts
        and waiting == [(each["generation_id"], each["prompt"]) for each in chat.waiting]
        and state.queue.is_paused == chat.is_paused
    )


ACTIONS = ("ask", "ask", "interrupt", "end", "end", "regenerate", "title", "edit", "unqueue", "resume")


def act(chat: FakeChat, random: Random) -> None:
    """Let some user do something."""
    answers = [each["message_id"] for each in chat.messages if each["role"] == "assistant"]
    match random.choice(ACTIONS):
        case "ask":
            parent = None if chat.running else random.choice([None, "root", *answers])
            chat.ask(f"Question {chat.version}?", parent_id=parent, queue=True)
        case "interrupt" if chat.running:
            chat.ask(f"First {chat.version}?", interrupt=True)
        case "end" if chat.running:
            chat.end(f"Answer {chat.version}.", random.choice(["completed", "cancelled"]))
        case "regenerate" if answers and not chat.running:
            chat.regenerate(random.choice(answers))
        case "title":
            chat.title = f"Title {chat.version}"
            chat.changed("title", title=chat.title)
        case "edit" if chat.waiting:
            chat.waiting[-1]["prompt"] += "!"
            last = chat.waiting[-1]
            chat.changed("queue_edited", generation_id=last["generation_id"], text=last["prompt"])
        case "unqueue" if chat.waiting:
            left = chat.waiting.pop(0)
            chat.is_paused = chat.is_paused and bool(chat.waiting)
            chat.changed("unqueued", generation_id=left["generation_id"])
        case "resume" if chat.is_paused:
            chat.is_paused = False
            chat.changed("queue_resumed")


@pytest.mark.parametrize("seed", range(20))
def test_two_devices_and_a_late_one_end_as_the_server_has_it(seed: int) -> None:
    random, chats = Random(seed), FakeChats()  # noqa: S311
    chat = chats.chat(CHAT)
    lossless, lossy = Device(chats), Device(chats)
    for _ in range(100):
        act(chat, random)
        for message in chats.told:
            lossless.hear(message)
        news = told_together(chats.told)
        random.shuffle(news)
        for message in chain.from_iterable(each for each in news if random.random() < 0.8):
            lossy.hear(message)
        chats.told.clear()

    late = Device(chats)
    for device in (lossy, late):
        device.read()
    for device in (lossless, lossy, late):
        assert as_the_server_has_it(device.state, chat)
    assert lossy.reads > 1


def test_a_device_that_misses_nothing_reads_nothing() -> None:
    chats = FakeChats()
    chat, device = chats.chat(CHAT), Device(chats)
    chat.ask("One?")
    chat.ask("Two?", queue=True)
    chat.end("1.")
    chat.end("2.")
    chat.regenerate(str(chat.leaf_id))
    chat.end("2, again.")
    for message in chats.told:
        device.hear(message)

    assert as_the_server_has_it(device.state, chat)
    assert device.reads == 0
    assert [each.text for each in device.state.path()] == ["One?", "1.", "Two?", "2, again."]
    assert [each.text for each in device.state.siblings(str(chat.leaf_id))] == ["2.", "2, again."]


def test_ten_missed_changes_are_read_at_once() -> None:
    chats = FakeChats()
    chat, device = chats.chat(CHAT), Device(chats)
    for number in range(10):
        chat.ask(f"{number}?")
        chat.end(f"{number}.")
    device.hear(chats.told[-1])

    assert as_the_server_has_it(device.state, chat)
    for message in chats.told:
        device.hear(message)
    assert device.reads == 1


@pytest.mark.parametrize("prompt", ["What is this?", "  two\nlines\u2028and\tmore ", "long " * 40, "é" * 81])
def test_a_chat_has_its_title_from_its_first_question(prompt: str) -> None:
    chats = FakeChats()
    chat, device = chats.chat(CHAT), Device(chats)
    chat.ask(prompt)
    device.hear({**chats.told[0], "title": None})

    assert device.state.title == heads.title_of(prompt)
    assert device.reads == 0


def test_a_question_is_heard_with_what_it_was_asked_with() -> None:
    chats = FakeChats()
    chat, device = chats.chat(CHAT), Device(chats)
    chat.ask("What is this?")
    device.hear({**chats.told[0], "attachments": ["a1"]})

    assert [each.attachments for each in device.state.path()] == [("a1",)]
    assert device.reads == 0


def test_a_prompt_that_does_not_fit_into_a_message_is_read() -> None:
    chats = FakeChats()
    chat, device = chats.chat(CHAT), Device(chats)
    chat.text_fits = False
    chat.ask("A very long question?")
    device.hear(chats.told[0])

    assert [each.text for each in device.state.path()] == ["A very long question?"]
    assert device.reads == 1


def test_a_cancelled_answer_before_waiting_prompts_is_read_because_it_may_pause_them() -> None:
    chats = FakeChats()
    chat, device = chats.chat(CHAT), Device(chats)
    chat.ask("One?")
    chat.ask("Two?", queue=True)
    chat.end("1", "cancelled")
    for message in chats.told:
        device.hear(message)

    assert device.state.queue.is_paused
    assert device.reads == 1


@pytest.mark.parametrize("status", ["cancelled", "failed"])
def test_an_answer_that_is_not_complete_is_read_because_only_its_record_knows_all_of_it(status: str) -> None:
    """Its last pieces may have been lost unnoticed, and nothing tells its model, usage and cost."""
    chats = FakeChats()
    chat, device = chats.chat(CHAT), Device(chats)
    chat.ask("One?")
    chat.end("All that came.", status)
    for message in chats.told:
        device.hear(message)

    assert device.state == replace(catch_up(ChatState(), read(chats)), prompt_id=device.state.prompt_id)
    assert device.reads == 1


def test_a_deleted_chat_is_empty_and_may_begin_anew() -> None:
    chats = FakeChats()
    device = Device(chats)
    chats.chat(CHAT).ask("One?")
    chats.delete(CHAT)
    for message in chats.told:
        device.hear(message)

    assert device.state == ChatState(is_deleted=True)

    chats.told.clear()
    chats.chat(CHAT).ask("Again?")
    device.hear(chats.told[0])

    assert [each.text for each in device.state.path()] == ["Again?"]
    assert not device.state.is_deleted


@pytest.mark.parametrize(
    "message",
    [
        {"type": "chat_message", "event": "an_event_of_a_later_release", "version": 1},
        {"type": "chat_message", "event": "prompt", "version": 1, "text": "no id"},
    ],
)
def test_what_is_not_understood_is_read(message: Json) -> None:
    assert advance(ChatState(), message) is None


@pytest.mark.parametrize("version", [None, True, "1", 0, -1])
def test_a_version_that_is_none_changes_nothing(version: object) -> None:
    state = ChatState()

    assert advance(state, {"type": "chat_message", "event": "title", "version": version}) is state


def test_what_interrupts_is_first_in_the_queue_and_lets_it_go_on() -> None:
    chats = FakeChats()
    chat, device = chats.chat(CHAT), Device(chats)
    chat.ask("One?")
    for prompt in ("Two?", "Three?"):
        chat.ask(prompt, queue=True)
    for message in chats.told:
        device.hear(message)
    device.state = replace(device.state, queue=replace(device.state.queue, is_paused=True))
    chat.ask("Four?", queue=True)
    device.hear(chats.told[-1])
    assert device.state.queue.is_paused
    chat.ask("Now!", interrupt=True)
    device.hear(chats.told[-1])

    assert [each.prompt for each in device.state.queue.waiting] == ["Now!", "Two?", "Three?", "Four?"]
    assert not device.state.queue.is_paused
    assert device.reads == 0


def test_where_a_former_release_put_a_prompt_is_read() -> None:
    chats = FakeChats()
    chat, device = chats.chat(CHAT), Device(chats)
    chat.ask("One?")
    chat.ask("Two?", queue=True)
    chat.ask("Now!", interrupt=True)
    for message in chats.told:
        message.pop("position", None)
        device.hear(message)

    assert as_the_server_has_it(device.state, chat)
    assert device.reads == 1
