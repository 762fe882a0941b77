"""What is sent to Bedrock: the API's own form, checked by the service's description, and what is left out."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.session import get_session
from botocore.validate import ParamValidator

from functions.shared.attachments.model import MEDIA_TYPES
from functions.shared.generations.response_format import ResponseFormat, format_text
from functions.worker.attached_file import AttachedFile
from functions.worker.bedrock.content import FORMATS
from functions.worker.bedrock.request import ConverseOptions, Shape, request_body
from functions.worker.conversation import Conversation, Turn

LONG = "otters " * 1000
MARK = {"cachePoint": {"type": "default"}}
TURNS = (Turn("q1", "a1"), Turn("q2", "a2"))


def body_of(conversation: Conversation, shape: Shape | None = None, **options: Any) -> dict[str, Any]:
    return request_body(conversation, options=ConverseOptions(**options), shape=shape or Shape())


def refusals_of(body: dict[str, Any]) -> str:
    """What the SDK, which knows the service's description, would refuse to send."""
    shape = get_session().get_service_model("bedrock-runtime").operation_model("ConverseStream").input_shape
    assert shape
    return str(ParamValidator().validate({**body, "modelId": "anthropic.claude-v2"}, shape).generate_report())


def test_a_prompt_alone_is_one_message() -> None:
    assert body_of(Conversation(prompt="Hello")) == {
        "messages": [{"role": "user", "content": [{"text": "Hello"}]}]
    }


def test_turns_alternate_and_the_instructions_stand_apart() -> None:
    body = body_of(Conversation(prompt="q3", turns=TURNS, summary="Otters."), system_prompt="Be brief.")

    assert [message["role"] for message in body["messages"]] == ["user", "assistant"] * 2 + ["user"]
    assert [message["content"] for message in body["messages"]] == [
        [{"text": text}] for text in ("q1", "a1", "q2", "a2", "q3")
    ]
    [system] = body["system"]
    assert system["text"].startswith("Be brief.")
    assert system["text"].endswith("Otters.")


@pytest.mark.parametrize("blank", [Turn("", "a"), Turn("q", " \n")])
def test_a_turn_with_a_blank_text_is_left_out_as_the_api_refuses_it(blank: Turn) -> None:
    body = body_of(Conversation(prompt="q3", turns=(blank, Turn("q2", "a2"))))

    assert [message["content"][0]["text"] for message in body["messages"]] == ["q2", "a2", "q3"]


def test_parameters_stand_where_the_api_wants_them() -> None:
    parameters = {
        "temperature": 0.2,
        "topP": 0.9,
        "stopSequences": ["END"],
        "top_k": 50,
        "thinking": {"type": "enabled", "budget_tokens": 2000},
        "performanceConfig": {"latency": "optimized"},
        "inferenceConfig": {"topP": 0.5},
    }

    body = body_of(Conversation(prompt="Hello"), parameters=parameters, max_tokens=500)

    assert body["inferenceConfig"] == {
        "temperature": 0.2,
        "topP": 0.9,
        "stopSequences": ["END"],
        "maxTokens": 500,
    }
    assert body["additionalModelRequestFields"] == {
        "top_k": 50,
        "thinking": {"type": "enabled", "budget_tokens": 2000},
    }
    assert body["performanceConfig"] == {"latency": "optimized"}
    assert refusals_of(body) == ""


def test_a_guardrail_is_named_with_its_version() -> None:
    body = body_of(Conversation(prompt="Hello"), guardrail=("abcd1234", "DRAFT"))

    assert body["guardrailConfig"] == {"guardrailIdentifier": "abcd1234", "guardrailVersion": "DRAFT"}
    assert refusals_of(body) == ""


def test_a_limit_of_zero_is_the_models_own() -> None:
    assert "inferenceConfig" not in body_of(Conversation(prompt="Hello"), max_tokens=0)


def test_what_comes_again_is_marked_for_the_cache() -> None:
    conversation = Conversation(prompt="q3", turns=TURNS)

    body = body_of(conversation, system_prompt=LONG, has_cache_points=True)

    assert body["system"] == [{"text": LONG}, MARK]
    assert [MARK in message["content"] for message in body["messages"]] == [False, False, True, False, True]
    assert refusals_of(body) == ""


def test_the_next_request_finds_in_the_cache_what_this_one_put_there() -> None:
    long = Turn(LONG, "a1")
    first = body_of(Conversation(prompt=LONG), has_cache_points=True)
    second = body_of(Conversation(prompt="q2", turns=(long,)), has_cache_points=True)

    assert second["messages"][0] == first["messages"][0]
    assert MARK in second["messages"][0]["content"]


def test_what_is_too_short_for_a_cache_is_not_marked() -> None:
    body = body_of(Conversation(prompt="q3", turns=TURNS), system_prompt="Be brief.", has_cache_points=True)

    assert "cachePoint" not in str(body)


def test_nothing_is_marked_unless_the_row_says_so() -> None:
    assert "cachePoint" not in str(body_of(Conversation(prompt=LONG, turns=TURNS), system_prompt=LONG))


NO_SYSTEM = "This model doesn't support system messages. Try again without a system message"
NO_CACHE = (
    "You invoked an unsupported model or your request did not allow prompt caching. See the documentation"
)


def test_a_model_without_system_prompts_is_told_the_instructions_before_the_question() -> None:
    shape = Shape().without(NO_SYSTEM.lower())

    body = body_of(Conversation(prompt="Hello"), shape, system_prompt="Be brief.")

    assert "system" not in body
    assert body["messages"][0]["content"] == [{"text": "Be brief.\n\nHello"}]


def test_a_model_without_a_cache_is_sent_no_marks() -> None:
    shape = Shape().without(NO_CACHE.lower())

    assert "cachePoint" not in str(body_of(Conversation(prompt=LONG), shape, has_cache_points=True))


@pytest.mark.parametrize(
    "sentence",
    ["the provided model identifier is invalid.", "the guardrail is not supported with this model", ""],
)
def test_nothing_else_is_left_out(sentence: str) -> None:
    assert Shape().without(sentence) is None


def test_what_was_left_out_already_is_not_left_out_again() -> None:
    shape = Shape().without(NO_CACHE.lower())

    assert shape is not None
    assert shape.without(NO_CACHE.lower()) is None


FORM = ResponseFormat(
    format_text({"type": "json_schema", "json_schema": {"name": "otter", "schema": {"type": "object"}}})
)
SCHEMA = {"jsonSchema": {"name": "otter", "schema": '{"type": "object"}'}}


def test_a_schema_is_asked_for_as_the_api_wants_it() -> None:
    body = body_of(Conversation(prompt="Hello", response_format=FORM))

    assert body["outputConfig"] == {"textFormat": {"type": "json_schema", "structure": SCHEMA}}
    assert "system" not in body
    assert not refusals_of(body)


def test_a_schema_joins_what_a_row_says_of_the_output() -> None:
    body = body_of(
        Conversation(prompt="Hello", response_format=FORM), parameters={"outputConfig": {"effort": "low"}}
    )

    assert body["outputConfig"].keys() == {"effort", "textFormat"}


@pytest.mark.parametrize(
    ("form", "shape", "takes_schema"),
    [
        (FORM, Shape(has_schema=False), True),
        (FORM, Shape(), False),
        (ResponseFormat('{"type":"json_object"}'), Shape(), True),
    ],
    ids=["refused", "not taken", "any object"],
)
def test_otherwise_a_form_is_asked_for_in_words(
    form: ResponseFormat,
    shape: Shape,
    takes_schema: bool,  # noqa: FBT001
) -> None:
    body = body_of(Conversation(prompt="Hello", response_format=form), shape, takes_schema=takes_schema)

    assert "outputConfig" not in body
    assert body["system"] == [{"text": form.instruction}]


@pytest.mark.parametrize(
    "words",
    [
        "this model doesn't support the outputconfig.textformat field",
        "structured output is not supported for this model",
        "the provided json schema is invalid: additionalproperties must be false",
    ],
)
def test_a_refused_schema_is_left_out(words: str) -> None:
    assert Shape().without(words) == Shape(has_schema=False)
    assert Shape(has_schema=False).without(words) is None


def test_files_are_blocks_before_the_text() -> None:
    png = AttachedFile(name="secret plans.png", media_type="image/png", content=b"\x89PNG")
    pdf = AttachedFile(name="a.pdf", media_type="application/pdf", content=b"%PDF-")
    csv = AttachedFile(name="a.csv", media_type="text/csv", content=b"a,b")
    turns = (Turn("What is this?", "An otter.", (pdf,)),)

    body = body_of(Conversation(prompt="And these?", turns=turns, files=(png, csv)))

    first, _, last = (message["content"] for message in body["messages"])
    assert first == [
        {"document": {"format": "pdf", "name": "document 1", "source": {"bytes": "JVBERi0="}}},
        {"text": "What is this?"},
    ]
    assert last == [
        {"image": {"format": "png", "source": {"bytes": "iVBORw=="}}},
        {"document": {"format": "csv", "name": "document 2", "source": {"bytes": "YSxi"}}},
        {"text": "And these?"},
    ]
    assert not refusals_of(body)


def test_every_kind_of_file_has_a_format() -> None:
    assert FORMATS.keys() == set(MEDIA_TYPES)


def test_files_are_no_text_to_be_cached() -> None:
    png = AttachedFile(name="a.png", media_type="image/png", content=b"\x89PNG")

    body = body_of(Conversation(prompt=LONG, files=(png,)), has_cache_points=True)

    assert body["messages"][0]["content"][-1] == MARK
