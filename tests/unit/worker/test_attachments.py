"""Which files a model is given: the prompt's own, and those of the turns before it, as far as they fit."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from functions.shared.attachments.model import TOKENS, Attachment
from functions.shared.errors import Unavailable
from functions.shared.generations.model import Generation
from functions.worker import attachments
from functions.worker.attached_file import GONE
from functions.worker.attachments import MOST_FILES, Attachments
from functions.worker.context import Context, History, PastTurn
from functions.worker.context_fitting import ContextFitting
from functions.worker.conversation import Conversation
from functions.worker.file_room import FileRoom
from functions.worker.memory import Memory, Question
from tests.support.fake_chats import FakeChat
from tests.unit.worker.builders import NOON, generation, worker_options


@dataclass
class FakeArchive:
    """Attachments by their ids."""

    contents: dict[str, bytes] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)
    is_away: bool = False
    read: list[str] = field(default_factory=list)

    def find(self, generation: Generation, attachment_id: str) -> Attachment | None:
        if attachment_id not in self.contents:
            return None
        return Attachment(
            attachment_id=attachment_id,
            user_id=generation.user_id,
            chat_id=generation.chat_id,
            name=f"{attachment_id}.png",
            media_type="image/png",
            size=len(self.contents[attachment_id]),
            created_at=NOON,
            expires_at=NOON,
        )

    def content(self, attachment: Attachment) -> bytes | None:
        if self.is_away:
            raise Unavailable("s3_503")
        self.read.append(attachment.attachment_id)
        return None if attachment.attachment_id in self.lost else self.contents[attachment.attachment_id]


def turn(number: int, *ids: str) -> PastTurn:
    return PastTurn(
        number=number,
        answer_number=number + 1,
        answer_id=f"a{number}",
        question=f"question {number}",
        answer="answer",
        attachments=ids,
    )


def context(*ids: str, turns: tuple[PastTurn, ...] = ()) -> Context:
    return Context(prompt="What is this?", attachments=ids, history=History(turns=turns))


async def given(archive: FakeArchive, asked: Context) -> Conversation:
    return (await Attachments(archive, FileRoom(1000)).given(generation(), asked)).conversation


def names(conversation: Conversation) -> list[list[str]]:
    return [[file.name for file in message.files] for message in conversation.said()]


async def test_a_prompt_is_sent_with_its_files_and_earlier_turns_with_theirs() -> None:
    archive = FakeArchive({"a": b"1", "b": b"2", "c": b"3"})

    conversation = await given(archive, context("a", "b", turns=(turn(1, "c"), turn(3))))

    assert names(conversation) == [["c.png"], [], [], [], ["a.png", "b.png"]]
    assert conversation.prompt == "What is this?"


async def test_what_is_gone_is_said_and_the_others_are_sent() -> None:
    archive = FakeArchive({"a": b"1", "b": b"2"}, lost={"b"})

    conversation = await given(archive, context("a", "b", "c"))

    assert names(conversation) == [["a.png"]]
    assert conversation.prompt == f"What is this?\n\n{GONE}\n\n{GONE}"


async def test_the_newest_files_come_first_if_not_all_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "MOST_BYTES", 5)
    archive = FakeArchive({"old": b"12", "new": b"34", "own": b"56"})

    conversation = await given(archive, context("own", turns=(turn(1, "old"), turn(3, "new"))))

    assert names(conversation) == [[], [], ["new.png"], [], ["own.png"]]
    assert conversation.turns[0].question == f"question 1\n\n{GONE}"
    assert archive.read == ["own", "new"]


async def test_a_file_that_is_named_again_is_read_once() -> None:
    archive = FakeArchive({"a": b"1"})

    conversation = await given(archive, context("a", turns=(turn(1, "a"),)))

    assert names(conversation) == [["a.png"], [], ["a.png"]]
    assert archive.read == ["a"]


async def test_no_more_are_read_than_a_request_may_have() -> None:
    archive = FakeArchive({f"{n}": b"1" for n in range(30)})

    await given(archive, context(*map(str, range(30))))

    assert len(archive.read) == MOST_FILES


async def test_an_outage_is_another_delivery_and_no_answer_without_its_image() -> None:
    with pytest.raises(Unavailable):
        await given(FakeArchive({"a": b"1"}, is_away=True), context("a"))


async def test_a_prompt_that_stands_alone_has_its_files_too() -> None:
    memory = Memory(
        prompt=lambda _: "What is this?",
        chats=FakeChat(),
        options=worker_options(context_tokens=0),
        attachments=Attachments(FakeArchive({"a": b"1"}), FileRoom(1000)),
    )

    found = await memory.context(generation(attachments=("a",)), Question("What is this?"))

    assert names(found.conversation) == [["a.png"]]


def test_files_take_room_in_the_conversation() -> None:
    fitting = ContextFitting(worker_options(context_tokens=TOKENS * 4))
    history = History(turns=(turn(1, "a"), turn(3, "b")))

    assert fitting.whole(history, "Well?", number=5).tokens > 2 * TOKENS
    assert fitting.fits(context())
    assert not fitting.fits(context("a", "b", "c", "d"))


async def test_files_are_read_once_there_is_room_for_all_of_a_prompt_s() -> None:
    archive = FakeArchive({"a": b"123", "b": b"456"})
    attachments, ends = Attachments(archive, FileRoom(6)), asyncio.Event()

    async def answer(*ids: str) -> None:
        await attachments.given(generation(), context(*ids))
        await ends.wait()

    first = asyncio.create_task(answer("a", "b"))
    while len(archive.read) < 2:
        await asyncio.sleep(0.001)
    second = asyncio.create_task(answer("a"))
    await asyncio.sleep(0.05)
    read = list(archive.read)
    ends.set()
    await asyncio.gather(first, second)

    assert (read, archive.read) == (["a", "b"], ["a", "b", "a"])
