"""When a stream is whole, when it is not, and how long it is waited for."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest

from functions.shared.errors import Unavailable
from functions.shared.generations.failures import Failure
from functions.shared.generations.model import Usage
from functions.worker.answer_text import AnswerText
from functions.worker.conversation import Conversation
from functions.worker.model import ModelFailed, Piece
from functions.worker.model_reader import CLOSING, ModelReader
from functions.worker.reading import AFTERWORD, Ending
from tests.support.scripted_model import (
    ALIVE,
    COUNTS,
    DONE,
    FOREVER,
    REASONING,
    ScriptedModel,
    Step,
    finish,
)
from tests.unit.worker.builders import worker_options

pytestmark = pytest.mark.virtual_time

BEGIN, STALL = 60.0, 30.0
CUT = ModelFailed(Failure.INCOMPLETE, broke_off=True, worth_retrying=True, error="ReadError")
BUSY = ModelFailed(Failure.RATE_LIMITED, broke_off=True, worth_retrying=True, status=429)


@dataclass(frozen=True)
class Read:
    """What became of a stream."""

    text: str
    seconds: float
    ending: Ending | None = None
    failed: ModelFailed | None = None

    @property
    def disposition(self) -> str:
        """The last word, or the failure."""
        if self.ending is not None:
            return self.ending.finish_reason
        assert self.failed is not None
        return self.failed.failure.code


async def read(
    *sequence: Step,
    begin: float = BEGIN,
    stall: float = STALL,
    longest: int = 1000,
    model: ScriptedModel | None = None,
) -> Read:
    answer = AnswerText(attempt=1)
    reader = ModelReader(
        model=model or ScriptedModel([list(sequence)]),
        options=worker_options(
            first_token_timeout_seconds=begin, stall_timeout_seconds=stall, max_answer_characters=longest
        ),
    )
    now = asyncio.get_running_loop().time
    try:
        ending = await reader.read(answer, Conversation(prompt="p"), model="m", notify=lambda: None)
    except ModelFailed as failed:
        return Read(answer.text, now(), failed=failed)
    return Read(answer.text, now(), ending=ending)


def alive(piece: Piece = ALIVE, *, every: float, times: int) -> list[Step]:
    """The same keep-alive again and again."""
    return [step for _ in range(times) for step in (every, piece)]


WHOLE: dict[str, tuple[list[Step], str]] = {
    "as OpenAI sends it": ([ALIVE, "Otters ", "hold.", finish(), COUNTS, DONE], "stop"),
    "without [DONE]": (["Otters ", "hold.", finish()], "stop"),
    "without a finish_reason, but with [DONE]": (["Otters ", "hold.", DONE], "stop"),
    "in one chunk": ([finish(text="Otters hold.")], "stop"),
    "in one chunk, and [DONE]": ([finish(text="Otters hold."), DONE], "stop"),
    "with the reason on the last text": (["Otters ", finish("length", "hold.")], "length"),
    "with a reason on every chunk": (
        [finish("length", "Otters "), finish("length", "hold."), DONE],
        "length",
    ),
    "with a reason on every chunk, and pauses": (
        [finish("length", "Otters "), 2.5, finish("length", "hold"), 29, finish("length", ".")],
        "length",
    ),
    "with a reason on every chunk, and a pause after the first": (
        [finish("length", "Otters "), 20, finish("length", "hold."), DONE],
        "length",
    ),
    "with a reason on every chunk, the greeting too": (
        [finish("stop"), 40, finish("stop", "Otters "), 20, finish("stop", "hold."), DONE],
        "stop",
    ),
    "with text after its reason": (["Otters ", finish(), 2.6, "hold.", 20, finish()], "stop"),
    "with text after its reason, and only [DONE]": (["Otters ", finish(), 2.6, "hold.", DONE], "stop"),
    "with two reasons": (["Otters hold.", finish("stop"), finish("content_filter"), DONE], "content_filter"),
    "with token counts long after": (["Otters hold.", finish(), 4, COUNTS, DONE], "stop"),
    "cut off after its end": (["Otters hold.", finish(), CUT], "stop"),
    "with an error after its end": (["Otters hold.", finish(), BUSY], "stop"),
    "held open after its end": (["Otters hold.", finish(), FOREVER], "stop"),
    "held open after its end, with keep-alives": (
        ["Otters hold.", finish(), *alive(every=1, times=100)],
        "stop",
    ),
    "held open after its only chunk": ([finish(text="Otters hold."), FOREVER], "stop"),
    "filtered in the middle": (["Otters hold.", finish("content_filter"), DONE], "content_filter"),
    "with an unknown word": (["Otters hold.", finish("eos"), DONE], "eos"),
    "after long reasoning": (
        [*alive(REASONING, every=20, times=10), 20, "Otters hold.", finish(), DONE],
        "stop",
    ),
}


@pytest.mark.parametrize(("sequence", "word"), WHOLE.values(), ids=WHOLE)
@pytest.mark.fault(87)
async def test_an_answer_is_whole(sequence: list[Step], word: str) -> None:
    done = await read(*sequence)

    assert (done.disposition, done.text) == (word, "Otters hold.")


BROKEN: dict[str, list[Step]] = {
    "a stream that is cut": ["Otters ", CUT],
    "a stream that just ends": ["Otters "],
    "a cut although a reason was on every chunk": [finish("stop", "Otters "), finish("stop", "hold "), CUT],
    "a cut although the only chunk had a reason": [finish("length", "Otters "), CUT],
    "a cut after text that followed a reason": ["Otters ", finish(), "hold ", CUT],
    "an end after text that followed a reason": ["Otters ", finish(), "hold "],
    "a cut while the model reasons": [REASONING, CUT],
    "an end while the model reasons": [REASONING],
    "no event at all": [],
    "nothing but a greeting": [ALIVE],
}


@pytest.mark.parametrize("sequence", BROKEN.values(), ids=BROKEN)
@pytest.mark.fault(83)
async def test_a_stream_that_breaks_off_is_no_answer(sequence: list[Step]) -> None:
    done = await read(*sequence)

    assert done.disposition == "llm_incomplete"
    assert done.failed is not None
    assert done.failed.broke_off
    assert done.failed.worth_retrying


EMPTY: dict[str, tuple[list[Step], str, bool]] = {
    "that stopped": ([ALIVE, finish(), DONE], "llm_incomplete", False),
    "that stopped after reasoning": ([REASONING, finish()], "llm_incomplete", False),
    "with [DONE] alone": ([DONE], "llm_incomplete", True),
    "whose reasoning took all tokens": ([REASONING, finish("length"), DONE], "llm_incomplete", False),
    "that wants a tool": ([finish("tool_calls"), DONE], "llm_incomplete", False),
    "that was filtered": ([ALIVE, finish("content_filter"), DONE], "content_filtered", False),
    "that was filtered, in Gemini's word": ([ALIVE, finish("SAFETY"), DONE], "content_filtered", False),
    "that was filtered, in GLM's word": ([ALIVE, finish("sensitive"), DONE], "content_filtered", False),
    "that was filtered, in Bedrock's word": (
        [ALIVE, finish("guardrail_intervened"), DONE],
        "content_filtered",
        False,
    ),
    "that has no room": ([ALIVE, finish("model_context_window_exceeded"), DONE], "context_too_long", False),
    "that was filtered, held open": ([finish("content_filter"), FOREVER], "content_filtered", False),
}


@pytest.mark.parametrize(("sequence", "code", "may_help"), EMPTY.values(), ids=EMPTY)
@pytest.mark.fault(83)
async def test_an_answer_without_text_is_a_failure(sequence: list[Step], code: str, may_help: object) -> None:
    done = await read(*sequence)

    assert (done.disposition, done.text) == (code, "")
    assert done.failed is not None
    assert done.failed.worth_retrying is may_help


@pytest.mark.parametrize("said", [[], [ALIVE], [ALIVE, 5, ALIVE]], ids=["nothing", "a greeting", "two"])
@pytest.mark.fault(82)
async def test_a_model_that_does_not_begin_is_timed_out_when_it_should_have_begun(said: list[Step]) -> None:
    done = await read(*said, FOREVER)

    assert (done.disposition, done.seconds) == ("llm_timeout", BEGIN)
    assert done.failed is not None
    assert not done.failed.broke_off


async def test_a_greeting_does_not_shorten_the_time_to_begin() -> None:
    done = await read(ALIVE, 59, "Otters.", finish())

    assert done.disposition == "stop"


async def test_keep_alives_keep_a_model_alive_that_takes_long_to_begin() -> None:
    done = await read(*alive(every=20, times=20), "Otters.", finish())

    assert (done.disposition, done.seconds) == ("stop", 400)


async def test_a_model_that_was_alive_past_its_time_to_begin_is_timed_out_when_it_stalls() -> None:
    done = await read(*alive(every=20, times=4), FOREVER)

    assert (done.disposition, done.seconds) == ("llm_timeout", 80 + STALL)


@pytest.mark.parametrize(("begin", "stall"), [(3, 8), (60, 30), (30, 60)])
@pytest.mark.fault(82)
async def test_each_time_out_is_its_own(begin: float, stall: float) -> None:
    lively = await read(
        begin - 1, "Otters ", stall - 1, "hold.", stall - 1, finish(), begin=begin, stall=stall
    )
    assert (lively.disposition, lively.text) == ("stop", "Otters hold.")


@pytest.mark.parametrize("begun", ["Otters ", REASONING], ids=["text", "reasoning"])
@pytest.mark.parametrize(("begin", "stall"), [(3, 8), (60, 30)])
@pytest.mark.fault(82)
async def test_a_model_that_falls_silent_in_the_middle_is_timed_out_after_the_stall_time_out(
    begun: Step, begin: float, stall: float
) -> None:
    done = await read(1, begun, FOREVER, begin=begin, stall=stall)

    assert (done.disposition, done.seconds) == ("llm_timeout", 1 + stall)
    assert done.failed is not None
    assert done.failed.broke_off


async def test_silence_after_text_that_followed_a_reason_is_no_end() -> None:
    done = await read("Otters ", finish(), 2, finish(text="hold "), FOREVER)

    assert (done.disposition, done.seconds) == ("llm_timeout", 2 + STALL)


@pytest.mark.parametrize("sign", [ALIVE, COUNTS, finish()], ids=["comments", "counts", "the reason again"])
async def test_an_end_that_is_held_open_is_not_waited_for_long(sign: Piece) -> None:
    done = await read("Otters.", finish(), *alive(sign, every=1, times=100))

    assert (done.disposition, done.seconds) == ("stop", AFTERWORD.total_seconds())


async def test_the_token_counts_are_the_last_that_were_told() -> None:
    done = await read("Otters.", Piece(usage=Usage(1, 1, 2)), finish(), COUNTS, ALIVE, DONE)

    assert done.ending == Ending("stop", Usage(7, 4, 11))


@pytest.mark.fault(85)
async def test_an_endless_answer_is_cut_and_its_stream_closed() -> None:
    model = ScriptedModel([["more and more "] * 100])

    done = await read(longest=50, model=model)

    assert (done.disposition, len(done.text), model.closed) == ("length", 50, 1)


class Unexpected(RuntimeError):
    """What no adapter should raise."""


@pytest.mark.parametrize("error", [Unexpected("canary"), TypeError(), KeyError("canary"), RecursionError()])
@pytest.mark.parametrize("before", [[], ["Otters "]], ids=["before text", "after text"])
async def test_whatever_an_adapter_raises_is_a_failure_that_tells_only_its_class(
    error: Exception, before: list[Step]
) -> None:
    done = await read(*before, error)

    assert done.disposition == "internal"
    assert done.failed is not None
    assert done.failed.error == type(error).__name__
    assert "canary" not in str(done.failed)
    assert not done.failed.worth_retrying
    assert not done.failed.broke_off


async def test_a_piece_that_is_none_is_a_failure_too() -> None:
    done = await read(Piece(text=4))  # type: ignore[arg-type]

    assert done.disposition == "internal"


async def test_a_key_that_cannot_be_read_is_worth_another_try() -> None:
    done = await read(Unavailable("AccessDeniedException"))

    assert done.failed is not None
    assert (done.disposition, done.failed.error) == ("internal", "AccessDeniedException")
    assert done.failed.worth_retrying


@pytest.mark.parametrize("trouble", [Unexpected("canary"), FOREVER], ids=["an exception", "hanging"])
async def test_an_answer_is_whole_although_its_stream_does_not_close(trouble: Exception | float) -> None:
    model = ScriptedModel([["Otters.", finish(), DONE]], trouble_closing=trouble)

    done = await read(model=model)

    assert (done.disposition, done.text) == ("stop", "Otters.")
    assert done.seconds <= CLOSING
