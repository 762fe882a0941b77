"""What the files of all answers may take of a worker's memory: which of them waits, and until when."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from functions.worker.file_room import MB, FileRoom, file_room

pytestmark = pytest.mark.virtual_time


@dataclass
class Answers:
    """Answers with files; each lasts until it is told to end."""

    room: FileRoom = field(default_factory=lambda: FileRoom(10))
    begun: list[str] = field(default_factory=list)
    tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    async def begin(self, name: str, size: int, *, fails: bool = False) -> None:
        async def answer() -> None:
            await self.room.take(size, task())
            self.begun.append(name)
            if fails:
                raise ValueError(name)
            await asyncio.Event().wait()

        def task() -> asyncio.Task[None]:
            return self.tasks[name]

        self.tasks[name] = asyncio.create_task(answer())
        await asyncio.sleep(1)

    async def end(self, *names: str) -> None:
        for name in names:
            self.tasks[name].cancel()
        await asyncio.wait([self.tasks[name] for name in names])
        await asyncio.sleep(1)

    async def end_all(self) -> None:
        await self.end(*self.tasks)


async def test_answers_take_room_side_by_side_as_long_as_there_is_some() -> None:
    answers = Answers()

    for name, size in (("a", 4), ("b", 6), ("c", 0), ("d", 1)):
        await answers.begin(name, size)

    assert answers.begun == ["a", "b", "c"]
    await answers.end_all()


async def test_one_that_waits_begins_when_another_one_has_ended() -> None:
    answers = Answers()
    await answers.begin("a", 4)
    await answers.begin("b", 6)
    await answers.begin("c", 5)

    await answers.end("a")
    assert answers.begun == ["a", "b"]
    await answers.end("b")

    assert answers.begun == ["a", "b", "c"]
    await answers.end_all()


async def test_a_small_one_does_not_pass_a_large_one_that_waits() -> None:
    answers = Answers()
    await answers.begin("a", 8)
    await answers.begin("large", 9)
    await answers.begin("small", 1)
    assert answers.begun == ["a"]

    await answers.end("a")

    assert answers.begun == ["a", "large", "small"]
    await answers.end_all()


async def test_what_is_larger_than_all_has_all_for_itself() -> None:
    answers = Answers()
    await answers.begin("a", 1)
    await answers.begin("huge", 1000)
    assert answers.begun == ["a"]

    await answers.end("a")
    await answers.begin("b", 1)

    assert answers.begun == ["a", "huge"]
    await answers.end("huge")
    assert answers.begun == ["a", "huge", "b"]
    await answers.end_all()


async def test_one_that_is_stopped_while_it_waits_leaves_the_room_to_the_next() -> None:
    answers = Answers()
    await answers.begin("a", 8)
    await answers.begin("stopped", 9)
    await answers.begin("b", 2)

    await answers.end("stopped")

    assert answers.begun == ["a", "b"]
    await answers.end_all()


async def test_an_answer_that_fails_gives_its_room_back() -> None:
    answers = Answers()
    await answers.begin("failing", 10, fails=True)
    await answers.begin("b", 10)

    assert answers.begun == ["failing", "b"]
    assert isinstance(answers.tasks["failing"].exception(), ValueError)
    await answers.end_all()


@pytest.mark.parametrize(("chosen", "size"), [(0, 176), (64, 64)])
def test_the_room_is_a_tenth_of_the_memory_unless_it_is_chosen(chosen: int, size: int) -> None:
    assert file_room(chosen, memory_mb=1769).size == size * MB
