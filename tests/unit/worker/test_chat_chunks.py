"""What is read of each chunk, in whatever types a server writes it."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from functions.shared.generations.failures import Failure
from functions.shared.generations.model import Usage
from functions.worker.chat_chunks import ChunkReader
from functions.worker.model import Extra, ModelFailed, Piece
from functions.worker.sse import Event

REPLACEMENT = "\ufffd"


def chunk(delta: object = None, **choice: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": None} | choice]}


def read(*chunks: object, reader: ChunkReader | None = None) -> list[Piece]:
    reader = reader or ChunkReader()
    events = [Event(item if isinstance(item, bytes) else json.dumps(item).encode()) for item in chunks]
    return [piece for event in events for piece in reader.pieces(event)]


def text(*chunks: object) -> str:
    return "".join(piece.text for piece in read(*chunks))


def failed(*chunks: object, name: bytes = b"") -> ModelFailed:
    reader = ChunkReader()
    read(*chunks[:-1], reader=reader)
    last = chunks[-1]
    with pytest.raises(ModelFailed) as failure:
        list(reader.pieces(Event(last if isinstance(last, bytes) else json.dumps(last).encode(), name)))
    return failure.value


def test_an_event_that_a_proxy_wrapped_again_is_that_event() -> None:
    pieces = read(b'data: {"choices":[{"delta":{"content":"Otters"}}]}', b"data: data: [DONE]")

    assert pieces == [Piece("Otters"), Piece(is_done=True)]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("Otters", "Otters"),
        (4, "4"),
        (4.10, "4.1"),
        (0, "0"),
        ([{"type": "text", "text": "Otters."}], "Otters."),
        (
            [
                {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]},
                {"type": "text", "text": "a"},
            ],
            "a",
        ),
        ([{"type": "reasoning_text", "text": "hm"}, {"type": "output_text", "text": "b"}], "b"),
        (["a", 1, None, True, {"text": "b"}, {"type": "image_url", "image_url": {"url": "x"}}], "a1b"),
        ({"type": "text", "text": {"value": "c"}}, "c"),
        ([[["d"]]], "d"),
        ({}, ""),
        ([], ""),
        (None, ""),
        (True, ""),
        (False, ""),
        ({"nested": {"text": "x"}}, ""),
    ],
)
def test_text_is_read_from_content_of_any_type(content: object, expected: str) -> None:
    assert text(chunk({"content": content})) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b'{"choices":[{"delta":{"content":4.10}}]}', "4.10"),
        (b'{"choices":[{"delta":{"content":1e400}}]}', "1e400"),
        (b'{"choices":[{"delta":{"content":' + b"7" * 5000 + b"}}]}", "7" * 5000),
        (b'{"choices":[{"delta":{"content":NaN}}]}', "NaN"),
        (b'{"choices":[{"delta":{"content":"a\x00\tb"}}]}', "a\x00\tb"),
        (b'{"choices":[{"delta":{"content":"a\\u0000b"}}]}', "a\x00b"),
        (b'{"choices":[{"delta":{"content":"\\ud83d"}}]}', "\ud83d"),
        (b'{"choices":[{"delta":{"content":"a\xf0\x9f"}}]}', f"a{REPLACEMENT}"),
        (b'{"choices":[{"delta":{"content":"no"}}],"choices":[{"delta":{"content":"yes"}}]}', "yes"),
        (b'\xef\xbb\xbf{"choices":[{"delta":{"content":"bom"}}]}', "bom"),
    ],
)
def test_text_is_taken_as_it_was_written(data: bytes, expected: str) -> None:
    assert text(data) == expected


@pytest.mark.parametrize("delta", [None, [], {}, True, {"role": 4}, {"role": {"a": 1}, "content": None}])
def test_a_delta_that_says_nothing_is_a_keep_alive(delta: object) -> None:
    assert read(chunk(delta)) == [Piece()]


@pytest.mark.parametrize(
    "choices", [None, [], {}, "x", 4, True, [None], [4, "x"], [[]], {"delta": None}, [{"index": {}}]]
)
def test_choices_of_any_type_are_a_keep_alive(choices: object) -> None:
    assert read({"choices": choices}) == [Piece()]


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"null", b"true", b"4", b'"text"', b"[]", b"[4, null]", b"{}", b'{"choices": []}'),
        *(b": OPENROUTER PROCESSING", b"ping", b"[PING]", b"keep-alive", b"-", b'{"type": "ping"}', b"[{"),
        *(
            b'{"message": "ping"}',
            b'{"error": null}',
            b'{"error": {}}',
            b'{"error": {"code": 0, "message": ""}}',
        ),
        *(
            b'{"error": false, "code": 200, "message": "ok"}',
            b'{"object": "ping", "code": 0, "message": "ok"}',
        ),
    ],
)
def test_what_is_no_chunk_says_nothing_and_the_stream_goes_on(data: bytes) -> None:
    assert read(chunk({"content": "a"}), data, chunk({"content": "b"}))[1] == Piece()
    assert text(chunk({"content": "a"}), data, chunk({"content": "b"})) == "ab"


@pytest.mark.parametrize(
    "data",
    [b'{"choices": [{"delta": {"content": ', b"{", b"{'choices': []}", b'{"a":' * 100_000, b'{"a": 1} {"b"'],
)
def test_a_chunk_that_is_broken_is_a_stream_that_broke(data: bytes) -> None:
    failure = failed(chunk({"content": "a"}), data)

    assert (failure.failure, failure.broke_off, failure.worth_retrying) == (Failure.INCOMPLETE, True, True)


def test_chunks_with_no_empty_line_between_them_are_read_one_by_one() -> None:
    lines = b"\n".join(json.dumps(chunk({"content": word})).encode() for word in ("a", "b", "c"))

    assert text(lines) == "abc"


@pytest.mark.parametrize("between", [b"", b",", b" ", b"\x00", b"\n", b"data: ", b"\n\ndata: ", b"}"])
def test_chunks_on_one_line_are_read_one_by_one_and_what_else_stands_there_is_dropped(between: bytes) -> None:
    one = json.dumps(chunk({"content": "a"})).encode()

    assert text(one + between + one + between) == "aa"
    assert text(one + b"\n\ndata: [DONE]") == "a"


def test_a_chunk_that_is_broken_behind_another_is_a_stream_that_broke() -> None:
    one = json.dumps(chunk({"content": "a"})).encode()

    assert failed(one + one[:-5]).failure is Failure.INCOMPLETE


def test_nesting_as_deep_as_it_gets_is_no_exception() -> None:
    assert text(b'{"x":' + b"[" * 400 + b"]" * 400 + b"}") == ""
    assert failed(b'{"x":' + b"[" * 200_000).failure is Failure.INCOMPLETE


@pytest.mark.parametrize("data", [b"[DONE]", b" [DONE] ", b"[done]", b'"[DONE]"'])
def test_the_servers_own_word_that_it_is_done(data: bytes) -> None:
    assert read(data) == [Piece(is_done=True)]


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        *((word, word) for word in ("stop", "length", "content_filter", "tool_calls", "STOP", "eos_token")),
        *((word, None) for word in ("", " ", "null", "None", None, False, [], {}, ["stop"], {"type": None})),
        ({"type": "stop"}, "stop"),
        ({"reason": "length"}, "length"),
        (1, "1"),
        ("x" * 10_000, "x" * 64),
        ("\ud800", "?"),
    ],
)
def test_the_reason_to_stop_is_a_short_text_or_none(reason: object, expected: str | None) -> None:
    [piece] = read(chunk({}, finish_reason=reason))

    assert piece.finish_reason == expected


def test_the_reason_to_stop_may_be_written_in_camel_case() -> None:
    assert read({"choices": [{"delta": {}, "finishReason": "stop"}]}) == [Piece(finish_reason="stop")]


@pytest.mark.parametrize(
    "reason",
    [
        *("error", "abort", "aborted", "Failed", "CANCELLED", "canceled", "network_error", "timeout"),
        "insufficient_system_resource",
    ],
)
def test_a_reason_that_says_failed_is_a_failure(reason: str) -> None:
    failure = failed(chunk({"content": "Otters "}), chunk({}, finish_reason=reason))

    assert (failure.failure, failure.broke_off, failure.worth_retrying) == (Failure.INCOMPLETE, True, True)
    assert failure.provider_code == reason


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        ({"prompt_tokens": 7, "completion_tokens": 4, "total_tokens": 11}, Usage(7, 4, 11)),
        ({"prompt_tokens": "7", "completion_tokens": 4.0, "total_tokens": "11.0"}, Usage(7, 4, 11)),
        ({"prompt_tokens": 7, "completion_tokens": 4}, Usage(7, 4, 11)),
        ({"input_tokens": 7, "output_tokens": 4}, Usage(7, 4, 11)),
        (
            {"prompt_tokens": 7, "completion_tokens": 4, "prompt_tokens_details": {"cached_tokens": 5}},
            Usage(7, 4, 11, cached_tokens=5),
        ),
        ({"prompt_tokens": 7, "prompt_cache_hit_tokens": 6}, Usage(7, 0, 7, cached_tokens=6)),
        ({"prompt_tokens": 7, "cached_tokens": "6"}, Usage(7, 0, 7, cached_tokens=6)),
        (
            {"completion_tokens": 9, "completion_tokens_details": {"reasoning_tokens": 8}},
            Usage(0, 9, 9, reasoning_tokens=8),
        ),
        (
            {"input_tokens": 7, "output_tokens": 9, "output_tokens_details": {"reasoning_tokens": 8}},
            Usage(7, 9, 16, reasoning_tokens=8),
        ),
        (
            {"prompt_tokens": 7, "prompt_tokens_details": None, "completion_tokens_details": [8]},
            Usage(7, 0, 7),
        ),
        ({"prompt_tokens": 7, "prompt_tokens_details": {"cached_tokens": -1}}, Usage(7, 0, 7)),
        ({"prompt_tokens": -7, "completion_tokens": 1.5, "total_tokens": 10**40}, None),
        (
            {"prompt_tokens": float("nan"), "completion_tokens": float("inf"), "total_tokens": 11},
            Usage(0, 0, 11),
        ),
        ({"prompt_tokens": True, "completion_tokens": None, "total_tokens": {}}, None),
        (None, None),
        ({}, None),
        ([7, 4, 11], None),
        ("11", None),
        (11, None),
        (True, None),
    ],
)
def test_token_counts_of_any_type(usage: object, expected: Usage | None) -> None:
    [piece] = read({"choices": [], "usage": usage})

    assert piece.usage == expected


def test_token_counts_may_stand_in_the_choice() -> None:
    assert read(chunk({}, usage={"prompt_tokens": 1}))[0].usage == Usage(1, 0, 1)


SUMMARY = {"type": "reasoning", "summary": [{"type": "summary_text", "text": "hm"}]}


@pytest.mark.parametrize(
    "delta",
    [
        {"reasoning_content": "hm"},
        {"content": "", "reasoning": "hm"},
        {"content": None, "reasoning_details": [{"type": "reasoning.text", "text": "hm"}]},
        {"reasoning_details": [{"type": "reasoning.summary", "summary": "h"}, {"summary": "m"}]},
        {"thinking": "hm"},
        {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}]},
        {"content": [{"type": "thinking", "thinking": "hm", "signature": "x"}]},
        {"content": [SUMMARY]},
        {"reasoning": {"content": "hm", "encrypted": "x"}},
    ],
)
def test_reasoning_is_read_wherever_a_server_puts_it(delta: object) -> None:
    assert read(chunk(delta)) == [Piece(reasoning="hm")]


@pytest.mark.parametrize(
    "delta",
    [
        {"reasoning": "hm", "reasoning_content": "hm"},
        {"reasoning": "hm", "reasoning_details": [{"type": "reasoning.text", "text": "hm"}]},
        {"reasoning_content": "hm", "content": [SUMMARY]},
    ],
)
def test_reasoning_that_stands_in_two_fields_is_told_once(delta: object) -> None:
    assert read(chunk(delta)) == [Piece(reasoning="hm")]


@pytest.mark.parametrize(
    "delta",
    [
        {"content": [{"type": "thinking", "thinking": []}]},
        {"reasoning_details": [{"type": "reasoning.encrypted", "data": "c2VjcmV0"}]},
        {"reasoning": True},
    ],
)
def test_reasoning_without_a_text_tells_that_the_model_has_begun(delta: object) -> None:
    assert read(chunk(delta)) == [Piece(is_reasoning=True)]


def test_reasoning_and_text_of_one_chunk_are_both_told() -> None:
    parts = [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "Otters"}]

    assert read(chunk({"content": parts})) == [Piece("Otters", reasoning="hm")]
    assert read(chunk({"content": "Otters", "reasoning": "hm"})) == [Piece("Otters", reasoning="hm")]


def test_the_reasoning_of_a_whole_answer_is_told_once() -> None:
    whole = {"choices": [{"message": {"content": "Otters.", "reasoning_content": "hm, otters"}}]}

    assert read(whole) == [Piece("Otters.", reasoning="hm, otters")]
    assert read(chunk({"reasoning_content": "hm, "}), whole)[1].reasoning == "otters"
    assert read(chunk({"reasoning_content": "hm, otters"}), whole)[1].reasoning == ""


CITED = {"type": "url_citation", "url_citation": {"url": "https://o.example/a", "title": "A", "content": "a"}}
A = Extra("source", '{"url":"https://o.example/a","title":"A","snippet":"a"}')
B = Extra("source", '{"url":"https://o.example/b"}')


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ({"choices": [{"delta": {"annotations": [CITED]}}]}, [A]),
        ({"choices": [{"message": {"content": "", "annotations": [CITED]}}]}, [A]),
        ({"choices": [{"delta": {"annotations": [CITED["url_citation"]]}}]}, [A]),
        ({"citations": ["https://o.example/b"]}, [B]),
        ({"choices": [{"delta": {}, "citations": ["https://o.example/b"]}]}, [B]),
        (
            {
                "citations": ["https://o.example/a", "https://o.example/b"],
                "search_results": [{"url": "https://o.example/a", "title": "A", "snippet": "a"}],
            },
            [A, B],
        ),
    ],
)
def test_sources_are_read_wherever_a_server_puts_them(place: dict[str, Any], expected: list[Extra]) -> None:
    [piece] = read(place)

    assert list(piece.extras) == expected


@pytest.mark.parametrize(
    "cited",
    [
        *(
            "javascript:alert(1)",
            "ftp://o.example",
            "o.example",
            "",
            " ",
            "https://o.example/a b",
            "https://",
        ),
        *(None, 4, True, [], {}, {"url": None}, {"title": "A"}, "https://" + "x" * 3000),
    ],
)
def test_what_is_no_address_of_a_page_is_no_source(cited: object) -> None:
    assert read({"citations": [cited]}) == [Piece()]


def test_sources_that_each_chunk_lists_again_are_told_once() -> None:
    first, second = "https://o.example/a", "https://o.example/b"

    pieces = read({"citations": [first]}, {"citations": [first, second]}, {"citations": [first, second]})

    assert [len(piece.extras) for piece in pieces] == [1, 1, 0]


def test_data_of_a_server_of_ones_own_are_told_as_they_were_written() -> None:
    value = {"degrees": 4, "exact": 4.25, "rain": [True, None], "place": "Ölfus", "large": 10**25}

    [piece] = read(chunk({"data": [{"name": "weather", "value": value}, {"name": ""}, {"value": 1}, 4]}))

    [extra] = piece.extras
    assert (extra.kind, json.loads(extra.text)) == ("data", {"name": "weather", "value": value})


def test_only_the_choice_that_came_first_is_the_answer() -> None:
    one, two = chunk({"content": "a"}, index=0), chunk({"content": "x"}, index=1)
    both = {"choices": [*two["choices"], *one["choices"]]}

    assert text(one, two, both) == "aa"
    assert text(both, two, one) == "aa"
    assert text(two, two) == "xx"


@pytest.mark.parametrize("index", [None, "0", 0, {}, []])
def test_the_index_may_be_of_any_type(index: object) -> None:
    assert text(chunk({"content": "a"}), chunk({"content": "b"}, index=index)) == "ab"


def test_a_choice_alone_stands_for_a_list_of_it() -> None:
    assert text({"choices": {"delta": {"content": "a"}}}) == "a"
    assert text([{"choices": [{"delta": "a"}]}, {"choices": [{"delta": {"content": "b"}}]}]) == "ab"


WHOLE = {
    "object": "chat.completion",
    "choices": [{"message": {"content": "Otters hold."}, "finish_reason": "stop"}],
}


@pytest.mark.parametrize(
    "whole",
    [
        WHOLE,
        {"choices": [{"index": 0, "message": {"content": [{"type": "text", "text": "Otters hold."}]}}]},
        {"choices": [{"message": {"content": None, "refusal": "Otters hold."}}]},
        {"object": "text_completion", "choices": [{"text": "Otters hold."}]},
        {"choices": [{"delta": {"content": ""}, "message": {"content": "Otters hold."}}]},
    ],
)
def test_a_whole_answer_in_the_stream_is_the_answer(whole: object) -> None:
    assert text(whole) == "Otters hold."


def test_a_whole_answer_at_the_end_of_its_deltas_is_not_told_twice() -> None:
    deltas = [chunk({"content": "Otters "}), chunk({"content": "hold."})]

    assert text(*deltas, WHOLE) == "Otters hold."
    assert text(*deltas[:1], WHOLE) == "Otters hold."
    assert text(chunk({"content": " Otters "}), chunk({"content": "hold."}), WHOLE) == " Otters hold."


def test_messages_that_grow_and_messages_that_follow_each_other_are_both_read() -> None:
    def message(content: str) -> dict[str, Any]:
        return {"choices": [{"message": {"content": content}}]}

    assert text(message("Otters"), message("Otters hold"), message("Otters hold.")) == "Otters hold."
    assert text(message("Otters "), message("hold"), message(".")) == "Otters hold."


def test_the_same_growing_message_beside_each_delta_is_not_told_twice() -> None:
    def both(delta: str, whole: str) -> dict[str, Any]:
        return {"choices": [{"delta": {"content": delta}, "message": {"content": whole}}]}

    assert (
        text(both("Otters", "Otters"), both(" hold.", "Otters hold."), both("", "Otters hold."))
        == "Otters hold."
    )


BAD_REQUEST = {"code": 400, "message": "This model's maximum context length is 1024 tokens"}
ERRORS: dict[str, object] = {
    "at the top": {"error": BAD_REQUEST},
    "in a list": [{"error": BAD_REQUEST}],
    "as Anthropic has it": {"type": "error", "error": BAD_REQUEST},
    "as vLLM has it": {"object": "error", **BAD_REQUEST},
    "as Mistral has it": {"object": "Error", **BAD_REQUEST},
    "as FastAPI has it": {"detail": BAD_REQUEST["message"]},
    "bare": BAD_REQUEST,
    "as a text": {"error": BAD_REQUEST["message"]},
    "as a text that is JSON": {"error": json.dumps(BAD_REQUEST)},
    "as JSON in a sentence": {"error": {"message": f"Provider error: {json.dumps({'error': BAD_REQUEST})}"}},
    "in capitals": {"Error": {"Code": "400", "Message": BAD_REQUEST["message"]}},
    "as MiniMax has it": {
        "choices": None,
        "base_resp": {"status_code": 1039, "status_msg": BAD_REQUEST["message"]},
    },
    "as Qianfan has it": {"error_code": 336007, "error_msg": "the max input characters is 20000"},
    "bare, with msg": {"code": 1261, "msg": BAD_REQUEST["message"]},
    "bare, without success": {"success": False, "message": BAD_REQUEST["message"]},
    "bare, with a status": {"status": "INVALID_ARGUMENT", "message": BAD_REQUEST["message"]},
    "as a list": {"errors": [BAD_REQUEST], "success": False},
    "in the choice": chunk({}, error=BAD_REQUEST, finish_reason="error"),
    "beside the choice": chunk({"content": ""}, finish_reason="error") | {"error": BAD_REQUEST},
}


@pytest.mark.parametrize("place", ERRORS)
def test_an_error_means_the_same_wherever_it_stands(place: str) -> None:
    first = failed(ERRORS[place])
    later = failed(chunk({"role": "assistant"}), chunk({"content": "a"}), ERRORS[place])

    assert first.failure is later.failure is Failure.CONTEXT_TOO_LONG
    assert (first.broke_off, later.broke_off) == (False, True)
    assert not first.worth_retrying


@pytest.mark.parametrize(
    "body", [BAD_REQUEST, {"error": BAD_REQUEST}, BAD_REQUEST["message"], b"prompt is too long"]
)
def test_an_event_of_that_name_is_an_error(body: object) -> None:
    assert failed(body, name=b"error").failure is Failure.CONTEXT_TOO_LONG


@pytest.mark.parametrize(
    "said",
    [
        {"status": "queued", "message": "position 3"},
        {"status": "processing", "message": "loading the model", "code": 0},
        {"code": "Success", "msg": "accepted"},
        {"error": {"code": 0, "message": "Success"}},
        {"error": {"code": "200", "message": "OK"}},
        {"error": "None"},
        {"base_resp": {"status_code": 0, "status_msg": "success"}},
    ],
)
def test_what_tells_of_progress_or_success_is_no_error(said: dict[str, Any]) -> None:
    assert read(said) == [Piece()]
    assert text(said | chunk({"content": "a"})) == "a"


def test_the_text_of_the_answer_is_no_part_of_an_error() -> None:
    body = chunk({"content": "the context length exceeded"}) | {"error": {"code": 500, "message": "?"}}

    assert failed(body).failure is Failure.UNAVAILABLE


KEYS = [
    *(
        "choices",
        "delta",
        "message",
        "content",
        "text",
        "index",
        "finish_reason",
        "usage",
        "error",
        "code",
        "type",
    ),
    *("prompt_tokens", "object", "detail", "refusal", "reasoning", "reasoning_details", "value"),
    *("annotations", "url_citation", "citations", "search_results", "url", "data", "name", "thinking"),
]
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["error", "text", "stop"]),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(KEYS), inner),
    max_leaves=20,
)


@given(st.lists(ANYTHING, max_size=3))
@example([{"object": []}])
@example([{"object": {"error": 1}, "type": ["error"]}])
def test_any_json_is_pieces_or_a_failure(values: list[object]) -> None:
    assert_only_pieces_or_a_failure([json.dumps(value).encode() for value in values])


@given(st.lists(st.binary() | st.text().map(lambda text: b"{" + text.encode("utf-8", "replace"))))
def test_any_bytes_are_pieces_or_a_failure(values: list[bytes]) -> None:
    assert_only_pieces_or_a_failure(values)


def assert_only_pieces_or_a_failure(values: list[bytes]) -> None:
    pieces: list[Piece] = []
    with suppress(ModelFailed):
        pieces = read(*values)
    for piece in pieces:
        assert type(piece.text) is type(piece.reasoning) is str
        assert all(isinstance(json.loads(extra.text), dict) for extra in piece.extras)
        assert piece.finish_reason is None or 0 < len(piece.finish_reason) <= 64
        assert piece.usage is None or type(piece.usage.prompt_tokens) is int
