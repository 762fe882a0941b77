"""The stand-in's chat completions: requests and streamed responses."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local.stand_in.answers import LENGTH, answer_to
from local.stand_in.completions import AskedToFail, BadRequest, Completion

ASKED = {
    "model": "any",
    "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Otters?"}],
}


def completion(**fields: Any) -> Completion:
    return Completion.asked_for(json.dumps({**ASKED, **fields}).encode(), created=1)


def text_of(chunks: list[dict[str, Any]]) -> str:
    return "".join(choice["delta"].get("content", "") for chunk in chunks for choice in chunk["choices"])


def test_the_last_message_is_answered_in_one_object() -> None:
    whole = completion().whole()

    assert whole["choices"][0]["message"] == {"role": "assistant", "content": answer_to("Otters?")}
    assert whole["choices"][0]["finish_reason"] == "stop"
    assert whole["usage"] == {"prompt_tokens": 3, "completion_tokens": LENGTH, "total_tokens": LENGTH + 3}


def test_a_stream_brings_the_same_text_and_then_says_why_it_ends() -> None:
    chunks = list(completion(stream=True).chunks())

    assert text_of(chunks) == answer_to("Otters?")
    assert chunks[-1]["choices"][0]["finish_reason"] == "stop"
    assert not any("usage" in chunk for chunk in chunks)


def test_usage_follows_the_stream_when_asked_for() -> None:
    *_, last = completion(stream=True, stream_options={"include_usage": True}).chunks()

    assert last["choices"] == []
    assert last["usage"]["completion_tokens"] == LENGTH


@pytest.mark.parametrize("limit", ["max_tokens", "max_completion_tokens"])
def test_a_limit_ends_the_answer_early(limit: str) -> None:
    whole = completion(**{limit: 7}).whole()

    assert whole["choices"][0]["message"]["content"] == answer_to("Otters?", length=7)
    assert whole["choices"][0]["finish_reason"] == "length"


def test_content_may_come_in_parts() -> None:
    parts = [{"type": "text", "text": "Ott"}, {"type": "text", "text": "ers?"}]

    assert completion(messages=[{"role": "user", "content": parts}]).prompt == "Otters?"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"messages":[]}',
        b'{"messages":["x"]}',
        b'{"messages":[{"content":null}]}',
        b"\xff",
    ],
)
def test_anything_else_is_refused(body: bytes) -> None:
    with pytest.raises(BadRequest):
        Completion.asked_for(body, created=1)


@pytest.mark.parametrize(("prompt", "status"), [("Fail with 401.", 401), ("Fail with 503", 503)])
def test_a_prompt_may_ask_for_a_failure(prompt: str, status: int) -> None:
    with pytest.raises(AskedToFail) as refused:
        completion(messages=[{"role": "user", "content": prompt}])

    assert refused.value.status == status


@pytest.mark.parametrize("prompt", ["Fail with 200.", "Fail with 499.", "Why did it fail with 503.", "Fail"])
def test_a_prompt_about_failures_is_answered(prompt: str) -> None:
    asked = completion(messages=[{"role": "user", "content": prompt}])

    assert asked.prompt == prompt


def test_a_prompt_may_ask_for_reasoning_sources_and_data_in_this_order_around_the_text() -> None:
    asked = [{"role": "user", "content": "Think first. Cite your sources, and send data."}]

    deltas = [chunk["choices"][0]["delta"] for chunk in completion(messages=asked, stream=True).chunks()]

    names = [name for delta in deltas[1:] for name in delta]
    assert list(dict.fromkeys(names)) == ["reasoning_content", "content", "annotations", "data"]


def test_reasoning_may_stand_in_tags() -> None:
    asked = [{"role": "user", "content": "Think in tags."}]

    text = completion(messages=asked).whole()["choices"][0]["message"]["content"]

    assert text.startswith("<think>The user")
    assert text.endswith(f"</think>\n\n{answer_to('Think in tags.')}")


def test_reasoning_counts_as_tokens() -> None:
    usage = completion(messages=[{"role": "user", "content": "Think first."}]).whole()["usage"]

    reasoned = usage["completion_tokens_details"]["reasoning_tokens"]
    assert usage["completion_tokens"] == LENGTH + reasoned > LENGTH
