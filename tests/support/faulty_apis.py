"""The two APIs that the faulty model server speaks: how each writes an answer, an error, and nonsense."""

from __future__ import annotations

import json
from typing import Any, Protocol

from local.stand_in import event_stream

CANARY = "canary-provider-text"
ERRORS = {
    400: "ValidationException", 401: "UnrecognizedClientException",
    403: "AccessDeniedException", 404: "ResourceNotFoundException",
    408: "ModelTimeoutException", 424: "ModelErrorException", 429: "ThrottlingException",
    500: "InternalServerException", 503: "ServiceUnavailableException",
}  # fmt: skip
"""Bedrock's, by their statuses."""
STOP_REASONS = {"stop": "end_turn", "length": "max_tokens", "content_filter": "content_filtered"}
"""Bedrock's, by OpenAI's words."""


class Api(Protocol):
    """What a stream consists of."""

    content_type: str

    def question(self, request: dict[str, Any]) -> str:
        """The latest message of a request."""
        ...

    def error(self, fault: dict[str, Any]) -> tuple[str, dict[str, str]]:
        """The body of a refusal, and the headers that belong to it."""
        ...

    def start(self) -> bytes:
        """What comes before the text."""
        ...

    def delta(self, delta: str | dict[str, Any]) -> bytes:
        """A piece of text, or of what an object says."""
        ...

    def end(self, reason: str, *, counts: tuple[int, int] | None) -> bytes:
        """What comes after the text, with the tokens of prompt and answer if they are told."""
        ...

    def nonsense(self, kind: str) -> bytes | None:
        """What this kind of fault puts into a stream, if it does."""
        ...


class ChatCompletions:
    """OpenAI's."""

    content_type = "text/event-stream"

    def question(self, request: dict[str, Any]) -> str:
        content: str | list[dict[str, Any]] = request["messages"][-1]["content"]
        return content if isinstance(content, str) else _last_text(content)

    def error(self, fault: dict[str, Any]) -> tuple[str, dict[str, str]]:
        return json.dumps({"error": {"message": CANARY, **fault.get("error", {})}}), {}

    def start(self) -> bytes:
        return _sse(_chunk({"role": "assistant", "content": ""}))

    def delta(self, delta: str | dict[str, Any]) -> bytes:
        said: dict[str, Any] = {"content": delta} if isinstance(delta, str) else dict(delta)
        return _sse(said.pop("chunk", {}) | _chunk(said))

    def end(self, reason: str, *, counts: tuple[int, int] | None) -> bytes:
        told = b""
        if counts is not None:
            prompt, answer = counts
            usage = {"prompt_tokens": prompt, "completion_tokens": answer, "total_tokens": prompt + answer}
            told = _sse({"object": "chat.completion.chunk", "choices": [], "usage": usage})
        return _sse(_chunk({}, finish_reason=reason)) + told + _sse("[DONE]")

    def nonsense(self, kind: str) -> bytes | None:
        match kind:
            case "malformed":
                return _sse('{"choices": [{"delta": {"content": ')
            case "error_object":
                return _sse({"error": {"message": CANARY, "code": 500}})
            case "vllm_error":
                return _sse({"object": "error", "message": CANARY, "code": 500})
        return None


class ConverseStream:
    """Bedrock's."""

    content_type = "application/vnd.amazon.eventstream"

    def question(self, request: dict[str, Any]) -> str:
        return _last_text(request["messages"][-1]["content"])

    def error(self, fault: dict[str, Any]) -> tuple[str, dict[str, str]]:
        told = fault.get("error", {})
        name = told.get("name") or ERRORS.get(fault.get("code", 0), "SomethingNewException")
        header = f"{name}:http://internal.amazon.com/coral/com.amazon.bedrock/"
        sentence = told.get("message") or f"{told.get('code', '')} {CANARY}"
        return json.dumps({"message": sentence}), {"x-amzn-ErrorType": header}

    def start(self) -> bytes:
        return event_stream.event("messageStart", {"role": "assistant"})

    def delta(self, delta: str | dict[str, Any]) -> bytes:
        if isinstance(delta, str):
            return self._delta({"text": delta})
        parts: list[dict[str, Any]] = []
        if reasoning := delta.get("reasoning_content"):
            parts.append({"reasoningContent": {"text": reasoning}})
        if text := delta.get("content"):
            parts.append({"text": text})
        urls = delta.get("chunk", {}).get("citations", ())
        parts += [{"citation": {"location": {"web": {"url": url}}}} for url in urls]
        return b"".join(map(self._delta, parts))

    def end(self, reason: str, *, counts: tuple[int, int] | None) -> bytes:
        stop = event_stream.event("messageStop", {"stopReason": STOP_REASONS.get(reason, reason)})
        if counts is None:
            return stop
        prompt, answer = counts
        usage = {"inputTokens": prompt, "outputTokens": answer, "totalTokens": prompt + answer}
        return stop + event_stream.event("metadata", {"usage": usage, "metrics": {"latencyMs": 1}})

    def nonsense(self, kind: str) -> bytes | None:
        match kind:
            case "malformed":
                message = bytearray(self.delta("damaged"))
                message[-6] ^= 1
                return bytes(message)
            case "error_object":
                return event_stream.exception("internalServerException", CANARY)
            case "vllm_error":
                return event_stream.exception("serviceUnavailableException", CANARY)
            case "model_error":
                return event_stream.exception("modelStreamErrorException", CANARY, originalStatusCode=500)
        return None

    def _delta(self, content: dict[str, Any]) -> bytes:
        told = {"contentBlockIndex": 0, "delta": content, "p": "abcdefghijkl"}
        return event_stream.event("contentBlockDelta", told)


def api_at(path: str) -> Api:
    """The API that is asked at a path."""
    return ConverseStream() if path.endswith("/converse-stream") else ChatCompletions()


def _chunk(delta: dict[str, Any], finish_reason: str | None = None) -> dict[str, Any]:
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish_reason}],
    }


def _sse(data: dict[str, Any] | str) -> bytes:
    return f"data: {data if isinstance(data, str) else json.dumps(data)}\n\n".encode()


def _last_text(parts: list[dict[str, Any]]) -> str:
    return next(str(part["text"]) for part in reversed(parts) if "text" in part)
