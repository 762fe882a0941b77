"""The events of ConverseStream, as the service's description has them: what each is to an answer."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.shared.generations.failures import Failure
from functions.shared.generations.model import Usage
from functions.worker.bedrock.event_stream import Message
from functions.worker.bedrock.events import ConverseReader
from functions.worker.bedrock.stream import ConverseStream
from functions.worker.model import Extra, ModelFailed, Piece
from functions.worker.pieces import pieces_of
from local.stand_in.event_stream import event, exception, message

USAGE = {"inputTokens": 9, "outputTokens": 4, "totalTokens": 13}


def delta(index: int = 0, **content: Any) -> bytes:
    return event("contentBlockDelta", {"contentBlockIndex": index, "delta": content, "p": "abcdefgh"})


def text(said: str, index: int = 0) -> bytes:
    return delta(index, text=said)


def stop(reason: str = "end_turn") -> bytes:
    return event("messageStop", {"stopReason": reason})


def metadata(**usage: int) -> bytes:
    return event("metadata", {"usage": {**USAGE, **usage}, "metrics": {"latencyMs": 100}})


START = event("messageStart", {"role": "assistant"})
BLOCK_STOP = event("contentBlockStop", {"contentBlockIndex": 0})


async def played(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


async def read(*chunks: bytes) -> list[Piece]:
    pieces = [piece async for piece in pieces_of(played(*chunks), stream=ConverseStream())]
    return [piece for piece in pieces if piece != Piece()]


async def failed(*chunks: bytes) -> ModelFailed:
    with pytest.raises(ModelFailed) as failure:
        await read(*chunks)
    return failure.value


async def test_an_answer_is_its_text_its_last_word_and_its_tokens() -> None:
    pieces = await read(START, text("Hel"), text("lo"), BLOCK_STOP, stop(), metadata())

    assert pieces == [
        Piece("Hel"),
        Piece("lo"),
        Piece(finish_reason="stop"),
        Piece(usage=Usage(9, 4, 13), is_done=True),
    ]


@pytest.mark.parametrize("size", [1, 7, 100_000])
async def test_it_does_not_matter_how_the_answer_is_cut(size: int) -> None:
    stream = START + text("Zwölf ") + text("🦦") + BLOCK_STOP + stop() + metadata()

    pieces = await read(*(stream[start : start + size] for start in range(0, len(stream), size)))

    assert "".join(piece.text for piece in pieces) == "Zwölf 🦦"
    assert pieces[-1].is_done


async def test_reasoning_is_reasoning_and_its_signature_is_not_shown() -> None:
    pieces = await read(
        START,
        delta(reasoningContent={"text": "Otters"}),
        delta(reasoningContent={"text": " swim."}),
        delta(reasoningContent={"signature": "EuYBCkQYAi=="}),
        delta(reasoningContent={"redactedContent": "EmwKAhgB"}),
        text("They do.", index=1),
    )

    assert "".join(piece.reasoning for piece in pieces) == "Otters swim."
    assert all(piece.is_reasoning for piece in pieces[:-1])
    assert pieces[-1] == Piece("They do.")
    assert "EuYB" not in str([piece.reasoning for piece in pieces])


async def test_a_citation_of_a_page_is_a_source() -> None:
    page = {"web": {"url": "https://otters.example/swim", "domain": "otters.example"}}
    cited = {"title": "Otters", "sourceContent": [{"text": "They "}, {"text": "swim."}], "location": page}

    [piece] = await read(delta(citation=cited))

    [extra] = piece.extras
    assert extra.kind == "source"
    assert json.loads(extra.text) == {
        "url": "https://otters.example/swim",
        "title": "Otters",
        "snippet": "They swim.",
    }


async def test_blocks_that_come_whole_are_read_as_well() -> None:
    page = {"location": {"web": {"url": "https://otters.example"}}}

    pieces = await read(
        delta(reasoningContent={"reasoningText": {"text": "Otters swim.", "signature": "EuYB"}}),
        delta(citationsContent={"content": [{"text": "They do."}], "citations": [page]}),
    )

    assert pieces == [
        Piece(is_reasoning=True, reasoning="Otters swim."),
        Piece("They do.", extras=(Extra("source", '{"url": "https://otters.example"}'),)),
    ]


async def test_a_citation_of_a_search_result_is_the_source_that_it_came_from() -> None:
    cited = {
        "source": "https://otters.example",
        "location": {"searchResultLocation": {"searchResultIndex": 0}},
    }

    [piece] = await read(delta(citation=cited))

    assert piece.extras == (Extra("source", '{"url": "https://otters.example"}'),)


@pytest.mark.parametrize(
    "cited",
    [
        {"title": "A file", "location": {"documentPage": {"documentIndex": 0, "start": 1, "end": 2}}},
        {"location": {"web": {"url": "javascript:alert(1)"}}},
        {"location": {"web": {"url": "https://otters.example/" + "a" * 20_000}}},
        {"location": None},
        {},
    ],
)
async def test_a_citation_without_an_address_that_can_be_opened_is_no_source(cited: dict[str, Any]) -> None:
    assert await read(delta(citation=cited)) == []


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("end_turn", "stop"),
        ("stop_sequence", "stop"),
        ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"),
        ("tool_use", "tool_calls"),
        ("content_filtered", "content_filter"),
        ("guardrail_intervened", "content_filter"),
        ("something_new", "something_new"),
        ("", "stop"),
        ("a whole sentence, which is no word", "stop"),
    ],
)
async def test_clients_are_told_the_last_word_that_they_know(reason: str, told: str) -> None:
    pieces = await read(text("Hello"), stop(reason))

    assert pieces[-1].finish_reason == told


async def test_without_text_a_full_context_is_told_as_what_it_is() -> None:
    [piece] = await read(stop("model_context_window_exceeded"))

    assert piece.finish_reason == "model_context_window_exceeded"


@pytest.mark.parametrize("reason", ["malformed_model_output", "malformed_tool_use", "internal_error"])
async def test_a_model_that_went_wrong_gave_no_whole_answer(reason: str) -> None:
    failure = await failed(text("Hello"), stop(reason))

    assert (failure.failure, failure.worth_retrying) == (Failure.INCOMPLETE, True)
    assert failure.provider_code == reason


async def test_tokens_of_the_cache_are_counted_as_the_prompts() -> None:
    [_, piece] = await read(
        stop(),
        metadata(
            inputTokens=4,
            outputTokens=98,
            totalTokens=2905,
            cacheReadInputTokens=100,
            cacheWriteInputTokens=2703,
        ),
    )

    assert piece.usage == Usage(2807, 98, 2905, cached_tokens=100)


@pytest.mark.parametrize(
    "usage", [None, {}, {"inputTokens": -1, "outputTokens": 2}, {"inputTokens": "x"}, []]
)
async def test_tokens_that_are_no_counts_are_not_told(usage: object) -> None:
    pieces = await read(stop(), event("metadata", {"usage": usage}))

    assert [piece.usage for piece in pieces] == [None, None]


async def test_metadata_before_the_last_word_is_not_the_end() -> None:
    pieces = await read(metadata(), text("Hello"), stop(), metadata())

    assert [piece.is_done for piece in pieces] == [False, False, False, True]


@pytest.mark.parametrize(
    "unknown",
    [
        event("initial-response", {}),
        event("somethingNew", {"delta": {"text": "not an answer"}}),
        event(
            "contentBlockStart",
            {"contentBlockIndex": 0, "start": {"toolUse": {"name": "f", "toolUseId": "1"}}},
        ),
        delta(toolUse={"input": '{"a"'}),
        delta(image={"source": {"bytes": "AAAA"}}),
        delta(SDK_UNKNOWN_MEMBER={"name": "x"}),
        event("contentBlockDelta", {}),
        event("contentBlockDelta", {"delta": ["text"]}),
        message({}, b""),
    ],
)
async def test_what_is_not_known_says_nothing(unknown: bytes) -> None:
    pieces = await read(START, unknown, text("Hello"))

    assert pieces == [Piece("Hello")]


async def test_an_exception_in_the_stream_comes_after_the_text_before_it() -> None:
    chunk = text("Hel") + text("lo") + exception("modelStreamErrorException", "canary")
    stream = pieces_of(played(chunk), stream=ConverseStream())

    assert (await anext(stream)).text == "Hello"
    with pytest.raises(ModelFailed) as failure:
        await anext(stream)
    assert (failure.value.failure, failure.value.broke_off) == (Failure.INCOMPLETE, True)
    assert "canary" not in repr(failure.value) + str(failure.value.provider_code)


async def test_a_stream_that_is_cut_within_a_message_broke_off() -> None:
    failure = await failed(START, text("Hello"), text("more")[:-5])

    assert (failure.failure, failure.broke_off, failure.worth_retrying) == (Failure.INCOMPLETE, True, True)


async def test_a_stream_that_is_damaged_broke_off() -> None:
    damaged = bytearray(text("more"))
    damaged[-10] ^= 1

    failure = await failed(START, text("Hello"), bytes(damaged))

    assert (failure.failure, failure.broke_off, failure.worth_retrying) == (Failure.INCOMPLETE, True, True)
    assert failure.error == "NotAMessage"


@pytest.mark.parametrize(
    "body", [b"", b"<html>canary</html>" * 5, b'data: {"choices": []}\n\n', b'{"output": {}}  ']
)
async def test_what_is_no_event_stream_is_no_answer(body: bytes) -> None:
    failure = await failed(body)

    assert failure.failure is Failure.INCOMPLETE
    assert failure.worth_retrying is (body == b"")


async def test_a_payload_that_is_no_json_is_a_broken_answer() -> None:
    broken = message({":event-type": "contentBlockDelta", ":message-type": "event"}, b'{"delta": {"te')

    failure = await failed(text("Hello"), broken)

    assert (failure.failure, failure.broke_off) == (Failure.INCOMPLETE, True)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(
            ["delta", "text", "reasoningContent", "citation", "location", "web", "url", "usage", "stopReason",
             "sourceContent", "inputTokens", "outputTokens", "message", "originalStatusCode"]
        ), inner, max_size=3,
    ),
    max_leaves=10,
)  # fmt: skip


@given(
    name=st.sampled_from(
        ["contentBlockDelta", "messageStop", "metadata", "messageStart", "throttlingException"]
    ),
    kind=st.sampled_from(["event", "exception", "error", ""]),
    content=JSON,
)
def test_nothing_but_pieces_and_failures_comes_of_anything(name: str, kind: str, content: object) -> None:
    try:
        piece = ConverseReader().piece(Message(kind, name, json.dumps(content).encode()))
    except ModelFailed:
        return
    assert isinstance(piece, Piece)
