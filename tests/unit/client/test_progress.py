"""An answer, message by message: what is told, once, and when it has ended."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framestream.progress import PartEvent, Piece, Progress, StatusChange, advance, catch_up

Json = dict[str, Any]
TEXT = "Otters 🦦 hold hands."


def status(word: str, attempt: int = 1) -> Json:
    return {"type": "llm_status", "status": word, "message": f"It is {word}.", "attempt": attempt}


def frame(delta: str, offset: int, attempt: int = 1) -> Json:
    content = {"status": "streaming", "delta": delta, "offset": offset, "progress": "indeterminate"}
    return {"type": "llm_frame", "frame": content, "attempt": attempt}


def response(text: str | None, length: int = len(TEXT), attempt: int = 1) -> Json:
    data = {"response": text, "length": length, "model": "m", "finish_reason": "stop", "usage": None}
    return {"type": "llm_response", "data": data, "attempt": attempt}


def stored(text: str = TEXT, word: str = "completed", **fields: Any) -> Json:
    return {"status": word, "attempt": 1, "text": text, "offset": 0, "length": len(text), **fields}


def told(messages: list[Json], progress: Progress | None = None) -> tuple[Progress, list[PartEvent]]:
    """Take in messages; return where that leads, and what was new."""
    progress = progress or Progress()
    all_news: list[PartEvent] = []
    for message in messages:
        progress, news = advance(progress, message)
        all_news += news
    return progress, all_news


def words(events: list[PartEvent]) -> list[str]:
    return [event.status if isinstance(event, StatusChange) else str(event) for event in events]


WHOLE = [
    status("started"),
    status("processing"),
    status("thinking"),
    {"type": "llm_frame", "frame": {"status": "thinking", "message": "…"}, "attempt": 1},
    status("streaming"),
    frame(TEXT[:7], 0),
    frame(TEXT[7:], 7),
    response(TEXT),
    status("completed"),
]


def test_a_whole_answer_yields_its_events_in_order() -> None:
    progress, events = told(WHOLE)

    assert words(events) == [
        "started", "processing", "thinking", "streaming", TEXT[:7], TEXT[7:], "completed",
    ]  # fmt: skip
    assert progress.answer.text == TEXT
    assert progress.has_ended
    nothing = dict.fromkeys(("usage", "cost", "context"))
    assert progress.data == {"model": "m", "finish_reason": "stop", **nothing}


def test_a_second_socket_that_tells_all_again_tells_nothing_new() -> None:
    for point in range(len(WHOLE)):
        _, events = told([*WHOLE[:point], *WHOLE])

        assert words(events) == words(told(WHOLE)[1])


def test_a_new_attempt_starts_again_with_text_that_says_so() -> None:
    progress, events = told([*WHOLE[:6], status("started", 2), status("streaming", 2), frame("River", 0, 2)])

    assert progress.answer.text == "River"
    piece = events[-1]
    assert isinstance(piece, Piece)
    assert (piece, piece.attempt, piece.offset) == ("River", 2, 0)
    assert words(events)[-3:-1] == ["started", "streaming"]


def test_a_gap_is_filled_by_the_stored_generation() -> None:
    progress, _ = told([frame(TEXT[:4], 0), frame(TEXT[9:], 9)])
    assert progress.is_incomplete

    progress, events = catch_up(progress, stored(TEXT[4:], "processing", offset=4))

    assert words(list(events)) == ["streaming", TEXT[4:]]
    assert not progress.is_incomplete


def test_an_end_beyond_a_gap_waits_for_the_text() -> None:
    progress, events = told([frame("Ot", 0), frame("s", 5), status("cancelled")])
    assert not progress.has_ended
    assert words(events) == ["Ot"]

    progress, events_of_state = catch_up(progress, stored("ters", "cancelled", offset=2))

    assert progress.has_ended
    assert words(list(events_of_state)) == ["streaming", "ters", "cancelled"]


def test_a_response_too_long_for_a_message_is_fetched_if_frames_are_missing() -> None:
    progress, _ = told([frame(TEXT[:4], 0), response(None), status("completed")])

    assert progress.is_incomplete
    assert not progress.has_ended

    progress, _ = told([frame(TEXT, 0), response(None), status("completed")])
    assert progress.has_ended


def test_a_response_brings_text_that_no_frame_brought() -> None:
    _, events = told([frame(TEXT[:4], 0), response(TEXT), status("completed")])

    assert words(events) == [TEXT[:4], TEXT[4:], "completed"]


def test_a_failure_has_its_code() -> None:
    error = {
        "type": "llm_error",
        "error": "Busy.",
        "code": "llm_rate_limited",
        "retryable": True,
        "attempt": 1,
    }
    progress, _ = told([frame("Ot", 0), error, status("failed")])

    assert progress.failure is not None
    assert (progress.failure.code, progress.failure.retryable) == ("llm_rate_limited", True)
    assert (progress.status, progress.answer.text) == ("failed", "Ot")


def test_a_stored_failure_yields_the_same_events() -> None:
    state = stored("", "failed", error="Lost.", code="worker_lost", retryable=True)

    progress, events = catch_up(Progress(), state)

    assert events == (StatusChange("failed", "Lost.", 1),)
    assert progress.failure is not None
    assert progress.failure.code == "worker_lost"


def test_a_queued_generation_has_nothing_to_tell() -> None:
    assert catch_up(Progress(), stored("", "queued", attempt=0)) == (Progress(), ())


def test_an_ended_answer_stays_as_it_is() -> None:
    ended, _ = told(WHOLE)

    assert told([*WHOLE, frame("more", 21), status("failed"), status("started", 2)], ended) == (ended, [])
    assert catch_up(ended, stored("", "failed")) == (ended, ())


def test_a_state_of_an_earlier_attempt_is_too_late() -> None:
    progress, _ = told([frame("River", 0, 2)])

    assert catch_up(progress, stored()) == (progress, ())


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"type": "llm_news", "attempt": 1},
        {"type": "llm_frame", "attempt": 1, "frame": {"delta": 1, "offset": 0}},
        {"type": "llm_frame", "attempt": 1, "frame": None},
        {"type": "llm_status", "attempt": 1, "status": "pondering", "message": "…"},
        {"type": "llm_status", "attempt": "1", "status": "started", "message": "…"},
        {"type": "llm_response", "attempt": 1, "data": {}},
    ],
)
def test_what_is_not_understood_changes_nothing(message: Json) -> None:
    progress, _ = told([frame("Ot", 0)])

    assert advance(progress, message) == (progress, ())


@given(st.data())
def test_however_sockets_mix_and_break_the_pieces_join_to_the_text(data: st.DataObject) -> None:
    progress, pieces = Progress(), ""
    for _ in range(data.draw(st.integers(1, 6))):
        start = data.draw(st.integers(0, len(WHOLE)))
        end = data.draw(st.integers(start, len(WHOLE)))
        progress, events = told(WHOLE[start:end], progress)
        pieces += "".join(event for event in events if isinstance(event, Piece))
        assert TEXT.startswith(pieces)
        if data.draw(st.booleans()):
            offset = len(progress.answer.text)
            ready = data.draw(st.integers(offset, len(TEXT)))
            progress, news = catch_up(progress, stored(TEXT[offset:ready], "processing", offset=offset))
            pieces += "".join(event for event in news if isinstance(event, Piece))

    offset = len(progress.answer.text)
    progress, news = catch_up(progress, stored(TEXT[offset:], offset=offset))
    pieces += "".join(event for event in news if isinstance(event, Piece))
    assert pieces == progress.answer.text == TEXT
    assert progress.has_ended


def test_the_model_is_the_one_that_answered() -> None:
    progress, _ = catch_up(Progress(), stored(model="claude", answered_by="nova"))

    assert progress.data is not None
    assert progress.data["model"] == "nova"
