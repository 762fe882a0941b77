"""A conversation in a terminal: what is typed, and what is seen."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from framestream import SyncFrameStreamClient
from framestream.terminal.__main__ import main
from framestream.terminal.session import Session
from framestream.terminal.silent import Silent
from tests.support.fake_chat_server import FakeChats
from tests.support.fake_server import FakeServer, Reply, problem, serving

USAGE = {
    "day": {
        "used_tokens": 1200,
        "limit_tokens": 5000,
        "used_cost": 1500,
        "resets_at": "2026-11-28T00:00:00Z",
    },
    "month": {"used_tokens": 90000, "limit_tokens": None, "used_cost": 2_000_000, "limit_cost": 5_000_000},
}


@dataclass
class Terminal:
    """A session, and chats that answer every prompt at once."""

    server: FakeServer
    chats: FakeChats = field(default_factory=FakeChats)
    seen: list[str] = field(default_factory=list)
    does_answer: bool = True

    def __post_init__(self) -> None:
        self.server.route = self.reply

    def reply(self, method: str, path: str, content: dict[str, Any]) -> Reply | None:
        if path == "/api/chat/usage":
            return 200, USAGE
        reply = self.chats.answer(method, path, content)
        if reply and reply[0] == 202 and self.does_answer:
            chat = next(chat for chat in self.chats.chats.values() if chat.running)
            [asked] = [each["text"] for each in chat.messages if each["message_id"] == chat.prompt_id]
            text = f"{asked.replace('?', '')}!"
            self.server.state = {"status": "completed", "text": text}
            self.server.loop.call_later(0.01, lambda: asyncio.ensure_future(self.end(chat, text)))
        return reply

    async def end(self, chat: Any, text: str) -> None:
        chat.end(text)
        for message in self.chats.told:
            await self.server.send(**{"kind": message["type"], **message})
        self.chats.told.clear()

    def type(self, *lines: str | Callable[[], None]) -> list[str]:
        """Type these lines, or do these things before the next one; return what is seen after."""
        left = iter(lines)

        def read(_prompt: str) -> str:
            for line in left:
                if isinstance(line, str):
                    self.seen.append(f"[{line}]")
                    return line
                line()
            raise EOFError

        self.seen = []
        client = SyncFrameStreamClient(self.server.http_url, "good", user_id="u1", trust_env=False)
        with client:
            self.session = Session(
                client=client, chat_id="otters", presenter=Silent, read=read, write=self.seen.append
            )
            self.session.run()
        return self.seen

    def until_version(self, version: int) -> None:
        """Wait until the session knows this version of its chat."""
        for _ in range(500):
            if self.session.conversation.state.version >= version:
                return
            time.sleep(0.01)
        raise AssertionError(self.session.conversation.state)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    with serving() as server:
        yield Terminal(server)


def texts(terminal: Terminal, chat_id: str = "otters") -> list[str]:
    return [each["text"] for each in terminal.chats.chat(chat_id).messages]


def test_a_conversation_goes_on_and_is_shown_when_it_is_opened_again(terminal: Terminal) -> None:
    terminal.type("One?", "Two?")

    assert texts(terminal) == ["One?", "One!", "Two?", "Two!"]
    assert terminal.type() == ["1> One?", "One!", "2> Two?", "Two!"]


def test_of_a_long_chat_the_latest_messages_are_shown(terminal: Terminal) -> None:
    chat = terminal.chats.chat("otters")
    for number in range(1, 16):
        chat.ask(f"{number}?")
        chat.end(f"{number}!")

    seen = terminal.type()

    assert seen[:3] == ["... 10 earlier messages", "6> 6?", "6!"]
    assert seen[-2:] == ["15> 15?", "15!"]


def test_questions_are_edited_by_their_number_and_answers_made_again(terminal: Terminal) -> None:
    terminal.type("One?", "Two?", "/edit 1 Uno?", "/edit Eins?", "/again")

    assert texts(terminal)[4:] == ["Uno?", "Uno!", "Eins?", "Eins!", "Eins!"]
    assert terminal.type() == ["1> Eins?", "Eins!"]


def test_chats_are_listed_opened_named_begun_and_deleted(terminal: Terminal) -> None:
    terminal.type("One?", "/title Sea otters", "/new seals", "Seals?")

    seen = terminal.type("/chats", "/open 2", "/delete", "/delete yes")

    assert "Sea otters  [otters]" in seen[3]
    assert seen[5:8] == ["[/open 2]", "1> Seals?", "Seals!"]
    assert "/delete yes deletes this chat" in seen[9]
    assert list(terminal.chats.chats) == ["otters"]


def test_what_is_used_is_shown(terminal: Terminal) -> None:
    assert terminal.type("/usage")[1:] == [
        "day    1,200 tokens of 5,000 tokens, $0.0015, until 2026-11-28T00:00:00Z",
        "month  90,000 tokens, $2.0000 of $5.0000",
    ]


def test_what_was_asked_elsewhere_is_shown_before_the_next_prompt(terminal: Terminal) -> None:
    terminal.type("One?")

    def elsewhere() -> None:
        chat = terminal.chats.chat("otters")
        chat.ask("Elsewhere?")
        asyncio.run_coroutine_threadsafe(terminal.end(chat, "Yes."), terminal.server.loop).result(5)
        terminal.until_version(4)

    seen = terminal.type(elsewhere, "Here?")
    assert seen == ["1> One?", "One!", "[Here?]", "2> Elsewhere?", "Yes."]
    assert texts(terminal) == ["One?", "One!", "Elsewhere?", "Yes.", "Here?", "Here!"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("/help", "/edit [N] TEXT"),
        ("/nonsense", "/edit [N] TEXT"),
        ("/edit 7 What?", "no such question"),
        ("/edit", "no such question"),
        ("/again", "no answer"),
        ("/title", "Say /title TEXT"),
        ("/open", "Say /open NUMBER"),
    ],
)
def test_a_command_that_cannot_be_done_says_how_and_the_session_goes_on(
    terminal: Terminal, line: str, said: str
) -> None:
    seen = terminal.type(line, "One?")

    assert said in seen[1]
    assert texts(terminal) == ["One?", "One!"]


def test_what_begins_with_a_slash_can_be_asked(terminal: Terminal) -> None:
    terminal.type("//etc?", "/quit", "never asked")

    assert texts(terminal) == ["/etc?", "/etc!"]


def test_a_refused_prompt_is_told_and_the_session_goes_on(terminal: Terminal) -> None:
    terminal.server.prompt_replies = [problem(429, "budget_exceeded", detail="Used up.")]

    assert "Used up. (budget_exceeded)" in terminal.type("One?", "Two?")
    assert texts(terminal) == ["Two?", "Two!"]


def test_chats_and_usage_are_commands_too(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    terminal.chats.chat("otters").ask("One?")
    options = ["--url", terminal.server.http_url, "--user", "u1", "--token", "good"]

    assert [main(["chats", *options]), main(["usage", *options])] == [0, 0]

    shown = capsys.readouterr().out
    assert "[otters] (answering)" in shown
    assert "1,200 tokens of 5,000 tokens" in shown
