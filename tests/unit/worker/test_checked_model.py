"""Text that is checked before it is shown: what is seen of it, and when, whatever the check does."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from functions.shared.generations.failures import Failure
from functions.worker.answer_text import AnswerText
from functions.worker.checked_model import CheckedModel
from functions.worker.conversation import Conversation
from functions.worker.model import ModelFailed, Piece
from functions.worker.model_reader import ModelReader
from functions.worker.ports import ContentStopped
from functions.worker.reading import Ending
from tests.support.scripted_model import ALIVE, COUNTS, DONE, FOREVER, REASONING, ScriptedModel, Step, finish
from tests.unit.worker.builders import worker_options

pytestmark = pytest.mark.virtual_time
CUT = ModelFailed(Failure.INCOMPLETE, broke_off=True, worth_retrying=True)


@dataclass
class Checked:
    """An answer whose text is checked, as it is read."""

    steps: list[Step]
    takes: float = 0
    """Seconds that one check takes."""
    forbidden: str = "\0"
    held_back: int = 0
    checks: list[tuple[str, str]] = field(default_factory=list)
    shown: list[tuple[float, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.source = ScriptedModel([self.steps])
        self.answer = AnswerText(attempt=1)

    async def check(self, text: str, before: str) -> None:
        self.checks.append((text, before))
        await asyncio.sleep(self.takes)
        if self.forbidden in before + text:
            raise ContentStopped

    async def read(self) -> Ending:
        model = CheckedModel(model=self.source, check=self.check, held_back=self.held_back)
        reader = ModelReader(model=model, options=worker_options())
        return await reader.read(self.answer, Conversation(prompt="p"), model="m", notify=self.note)

    def note(self) -> None:
        self.shown.append((asyncio.get_running_loop().time(), self.answer.text))

    @property
    def text(self) -> str:
        return self.answer.text


@pytest.mark.parametrize("takes", [0, 0.3, 5])
@pytest.mark.parametrize("held_back", [0, 3, 1000])
async def test_an_answer_is_whole_however_long_checks_take_and_however_much_is_held_back(
    takes: float, held_back: int
) -> None:
    words = [f"word{number} " for number in range(50)]
    steps: list[Step] = [
        ALIVE,
        REASONING,
        *[step for word in words for step in (word, 0.1)],
        finish(),
        COUNTS,
    ]
    checked = Checked([*steps, DONE], takes=takes, held_back=held_back)

    ending = await checked.read()

    assert checked.text == "".join(words)
    assert (ending.finish_reason, ending.usage) == ("stop", COUNTS.usage)
    assert "".join(text for text, _ in checked.checks) == checked.text
    assert all(before == checked.text[: len(before)] for _, before in checked.checks)
    assert checked.source.closed == 1


async def test_text_gathers_while_a_check_is_made() -> None:
    steps: list[Step] = [step for number in range(20) for step in (f"{number} ", 0.1)]
    checked = Checked([*steps, finish()], takes=0.5)

    await checked.read()

    assert len(checked.checks) < 7
    assert checked.shown[-1][0] < 3.5


async def test_each_piece_is_shown_at_once_if_checks_are_quick() -> None:
    words: list[Step] = [step for word in ("Sea ", "otters ", "hold ") for step in (word, 1.0)]
    checked = Checked([*words, finish()])

    await checked.read()

    assert [text for _, text in checked.shown[:3]] == ["Sea ", "Sea otters ", "Sea otters hold "]
    assert [round(when - checked.shown[0][0]) for when, _ in checked.shown[:3]] == [0, 1, 2]


@pytest.mark.parametrize("takes", [0, 0.3])
@pytest.mark.parametrize(
    "steps",
    [
        ["All is well. ", 1, "dyna", 1, "mite", 1, " is", finish(), DONE],
        ["All is well. ", 1, "dynamite", finish(), DONE],
        ["All is well. ", 1, finish(text="dynamite"), DONE],
        ["All is well. ", 1, finish(text="All is well. "), finish(text="dynamite"), DONE],
        ["All is well. ", 1, "dynamite", CUT],
        ["All is well. ", 1, *"dynamite and more"],
    ],
    ids=["by halves", "before the end", "with the end", "after a last word", "before a cut", "letters"],
)
async def test_what_a_check_stops_is_not_shown_not_even_by_half(steps: list[Step], takes: float) -> None:
    checked = Checked(steps, takes=takes, forbidden="dynamite", held_back=8)

    with pytest.raises(ModelFailed) as failed:
        await checked.read()

    assert failed.value.failure is Failure.CONTENT_FILTERED
    assert not failed.value.worth_retrying
    assert "d" not in checked.text
    assert "All is well. ".startswith(checked.text[:13])
    assert checked.source.closed == 1


async def test_a_last_word_on_every_piece_changes_nothing() -> None:
    checked = Checked([finish(text="Sea "), finish(text="otters"), finish(), DONE], held_back=5)

    ending = await checked.read()

    assert (checked.text, ending.finish_reason) == ("Sea otters", "stop")


async def test_text_before_a_cut_is_shown_and_the_cut_is_told() -> None:
    checked = Checked(["Sea ", "ott", CUT], takes=0.3, held_back=100)

    with pytest.raises(ModelFailed) as failed:
        await checked.read()

    assert failed.value is CUT
    assert checked.text == "Sea ott"


async def test_a_model_whose_text_is_held_back_has_begun() -> None:
    slow: list[Step] = ["a", 20.0] * 10
    checked = Checked([*slow, finish()], held_back=1000)

    await checked.read()  # 200 seconds, of which each 60 would be too long for a model that has not begun.

    assert checked.text == "a" * 10


async def test_half_a_character_is_checked_with_its_other_half() -> None:
    checked = Checked(["otter \ud83e", 1, "\udda6!", finish()])

    await checked.read()

    assert checked.text == "otter 🦦!"
    assert checked.checks == [("otter ", ""), ("🦦!", "otter ")]


async def test_an_answer_that_is_no_longer_read_ends_its_check_and_its_model() -> None:
    checked = Checked(["Sea ", FOREVER], takes=FOREVER)
    reading = asyncio.create_task(checked.read())
    await asyncio.sleep(1)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)

    assert checked.source.closed == 1
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert checked.text == ""


async def test_what_is_no_text_passes_unchecked() -> None:
    counted = Piece(usage=COUNTS.usage)
    checked = Checked([REASONING, ALIVE, "Sea", counted, finish()])

    ending = await checked.read()

    assert ending.usage == COUNTS.usage
    assert checked.checks == [("Sea", "")]
