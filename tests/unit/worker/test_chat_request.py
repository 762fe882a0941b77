"""What is asked of a server, and what is asked of it after it has refused a part, in servers' own words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from functions.worker.chat_request import Shape, refused_parameter, request_body
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
