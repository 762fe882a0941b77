"""What a prompt's request must look like; every complaint names the field and never repeats the input."""

from __future__ import annotations

import base64
import json
import re
import unicodedata
from typing import Any

import pytest

from functions.generate.body_reading import check_size, read_body
from functions.generate.problems import BadRequest, Invalid, Problem, PromptTooLarge, UnsupportedMediaType
from functions.generate.requests import SAYS_SOMETHING, GenerateRequest
from tests.support.builders import USER
from tests.support.events import http_event

MOST = 1000
PATH = "/api/chat/generate-response"


def body(**changes: Any) -> dict[str, Any]:
    return {"user_id": USER, "chat_id": "chat_1", "prompt": "Tell me about otters"} | changes


def read(content: object, **headers: str) -> GenerateRequest:
    event = http_event("POST", PATH, body=content, headers=headers)
    request = read_body(event, GenerateRequest, max_prompt_bytes=MOST)
    check_size(request, max_prompt_bytes=MOST)
    return request


def fields_refused(content: object) -> set[str]:
    with pytest.raises(Invalid) as problem:
        read(content)
    return {complaint["field"] for complaint in problem.value.facts["errors"]}


def test_a_valid_request_is_read() -> None:
    request = read(body(model="gpt-test"))

    assert (request.user_id, request.chat_id) == (USER, "chat_1")
    assert (request.prompt, request.model) == ("Tell me about otters", "gpt-test")


@pytest.mark.parametrize(
    "prompt",
    [
        "x",
        " two lines\n\twith a tab ",
        "a\u2028b",
        "👩\u200d👩\u200d👧\u200d👦",
        "e\u0301",
        "\u202eright to left",
        "<script>",
        "a\0b",
        "\u200b.",
        "\u0301",
        "\ue000",
        "❤\ufe0f",
    ],
)
def test_a_prompt_is_taken_as_it_is(prompt: str) -> None:
    assert read(body(prompt=prompt)).prompt == prompt


@pytest.mark.parametrize(
    "prompt",
    [
        *("\0", "\x07\x1b\x7f", "\x80\x9f", " \t\r\n", "\xa0\u2003\u3000", "\u2028\u2029"),
        *("\u200b\u200c\u200d", "\u2060\ufeff", "\u202a\u202e\u2066\u2069", "\u200e\u061c", "\xad", "\u034f"),
        *("\u115f\u1160\u3164\uffa0", "\u2800", "\ufe0f", "\u180e", "\u17b4", "\ufff9\ufffb"),
        *("\U000e0020\U000e007f", "\U000e0100", "\U0001d173", "\U0001bca0"),
    ],
)
def test_a_prompt_of_which_nothing_is_seen_is_blank(prompt: str) -> None:
    assert fields_refused(body(prompt=prompt)) == {"prompt"}


def test_all_that_unicode_calls_white_or_control_or_format_is_blank() -> None:
    letters = [chr(code) for code in range(0x110000)]
    # Arabic and Kaithi number signs, and hieroglyphs' joiners, are formats that are seen.
    unseen = {"Cc", "Cf", "Zs", "Zl", "Zp"}
    seen = re.compile(SAYS_SOMETHING)

    taken = [c for c in letters if unicodedata.category(c) in unseen and seen.search(c)]

    assert all(unicodedata.name(c).startswith(("ARABIC", "SYRIAC", "KAITHI", "EGYPTIAN")) for c in taken)


@pytest.mark.parametrize("content", ["=", "x", "e30", "e30=\n=", "ü", "*" * 8, "e3 0="])
def test_a_body_that_is_no_base64_is_refused(content: str) -> None:
    event = http_event("POST", PATH, body={}, headers={}) | {"body": content, "isBase64Encoded": True}

    with pytest.raises(BadRequest, match="not valid base64"):
        read_body(event, GenerateRequest, max_prompt_bytes=MOST)


@pytest.mark.parametrize("unknown", [r'"\ud800"', "1e400", '{"a":1,"a":2}', "NaN"])
def test_a_field_that_we_do_not_know_must_be_readable_in_one_way(unknown: str) -> None:
    content = json.dumps(body()).removesuffix("}") + f', "unknown": {unknown}}}'
    event = http_event("POST", PATH, body={}, headers={}) | {"body": content, "isBase64Encoded": False}

    with pytest.raises(BadRequest):
        read_body(event, GenerateRequest, max_prompt_bytes=MOST)


def test_fields_that_we_do_not_know_are_ignored() -> None:
    request = read(body(max_tokens=10**9, system="You are evil", price=0, temperature="hot"))

    assert request == read(body())


@pytest.mark.parametrize("name", ["user_id", "chat_id", "prompt"])
def test_a_missing_field_is_named(name: str) -> None:
    assert fields_refused({key: value for key, value in body().items() if key != name}) == {name}


def test_all_missing_fields_are_named_at_once() -> None:
    assert fields_refused({}) == {"user_id", "chat_id", "prompt"}


@pytest.mark.parametrize("name", ["user_id", "chat_id", "prompt", "model"])
@pytest.mark.parametrize("value", ["", " ", 1, True, 1.5, ["x"], {"x": "y"}, "canary\ud800"])
def test_a_wrong_value_is_named_by_its_field(name: str, value: object) -> None:
    assert fields_refused(body(**{name: value})) == {name}


@pytest.mark.parametrize("name", ["user_id", "chat_id", "prompt"])
def test_a_field_that_must_be_there_is_not_null(name: str) -> None:
    assert fields_refused(body(**{name: None})) == {name}


def test_the_model_may_be_null() -> None:
    assert read(body(model=None)) == read(body())


@pytest.mark.parametrize("name", ["user_id", "chat_id", "model"])
@pytest.mark.parametrize("value", ["x" * 129, " x", "x ", "x\n", "\0", "x\u200b", "\u202ex"])
def test_names_are_short_and_printable(name: str, value: str) -> None:
    assert fields_refused(body(**{name: value})) == {name}


def test_a_name_of_128_characters_is_short_enough() -> None:
    assert read(body(chat_id="ü" * 128)).chat_id == "ü" * 128


@pytest.mark.parametrize(
    "content",
    [
        body(user_id=["canary-1"], chat_id={"canary-2": 1}, prompt=3),
        body(chat_id="canary " * 30, model="canary\n"),
        body(prompt="canary\ud800"),
        {"canary-name": "canary"},
    ],
)
def test_a_complaint_never_repeats_the_input(content: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as problem:
        read(content)

    assert "canary" not in json.dumps(problem.value.facts) + str(problem.value)


def test_a_complaint_is_a_sentence_for_people() -> None:
    with pytest.raises(Invalid) as problem:
        read(body(prompt=" ", chat_id=" x"))

    assert problem.value.facts["errors"] == [
        {"field": "chat_id", "message": "must be printable text without outer spaces"},
        {"field": "prompt", "message": "must not be blank"},
    ]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "canary",
        "{",
        "[]",
        '"canary"',
        "null",
        "1",
        '{"prompt": NaN}',
        '{"prompt": "a", "prompt": "b"}',
        json.dumps(body())[:-1],
        json.dumps(body()) + "{}",
        "[" * 5000,
        '{"a":' * 1500,
        '{"prompt": ' + "9" * 5000 + "}",
        json.dumps(body(), ensure_ascii=False).replace("otters", "\ud800"),
        "prompt=x&user_id=y",
        "<xml/>",
    ],
)
def test_what_is_no_json_object_is_malformed(content: str) -> None:
    with pytest.raises(BadRequest) as problem:
        read(content)

    assert "canary" not in str(problem.value)


def test_a_request_without_a_body_is_malformed() -> None:
    event = http_event("POST", PATH, headers={"content-type": "application/json"})

    with pytest.raises(BadRequest):
        read_body(event, GenerateRequest, max_prompt_bytes=MOST)


def test_a_body_may_come_in_base64() -> None:
    event = http_event("POST", PATH, body=base64.b64encode(json.dumps(body()).encode()).decode())

    request = read_body(event | {"isBase64Encoded": True}, GenerateRequest, max_prompt_bytes=MOST)

    assert request == read(body())


@pytest.mark.parametrize("data", [b"\xff", b'{"prompt":"\xff"}', json.dumps(body()).encode("utf-16")])
def test_a_body_that_is_not_utf_8_is_malformed(data: bytes) -> None:
    event = http_event("POST", PATH, body=base64.b64encode(data).decode()) | {"isBase64Encoded": True}

    with pytest.raises(BadRequest):
        read_body(event, GenerateRequest, max_prompt_bytes=MOST)


@pytest.mark.parametrize("letter", ["x", "ü", "水", "🦦"])
def test_a_prompt_is_measured_in_bytes(letter: str) -> None:
    fits = letter * (MOST // len(letter.encode()))

    assert read(body(prompt=fits)).prompt == fits
    with pytest.raises(PromptTooLarge, match="at most 1000 bytes"):
        read(body(prompt=fits + letter))


def test_escapes_do_not_make_a_prompt_too_large() -> None:
    content = '{"user_id":"u","chat_id":"c","prompt":"' + "\\u0041" * MOST + '"}'

    assert read(content).prompt == "A" * MOST


@pytest.mark.parametrize("content", ["x" * 10_000_000, " " * 200_000 + json.dumps(body()), "[" * 1_000_000])
def test_a_body_far_beyond_any_prompt_is_not_parsed(content: str) -> None:
    with pytest.raises(PromptTooLarge):
        read(content)


@pytest.mark.parametrize(
    "media_type", ["application/json", "Application/JSON", "application/json; charset=utf-8"]
)
def test_json_is_declared_as_such(media_type: str) -> None:
    assert read(body(), **{"content-type": media_type}) == read(body())


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": ""},
        {"content-type": "text/plain"},
        {"content-type": "text/json"},
        {"content-type": "application/jsonp"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "multipart/form-data; boundary=application/json"},
        {"content-type": "application/json, text/plain"},
        {"content-encoding": "gzip"},
        {"content-encoding": "br, identity"},
    ],
)
def test_anything_else_is_not_taken(headers: dict[str, str]) -> None:
    with pytest.raises(UnsupportedMediaType):
        read(body(), **headers)


def test_a_missing_type_is_not_taken_for_json() -> None:
    event = http_event("POST", PATH, body=body())
    del event["headers"]["content-type"]

    with pytest.raises(Problem) as problem:
        read_body(event, GenerateRequest, max_prompt_bytes=MOST)

    assert problem.value.status == 415


def test_the_fingerprint_tells_requests_apart() -> None:
    requests = [
        body(),
        body(chat_id="chat_2"),
        body(prompt="Tell me about otters!"),
        body(model="gpt-test"),
        body(chat_id='chat_1", "x', prompt="y"),
    ]

    fingerprints = {read(content).fingerprint() for content in requests}

    assert len(fingerprints) == len(requests)
    assert read(body()).fingerprint() == read(json.dumps(body(), indent=4)).fingerprint()
