"""What is asked of a server, and what is asked of it after it has refused a part, in servers' own words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from functions.shared.generations.response_format import ResponseFormat, format_text
from functions.worker.attached_file import AttachedFile
from functions.worker.chat_request import Shape, is_of_this_request, refused_parameter, request_body
from functions.worker.conversation import Conversation, Turn
from functions.worker.provider_errors import RequestRejected, failed_by
from functions.worker.settings import ModelOptions

EVERYTHING = ModelOptions(llm_system_prompt="Be brief.", llm_max_output_tokens=100)


HELLO = Conversation(prompt="Hello")
OTTERS = Conversation(
    prompt="And where?",
    turns=(Turn("What do otters eat?", "Sea urchins."), Turn("When?", "At night.")),
    summary="The user asks about otters.",
)


def body(
    shape: Shape = Shape(),  # noqa: B008  it is frozen
    options: ModelOptions = EVERYTHING,
    conversation: Conversation = HELLO,
) -> dict[str, Any]:
    return request_body(conversation, model="m", options=options, shape=shape)


def refused(error: object, *, status: int = 400, shape: Shape | None = None) -> str | None:
    rejected = failed_by(error, broke_off=False, status=status)
    assert isinstance(rejected, RequestRejected)
    return refused_parameter(body(shape or Shape()), named=rejected.named, words=rejected.words)


def test_nothing_is_sent_that_was_not_set() -> None:
    assert body(options=ModelOptions()) == {
        "model": "m",
        "messages": [{"role": "user", "content": "Hello"}],
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def test_turns_go_between_the_system_prompt_with_the_summary_and_the_prompt() -> None:
    system, *others = body(conversation=OTTERS)["messages"]

    assert system["role"] == "system"
    assert system["content"].startswith("Be brief.\n\n")
    assert system["content"].endswith("\n\nThe user asks about otters.")
    assert [(message["role"], message["content"]) for message in others] == [
        ("user", "What do otters eat?"),
        ("assistant", "Sea urchins."),
        ("user", "When?"),
        ("assistant", "At night."),
        ("user", "And where?"),
    ]


@pytest.mark.parametrize("system_prompt", ["", "Be brief."])
@pytest.mark.parametrize("summary", ["", "The user asks about otters."])
@pytest.mark.parametrize("role", ["system", "developer", "user"])
def test_roles_alternate_and_the_user_has_the_last_word(role: str, summary: str, system_prompt: str) -> None:
    options = ModelOptions(llm_system_prompt=system_prompt)

    messages = body(Shape(system_role=role), options, replace(OTTERS, summary=summary))["messages"]

    roles = [message["role"] for message in messages if message["role"] in {"user", "assistant"}]
    assert roles == ["user", "assistant", "user", "assistant", "user"]
    assert len(messages) - len(roles) == (role != "user" and bool(system_prompt or summary))
    assert summary in messages[0]["content"]


@pytest.mark.parametrize("role", ["system", "developer", "user"])
def test_a_conversation_that_goes_on_begins_as_it_began(role: str) -> None:
    following = replace(OTTERS, prompt="Why?", turns=(*OTTERS.turns, Turn(OTTERS.prompt, "In kelp.")))

    before = body(Shape(system_role=role), conversation=OTTERS)["messages"]

    assert body(Shape(system_role=role), conversation=following)["messages"][: len(before)] == before


def test_a_conversation_may_bring_instructions_of_its_own() -> None:
    conversation = Conversation(prompt="Hello", system="Summarise.")

    assert body(conversation=conversation)["messages"][0] == {"role": "system", "content": "Summarise."}


def test_a_system_prompt_that_has_no_role_stands_before_the_prompt() -> None:
    assert body(Shape(system_role="user"))["messages"] == [{"role": "user", "content": "Be brief.\n\nHello"}]


@pytest.mark.parametrize(
    ("error", "parameter"),
    [
        (
            {
                "error": {
                    "message": "Unsupported parameter: 'max_tokens' is not supported with this model. "
                    "Use 'max_completion_tokens' instead.",
                    "param": "max_tokens",
                    "code": "unsupported_parameter",
                }
            },
            "max_tokens",
        ),
        (
            {"error": {"message": "Unknown parameter: 'stream_options'.", "param": "stream_options"}},
            "stream_options",
        ),
        (
            {
                "object": "error",
                "message": {"detail": [{"type": "extra_forbidden", "loc": ["body", "stream_options"]}]},
            },
            "stream_options",
        ),
        (
            {
                "object": "error",
                "message": "[{'type': 'extra_forbidden', 'loc': ('body', 'stream_options'), "
                "'msg': 'Extra inputs are not permitted', 'input': {'include_usage': True}}]",
            },
            "stream_options",
        ),
        (
            {
                "error": {
                    "message": "litellm.UnsupportedParamsError: m does not support "
                    "parameters: ['stream_options']"
                }
            },
            "stream_options",
        ),
        (
            {"error": {"message": "Unrecognized request argument supplied: stream_options"}},
            "stream_options",
        ),
        (
            {
                "error": {
                    "message": "Your organization must be verified to stream this model.",
                    "param": "stream",
                    "code": "unsupported_value",
                }
            },
            "stream",
        ),
        (
            {
                "error": {
                    "message": "Unsupported value: 'messages[0].role' does not support "
                    "'system' with this model.",
                    "param": "messages[0].role",
                    "code": "unsupported_value",
                }
            },
            "system",
        ),
        ({"object": "error", "message": "System role not supported"}, "system"),
        ({"object": "error", "message": "Only user and assistant roles are supported!"}, "system"),
        ({"error": "Conversation roles must alternate user/assistant/user/assistant/..."}, "system"),
        ([{"error": {"message": "Developer instruction is not enabled for models/gemma-3-1b-it"}}], "system"),
        (
            {
                "detail": [
                    {
                        "type": "literal_error",
                        "loc": ["body", "messages", 0, "role"],
                        "msg": "unexpected value",
                    }
                ]
            },
            "system",
        ),
        (
            {"error": {"message": "Unknown parameter: 'stream_options'. Known: model, messages, max_tokens"}},
            "stream_options",
        ),
        ({"error": {"message": "Unknown parameter: 'temperature'", "param": "temperature"}}, None),
        ({"error": {"message": "The model `m` is not supported"}}, None),
        ({"error": {"message": "max_tokens must be at most 16"}}, None),
        ({"error": {"message": "?"}}, None),
    ],
)
def test_the_part_that_a_refusal_names_is_found(error: object, parameter: str | None) -> None:
    assert refused(error) == parameter


def test_the_new_name_of_the_limit_may_be_refused_as_well() -> None:
    error = {
        "object": "error",
        "message": "[{'type': 'extra_forbidden', 'loc': ('body', 'max_completion_tokens'), 'input': 8192}]",
    }

    assert refused(error, shape=Shape(limit="max_completion_tokens")) == "max_completion_tokens"


def test_a_limit_is_renamed_in_both_directions_and_left_out_when_neither_name_is_known() -> None:
    def without(name: str, *given_up: str) -> str | None:
        return Shape(limit=name).without(name, words="", given_up=frozenset({name, *given_up})).limit

    assert without("max_tokens") == "max_completion_tokens"
    assert without("max_completion_tokens") == "max_tokens"
    assert without("max_completion_tokens", "max_tokens") is None


def test_a_server_that_wants_another_role_gets_that_one() -> None:
    words = "'system' is not supported with this model. use 'developer' instead"

    assert Shape().without("system", words=words, given_up=frozenset()).system_role == "developer"
    assert Shape().without("system", words="no", given_up=frozenset()).system_role == "user"


def wanted(**schema: object) -> Conversation:
    """A prompt whose answer is wanted under a schema, or as any object."""
    said: dict[str, Any] = {"type": "json_object"}
    if schema:
        said = {"type": "json_schema", "json_schema": {"name": "otter", "schema": schema}}
    return Conversation(prompt="Hello", response_format=ResponseFormat(format_text(said)))


def test_a_schema_is_passed_on_as_it_came() -> None:
    asked = body(conversation=wanted(type="object"))

    assert asked["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "otter", "schema": {"type": "object"}},
    }
    assert asked["messages"][0]["content"] == "Be brief."


@pytest.mark.parametrize(
    ("conversation", "form", "said"),
    [
        (wanted(), "json_schema", {"type": "json_object"}),
        (wanted(type="object"), "json_object", {"type": "json_object"}),
        (wanted(type="object"), "text", None),
        (wanted(), "text", None),
    ],
)
def test_what_a_server_has_no_parameter_for_is_asked_in_words(
    conversation: Conversation, form: Any, said: object
) -> None:
    asked = body(Shape(form=form), conversation=conversation)

    assert asked.get("response_format") == said
    instructions = asked["messages"][0]["content"]
    assert "JSON" in instructions
    assert ('{"type":"object"}' in instructions) == (conversation != wanted())


@pytest.mark.parametrize(
    "error",
    [
        {
            "error": {
                "message": "Invalid parameter: 'response_format' of type 'json_schema' is not supported with "
                "this model.",
                "type": "invalid_request_error",
                "param": "response_format",
            }
        },
        {
            "error": {
                "message": "This response_format type is unavailable now",
                "type": "invalid_request_error",
            }
        },
        {"error": {"message": "This model does not support response format `json_schema`."}},
        {
            "error": {
                "message": "response_format value as json_schema is enabled only for api versions "
                "2024-08-01-preview and later",
                "code": "BadRequest",
            }
        },
        {
            "error": {
                "message": "Invalid schema for response_format 'otter': In context=(), "
                "'additionalProperties' is required to be supplied and to be false.",
                "param": "response_format",
            }
        },
        {"detail": [{"type": "extra_forbidden", "loc": ["body", "response_format"]}]},
    ],
)
def test_a_refused_form_is_asked_for_as_an_object_and_then_in_words(error: object) -> None:
    rejected = failed_by(error, broke_off=False, status=400)
    assert isinstance(rejected, RequestRejected)
    shape = Shape()

    forms = []
    while (asked := body(shape, conversation=wanted(type="object"))).get("response_format"):
        refused = refused_parameter(asked, named=rejected.named, words=rejected.words)
        forms.append(refused)
        shape = shape.without(str(refused), words=rejected.words, given_up=frozenset())

    assert forms == ["json_schema", "json_object"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [("invalid schema for response_format 'otter': …", True), ("response_format is not supported", False)],
)
def test_a_schema_that_a_server_does_not_know_says_nothing_of_the_next(words: str, expected: object) -> None:
    assert is_of_this_request("json_schema", words) is expected


PNG = AttachedFile(name="otter.png", media_type="image/png", content=b"\x89PNG")
PDF = AttachedFile(name="otters.pdf", media_type="application/pdf", content=b"%PDF-")
CSV = AttachedFile(name="otters.csv", media_type="text/csv", content="name\nAda ü".encode())


def test_files_go_before_the_question_as_its_api_wants_them() -> None:
    conversation = Conversation(prompt="What is this?", files=(PNG, PDF, CSV))

    [question] = body(options=ModelOptions(), conversation=conversation)["messages"]

    assert question["content"] == [
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw=="}},
        {
            "type": "file",
            "file": {"filename": "otters.pdf", "file_data": "data:application/pdf;base64,JVBERi0="},
        },
        {"type": "text", "text": "File otters.csv:\n\nname\nAda ü"},
        {"type": "text", "text": "What is this?"},
    ]


def test_a_file_stays_with_the_turn_that_it_came_with() -> None:
    conversation = Conversation(prompt="And now?", turns=(Turn("What is this?", "An otter.", (PNG,)),))

    first, second, third = body(Shape(system_role="user"), conversation=conversation)["messages"]

    assert [part["type"] for part in first["content"]] == ["image_url", "text"]
    assert first["content"][-1]["text"] == "Be brief.\n\nWhat is this?"
    assert (second["content"], third["content"]) == ("An otter.", "And now?")
