"""A conversation in a terminal: what is typed is asked or is a command, and what others asked is shown.

The first Ctrl-C during an answer cancels it. End of input ends the session.
"""

from __future__ import annotations

import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from framestream.chat_records import USER
from framestream.errors import FrameStreamError, Misused
from framestream.terminal.following import follow, printable
from framestream.terminal.listings import chat_line, usage_lines

if TYPE_CHECKING:
    from collections.abc import Callable

    from framestream.chat_records import Chat, ChatMessage
    from framestream.conversation import AskOptions
    from framestream.sync import SyncFrameStreamClient
    from framestream.sync_chats import SyncConversation
    from framestream.sync_generation import SyncGeneration
    from framestream.terminal.following import Presenter

SHOWN = 20
"""Messages of a chat that are shown when it is opened."""
LISTED = 20
HELP = """\
/chats            list your chats           /open NUMBER|ID   go to one of them
/new [ID]         begin a chat              /title TEXT       rename this one
/edit [N] TEXT    ask question N anew, by default the last one
/again            have the last question answered once more
/queue TEXT       ask once the running answer has ended
/history          show this chat            /usage            what is used of your budget
/delete yes       delete this chat          /quit             leave
//TEXT            ask something that begins with a /"""


@dataclass(kw_only=True)
class Session:
    """The chat that is open, and what of it was shown."""

    client: SyncFrameStreamClient
    chat_id: str
    presenter: Callable[[], Presenter]
    model: str | None = None
    timeout: float | None = None
    read: Callable[[str], str] = input
    write: Callable[[str], object] = print
    conversation: SyncConversation = field(init=False)
    _shown: set[str] = field(default_factory=set)
    _listed: list[Chat] = field(default_factory=list)

    def run(self) -> None:
        """Talk until the input ends.

        Raises:
            FrameStreamError: If the server refuses this user.
        """
        self._open(self.chat_id)
        with suppress(EOFError):
            while self._goes_on(self.read("> ").strip()):
                pass

    def _goes_on(self, line: str) -> bool:
        """Do what was typed. Failures end what was asked, and not the session."""
        if line == "/quit":
            return False
        self._show_new()
        try:
            if line:
                self._do(line)
        except (FrameStreamError, TimeoutError) as error:
            self.write(f"{error} ({error.code})" if isinstance(error, FrameStreamError) else str(error))
        except KeyboardInterrupt:
            pass  # The answer was cancelled.
        return True

    def _do(self, line: str) -> None:
        if not line.startswith("/") or line.startswith("//"):
            self._follow(self.conversation.ask(line.removeprefix("/"), **self._options))
            return
        word, _, rest = line[1:].partition(" ")
        command = COMMANDS.get(word)
        if command is None:
            self.write(HELP)
        else:
            command(self, rest.strip())

    @property
    def _options(self) -> AskOptions:
        return {"model": self.model, "timeout": self.timeout}

    # Commands.

    def _chats(self, _rest: str) -> None:
        self._listed = list(self.client.chats.list(limit=LISTED).chats)
        for number, chat in enumerate(self._listed, start=1):
            self.write(chat_line(chat, number))

    def _open_other(self, rest: str) -> None:
        is_number = rest.isdecimal() and 0 < int(rest) <= len(self._listed)
        self._open(self._listed[int(rest) - 1].chat_id if is_number else _needed(rest, "/open NUMBER or ID"))

    def _new(self, rest: str) -> None:
        self._open(rest or str(uuid.uuid4()))

    def _title(self, rest: str) -> None:
        self.client.chats.rename(self.conversation.chat_id, _needed(rest, "/title TEXT"))

    def _edit(self, rest: str) -> None:
        questions = [message for message in self.conversation.path if message.role == USER]
        number, _, text = rest.partition(" ")
        if not number.isdecimal():
            number, text = str(len(questions)), rest
        if not 0 < int(number) <= len(questions):
            raise Misused("There is no such question: /history numbers them.")
        message = questions[int(number) - 1]
        text = _needed(text.strip(), "/edit TEXT or /edit NUMBER TEXT")
        self._follow(self.conversation.edit(message.message_id, text, **self._options))

    def _again(self, _rest: str) -> None:
        self._follow(self.conversation.regenerate(model=self.model))

    def _queue(self, rest: str) -> None:
        text = _needed(rest, "/queue TEXT")
        options: AskOptions = {**self._options, "on_busy": "queue"}
        self._follow(self.conversation.ask(text, **options))

    def _history(self, _rest: str) -> None:
        path = self.conversation.path
        if len(path) > SHOWN:
            self.write(f"... {len(path) - SHOWN} earlier messages")
        first = sum(message.role == USER for message in path[:-SHOWN])
        self._show(path[-SHOWN:], first)

    def _usage(self, _rest: str) -> None:
        for line in usage_lines(self.client.usage()):
            self.write(line)

    def _delete(self, rest: str) -> None:
        if rest != "yes":
            raise Misused("/delete yes deletes this chat with everything in it.")
        self.client.chats.delete(self.conversation.chat_id)
        self._new("")

    # What is shown.

    def _open(self, chat_id: str) -> None:
        conversation = self.client.conversation(chat_id)
        if hasattr(self, "conversation"):
            self.conversation.close()
        self.conversation = conversation
        self._history("")
        if (answer := conversation.answer) is not None:
            self._follow(answer)

    def _follow(self, answer: SyncGeneration) -> None:
        self._shown |= {answer.id, str(answer.accepted.get("message_id"))}
        follow(answer, self.presenter())

    def _show_new(self) -> None:
        """Show what was asked and answered elsewhere meanwhile."""
        number = 0
        for message in self.conversation.path:
            if message.message_id not in self._shown:
                self._show((message,), number)
            number += message.role == USER

    def _show(self, messages: tuple[ChatMessage, ...], number: int) -> None:
        for message in messages:
            self._shown.add(message.message_id)
            if message.role == USER:
                number += 1
                self.write(f"{number}> {_text_of(message)}")
            else:
                self.write(_text_of(message) + _ending_of(message))


def _text_of(message: ChatMessage) -> str:
    return "[too long, or kept no longer]" if message.text is None else printable(message.text)


def _ending_of(message: ChatMessage) -> str:
    return "" if message.status == "completed" else f" [{message.error or message.status}]"


def _needed(text: str, how: str) -> str:
    if not text:
        raise Misused(f"Say {how}.")
    return text


COMMANDS: dict[str, Callable[[Session, str], None]] = {
    "chats": Session._chats,
    "open": Session._open_other,
    "new": Session._new,
    "title": Session._title,
    "edit": Session._edit,
    "again": Session._again,
    "queue": Session._queue,
    "history": Session._history,
    "usage": Session._usage,
    "delete": Session._delete,
}
