"""What model servers' errors mean, in the words that they really use."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.shared.generations.failures import Failure
from functions.worker.model import ModelFailed
from functions.worker.provider_errors import body_of, failed_by
from functions.worker.retry_after import seconds_to_wait

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)


def openai(message: str, **more: Any) -> dict[str, Any]:
    return {
        "error": {"message": message, "type": "invalid_request_error", "param": None, "code": None, **more}
    }


def vllm(message: str) -> dict[str, Any]:
    return {"object": "error", "message": message, "type": "BadRequestError", "param": None, "code": 400}


def litellm(message: str, code: str = "400") -> dict[str, Any]:
    return {"error": {"message": message, "type": None, "param": None, "code": code}}


TOO_LONG: dict[str, tuple[int, object]] = {
    "OpenAI": (
        400,
        openai("Your input exceeds the context window of this model.", code="context_length_exceeded"),
    ),
    "OpenAI, a string": (400, openai("Invalid input: string too long.", code="string_above_max_length")),
    "OpenAI, the sentence alone": (
        400,
        openai(
            "This model's maximum context length is 8192 tokens. "
            "However, your messages resulted in 8545 tokens."
        ),
    ),
    "OpenAI, a configured limit": (400, openai("Input tokens exceed the configured limit of 272000 tokens.")),
    "vLLM of 2024": (
        400,
        vllm("This model's maximum context length is 4096 tokens. However, you requested 5000 tokens."),
    ),
    "vLLM of 2026": (
        400,
        openai(
            "This model's maximum context length is 262144 tokens. "
            "However, you requested 0 output tokens and your "
            "prompt contains at least 262145 input tokens, for a total of at least 262145 tokens.",
            type="BadRequestError",
            code=400,
        ),
    ),
    "vLLM, the prompt": (
        400,
        vllm("The decoder prompt (length 5000) is longer than the maximum model length of 4096."),
    ),
    "llama.cpp": (
        400,
        {
            "error": {
                "code": 400,
                "message": "request (66202 tokens) exceeds the available context size (65536 tokens), "
                "try increasing it",
                "type": "exceed_context_size_error",
                "n_prompt_tokens": 66202,
                "n_ctx": 65536,
            }
        },
    ),
    "TGI, inputs and new tokens": (
        422,
        {
            "error": "Input validation error: `inputs` tokens + `max_new_tokens` "
            "must be <= 4096. Given: 5000 "
            "`inputs` tokens and 1024 `max_new_tokens`",
            "error_type": "validation",
        },
    ),
    "TGI, inputs": (
        422,
        {
            "error": "Input validation error: `inputs` must have less than 1024 tokens. Given: 1500",
            "error_type": "validation",
        },
    ),
    "SGLang": (
        400,
        {
            "object": "error",
            "message": "The input (5000 tokens) is longer than the model's context length (4096 tokens).",
            "type": "BadRequestError",
            "code": 400,
        },
    ),
    "SGLang, the sum": (
        400,
        vllm("Requested token count exceeds the model's maximum context length of 4096 tokens."),
    ),
    "Ollama": (400, openai("prompt too long; exceeded max context length by 12 tokens")),
    "Ollama, the other": (500, {"error": "the input length exceeds the context length"}),
    "LM Studio": (
        400,
        {
            "error": "The number of tokens to keep from the initial prompt is "
            "greater than the context length. "
            "Try to load the model with a larger context length"
        },
    ),
    "LM Studio, overflow": (
        400,
        {
            "error": "Trying to keep the first 5000 tokens when context the "
            "overflows. However, the model is loaded "
            "with context length of only 4096 tokens, which is not enough."
        },
    ),
    "LiteLLM before OpenAI": (
        400,
        litellm(
            "litellm.BadRequestError: "
            "litellm.ContextWindowExceededError: OpenAIException - This model's maximum "
            "context length is 8192 tokens.\nReceived Model Group=gpt-4\nAvailable Model Group Fallbacks=None"
        ),
    ),
    "LiteLLM before Anthropic": (
        400,
        litellm(
            'litellm.BadRequestError: AnthropicException - b\'{"type":"error","error":{"type":'
            '"invalid_request_error","message":"input length and `max_tokens` exceed context limit: '
            "179413 + 32768 > 200000, decrease input length or `max_tokens` and try again\"}}'"
        ),
    ),
    "LiteLLM, the class alone": (400, litellm("litellm.ContextWindowExceededError: something else")),
    "Anthropic": (
        400,
        {
            "type": "error",
            "error": {
                "type": "invalid_request_error",
                "message": "prompt is too long: 213462 tokens > 200000 maximum",
            },
        },
    ),
    "Anthropic, the request": (
        413,
        {
            "type": "error",
            "error": {"type": "request_too_large", "message": "Request exceeds the maximum size"},
        },
    ),
    "Groq": (
        413,
        openai(
            "Request too large for model `x` on tokens per minute (TPM): "
            "Limit 6000, Requested 7842, please reduce "
            "your message size and try again.",
            type="tokens",
            code="rate_limit_exceeded",
        ),
    ),
    "Groq, the messages": (400, openai("Please reduce the length of the messages or completion.")),
    "a web server before it": (413, "<html><h1>413 Request Entity Too Large</h1></html>"),
    "Gemini": (
        400,
        [
            {
                "error": {
                    "code": 400,
                    "message": "The input token count (1196265) exceeds the maximum number "
                    "of tokens allowed (1048575).",
                    "status": "INVALID_ARGUMENT",
                }
            }
        ],
    ),
    "xAI": (
        400,
        {
            "code": "Client specified an invalid argument",
            "error": "This model's maximum prompt length is 131072 but the request contains 537812 tokens.",
        },
    ),
    "Mistral": (
        400,
        {
            "object": "error",
            "message": "Prompt contains 40000 tokens and 0 draft tokens, too large "
            "for model with 32768 maximum "
            "context length",
            "type": "invalid_request_prompt",
            "code": "3051",
        },
    ),
    "Together": (
        422,
        openai("Input validation error: `inputs` tokens + `max_new_tokens` must be <= 8193. Given: 9000"),
    ),
    "Fireworks": (400, openai("The prompt is too long: 8200, model maximum context length: 8191")),
    "GLM": (400, {"error": {"code": "1261", "message": "Prompt 超长"}}),
    "in Chinese": (400, {"error": {"code": "x", "message": "输入过长, 超过模型的最大上下文长度"}}),
    "DashScope": (400, openai("Range of input length should be [1, 129024]", code="invalid_parameter_error")),
    "Bedrock behind a gateway": (
        400,
        {"detail": "An error occurred (ValidationException): Input is too long for requested model."},
    ),
    "Bedrock Mantle": (
        400,
        openai(
            "prompt tokens (400007) exceed model maximum (278528) for openai.gpt-5.5", code="validation_error"
        ),
    ),
    "Cohere": (
        400,
        {
            "message": "too many tokens: total number of tokens in the prompt "
            "cannot exceed 4081 - received 5000."
        },
    ),
    "Cohere, the total": (400, {"message": "total tokens exceeds the model's max of 4096"}),
    "Kimi": (400, openai("Invalid request: Your request exceeded model token limit: 131072")),
    "MiniMax": (400, openai("invalid params, context window exceeds limit (2013)")),
    "Copilot": (400, openai("prompt token count of 130000 exceeds the limit of 128000")),
    "Poolside": (
        400,
        openai("Input length 131393 exceeds the maximum allowed input length of 131040 tokens."),
    ),
    "TensorRT-LLM": (
        400,
        vllm("Prompt length (5000) exceeds maximum input length (4096). Set max_input_len."),
    ),
    "OpenRouter": (
        400,
        {
            "error": {
                "message": "Provider returned error",
                "code": 400,
                "metadata": {
                    "raw": json.dumps(openai("This endpoint's maximum context length is 32768 tokens.")),
                    "provider_name": "x",
                },
            }
        },
    ),
}

FILTERED: dict[str, tuple[int, object]] = {
    "GLM": (
        400,
        {"contentFilter": [{"level": 1}], "error": {"code": "1301", "message": "可能包含不安全内容"}},
    ),
    "OpenAI": (400, openai("Blocked.", code="content_policy_violation")),
    "OpenAI, the prompt": (
        400,
        openai(
            "Invalid prompt: your prompt was flagged as potentially violating our usage policy.",
            code="invalid_prompt",
        ),
    ),
    "Azure": (
        400,
        openai(
            "The response was filtered due to the prompt triggering "
            "Azure OpenAI's content management policy.",
            code="content_filter",
            innererror={
                "code": "ResponsibleAIPolicyViolation",
                "content_filter_result": {"hate": {"filtered": True, "severity": "high"}},
            },
        ),
    ),
    "LiteLLM before Azure": (
        400,
        litellm("litellm.BadRequestError: litellm.ContentPolicyViolationError: AzureException - filtered"),
    ),
    "DeepSeek": (400, openai("Content Exists Risk")),
    "DashScope": (
        400,
        openai("Input data may contain inappropriate content.", code="data_inspection_failed"),
    ),
    "DashScope, native": (
        400,
        openai("<400> InternalError.Algo.DataInspectionFailed: Input text data may …"),
    ),
    "OpenRouter": (
        403,
        {
            "error": {
                "code": 403,
                "message": "x/y requires moderation",
                "metadata": {
                    "reasons": ["violence"],
                    "flagged_input": "context length exceeded",
                    "provider_name": "z",
                },
            }
        },
    ),
    "xAI": (
        403,
        {
            "code": "The caller does not have permission to execute the specified operation",
            "error": "Content violates usage guidelines. Failed check: SAFETY_CHECK_TYPE_BIO",
        },
    ),
    "Kimi": (
        400,
        openai("The request was rejected because it was considered high risk", type="content_filter"),
    ),
    "Zhipu": (
        400,
        {"error": {"code": "1301", "message": "系统检测到输入或生成内容可能包含不安全或敏感内容"}},
    ),
    "Bedrock": (400, {"detail": "Guardrail was intervened"}),
}

OTHERS: dict[str, tuple[int, object, Failure, bool]] = {
    "an address that is too long": (414, "Request-URI Too Long", Failure.REJECTED, False),
    "headers that are too large": (431, "Request Header Fields Too Large", Failure.REJECTED, False),
    "too many tokens a minute": (
        429,
        openai(
            "Rate limit reached for gpt-4 on tokens per min (TPM): Limit 30000.", code="rate_limit_exceeded"
        ),
        Failure.RATE_LIMITED,
        True,
    ),
    "more tokens than a minute allows": (
        429,
        openai("Request too large for gpt-4 on tokens per min (TPM): Limit 30000, Requested 38000."),
        Failure.RATE_LIMITED,
        False,
    ),
    "Bedrock throttles": (
        400,
        {"detail": "ThrottlingException: Too many tokens, please wait before trying again."},
        Failure.RATE_LIMITED,
        True,
    ),
    "no credit": (
        429,
        openai("You exceeded your current quota.", code="insufficient_quota"),
        Failure.RATE_LIMITED,
        False,
    ),
    "no balance": (402, openai("Insufficient Balance"), Failure.REJECTED, False),
    "Gemini's quota": (
        429,
        [
            {
                "error": {
                    "code": 429,
                    "message": "You exceeded your current quota.",
                    "status": "RESOURCE_EXHAUSTED",
                }
            }
        ],
        Failure.RATE_LIMITED,
        True,
    ),
    "a wrong key": (401, openai("Incorrect API key", code="invalid_api_key"), Failure.REJECTED, False),
    "no such model": (404, vllm("The model `m` does not exist."), Failure.REJECTED, False),
    "not allowed": (403, openai("Country not supported"), Failure.REJECTED, False),
    "another parameter": (400, openai("Invalid value", param="n"), Failure.REJECTED, False),
    "a limit that is too large": (
        400,
        openai("max_tokens is too large: 100000. This model supports at most 16384 completion tokens."),
        Failure.REJECTED,
        False,
    ),
    "too slow": (408, "", Failure.TIMEOUT, True),
    "in conflict": (409, {}, Failure.UNAVAILABLE, True),
    "broken": (500, {"error": "Internal Server Error"}, Failure.UNAVAILABLE, True),
    "away": (503, "<html>limit exceeded: too many tokens in the prompt</html>", Failure.UNAVAILABLE, True),
    "overloaded": (529, {"type": "error", "error": {"type": "overloaded_error"}}, Failure.UNAVAILABLE, True),
    "moved": (307, "", Failure.REJECTED, False),
    "a prompt that is repeated": (
        422,
        {
            "detail": [
                {"type": "missing", "loc": ["body", "x"], "input": "the context length exceeded my patience"}
            ]
        },
        Failure.REJECTED,
        False,
    ),
}


def judged(status: int | None, body: object) -> ModelFailed:
    content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return failed_by(body_of(content), broke_off=False, status=status)


@pytest.mark.parametrize("server", TOO_LONG)
def test_a_prompt_that_is_too_long_is_known_whatever_server_says_so(server: str) -> None:
    failed = judged(*TOO_LONG[server])

    assert failed.failure is Failure.CONTEXT_TOO_LONG
    assert not failed.worth_retrying


@pytest.mark.parametrize("server", FILTERED)
def test_a_prompt_that_is_filtered_is_known_whatever_server_says_so(server: str) -> None:
    failed = judged(*FILTERED[server])

    assert failed.failure is Failure.CONTENT_FILTERED
    assert not failed.worth_retrying


@pytest.mark.parametrize("kind", OTHERS)
def test_other_errors_are_told_by_their_status(kind: str) -> None:
    status, body, failure, worth_retrying = OTHERS[kind]

    failed = judged(status, body)

    assert (failed.failure, failed.worth_retrying, failed.status) == (failure, worth_retrying, status)


@pytest.mark.parametrize(
    ("body", "failure", "status"),
    [
        ({"error": {"code": 429, "message": "busy"}}, Failure.RATE_LIMITED, 429),
        ({"error": {"code": "429", "message": "litellm.RateLimitError"}}, Failure.RATE_LIMITED, 429),
        ({"error": {"type": "rate_limit_error"}}, Failure.RATE_LIMITED, None),
        ({"error": {"code": 401, "message": "No auth credentials found"}}, Failure.REJECTED, 401),
        ({"error": {"type": "authentication_error", "message": "?"}}, Failure.REJECTED, None),
        ({"error": {"code": "server_error", "message": "Provider disconnected"}}, Failure.UNAVAILABLE, None),
        ({"error": {"code": 502, "message": "?"}}, Failure.UNAVAILABLE, 502),
        ({"error": {"type": "overloaded_error"}}, Failure.UNAVAILABLE, None),
        ({"error": {"type": "timeout_error"}}, Failure.TIMEOUT, None),
        ({"error": "Request timed out"}, Failure.TIMEOUT, None),
        ({"error": "model not found"}, Failure.REJECTED, None),
        ({"error": "Incorrect API key provided"}, Failure.REJECTED, None),
        ({"error": {"code": "insufficient_quota"}}, Failure.RATE_LIMITED, None),
        ({"error": {"message": "?"}}, Failure.INCOMPLETE, None),
        ("oh", Failure.INCOMPLETE, None),
        ({"error": json.dumps({"message": "?", "code": 503})}, Failure.UNAVAILABLE, 503),
        ({"error": {"message": 'Provider: {"error": {"code": 401}} (logged)'}}, Failure.REJECTED, 401),
        ({"error": {"message": "a brace { that opens nothing"}}, Failure.INCOMPLETE, None),
        ({"error": {"code": "1302", "message": "请求过于频繁"}}, Failure.RATE_LIMITED, None),
        ({"error": {"code": "1113", "message": "余额不足"}}, Failure.RATE_LIMITED, None),
        ({"error_code": 18, "error_msg": "Open api qps request limit reached"}, Failure.RATE_LIMITED, None),
        ({"Error": {"Code": "503", "Message": "?"}}, Failure.UNAVAILABLE, 503),
        ({"base_resp": {"status_code": 1004, "status_msg": "login fail"}}, Failure.REJECTED, None),
    ],
)
def test_an_error_without_a_status_names_one_or_says_it_in_words(
    body: object, failure: Failure, status: int | None
) -> None:
    failed = judged(None, body)

    assert (failed.failure, failed.status) == (failure, status)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (
            {"error": {"code": "context_length_exceeded", "type": "invalid_request_error"}},
            "context_length_exceeded",
        ),
        ({"error": {"code": 400, "type": "exceed_context_size_error"}}, "exceed_context_size_error"),
        ({"error": {"code": 400}}, "400"),
        ({"error": {"code": "The caller does not have permission", "message": "?"}}, None),
        ({"error": {"code": "x" * 65}}, None),
        ({"error": {"message": "secret"}}, None),
    ],
)
def test_a_code_is_kept_only_if_it_looks_like_one(body: object, code: str | None) -> None:
    assert judged(400, body).provider_code == code


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "45"}, 45),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after": "Fri, 27 Nov 2026 12:00:30 GMT"}, 30),
        ({"retry-after": "Fri, 27 Nov 2026 11:00:00 GMT"}, 0),
        ({"retry-after": "-3"}, 0),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "NaN"}, None),
        ({"retry-after": "soon"}, None),
        ({}, None),
    ],
)
def test_the_wait_that_a_server_asks_for_is_read_in_all_its_forms(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert seconds_to_wait(headers, now=NOON) == seconds


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from(["error", "code", "message", "x"]), inner)
    ),
    max_leaves=20,
)


@given(ANYTHING, st.none() | st.integers(300, 599))
def test_any_body_is_some_failure(body: object, status: int | None) -> None:
    assert isinstance(judged(status, body), ModelFailed)


@given(st.binary())
def test_any_bytes_are_some_failure(content: bytes) -> None:
    assert isinstance(failed_by(body_of(content), broke_off=True), ModelFailed)
