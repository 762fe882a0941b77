from __future__ import annotations

import json
from typing import Any

from benchmarks.load.transcript import Transcript, transcripts


def frame(delta: str, *, offset: int | None = None, attempt: int = 1) -> dict[str, Any]:
    content = {"status": "streaming", "delta": delta}
    if offset is not None:
        content["offset"] = offset  # type: ignore[assignment]
    return {"type": "llm_frame", "attempt": attempt, "frame": content}


def heard(*messages: dict[str, Any]) -> Transcript:
    transcript = Transcript()
    for at, message in enumerate(messages):
        transcript.take(message, at)
    return transcript


def test_frames_continue_each_other() -> None:
    found = heard(frame("Ot", offset=0), frame("ters", offset=2))

    assert found.text == "Otters"
    assert found.arrivals == [(2, 0), (6, 1)]
    assert found.first_text_at == 0


def test_a_repeated_frame_adds_nothing() -> None:
    found = heard(frame("Ot", offset=0), frame("Ot", offset=0), frame("tters", offset=1))

    assert found.text == "Otters"
    assert found.frames == 3


def test_a_frame_beyond_the_text_is_a_gap() -> None:
    found = heard(frame("Ot", offset=0), frame("ers", offset=3))

    assert found.text == "Ot"
    assert found.gaps == 1


def test_without_offsets_everything_is_taken_to_be_new() -> None:
    found = heard(frame("Ot"), frame("Ot"))

    assert found.text == "OtOt"


def test_a_higher_attempt_starts_again_and_a_lower_one_is_ignored() -> None:
    found = heard(frame("Ot", offset=0), frame("Be", offset=0, attempt=2), frame("ters", offset=2))

    assert found.text == "Be"
    assert found.first_text_at == 1


def test_the_end_is_noted_with_its_time() -> None:
    found = heard(frame("Ot", offset=0), {"type": "llm_status", "attempt": 1, "status": "completed"})

    assert (found.ending, found.ended_at) == ("completed", 1)


def test_generations_on_one_socket_are_kept_apart() -> None:
    messages = [
        (1, json.dumps({**frame("a", offset=0), "generation_id": "g1"}).encode()),
        (2, json.dumps({**frame("b", offset=0), "generation_id": "g2"}).encode()),
        (3, b'{"type":"system","status":"alive"}'),
        (4, b""),
        (5, b"Internal Server Error"),
        (6, b"[]"),
    ]

    found = transcripts(messages)

    assert {key: each.text for key, each in found.items()} == {"g1": "a", "g2": "b"}
