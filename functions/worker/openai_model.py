"""A model behind any server that speaks OpenAI's chat completions, as a stream of plain pieces.

The SDK sends the request: authentication, retries before the stream begins (429 with Retry-After, 5xx,
connection errors) and its errors. The stream itself is read here: the SDK's typed chunks cost three times as
much, it raises a bare JSONDecodeError on malformed events, and it says nothing when a stream just ends.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx2
import openai

from functions.shared.failures import Failure
from functions.shared.generations import Usage
from functions.worker.events import EventDecoder
from functions.worker.model import ModelFailed, Piece

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

END = b"[DONE]"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAIModel:
    """Asks a chat-completions server."""

    client: openai.AsyncOpenAI
    system_prompt: str = field(repr=False)
    max_output_tokens: int

    async def pieces(self, prompt: str, *, model: str) -> AsyncGenerator[Piece]:
        """Yield the pieces of an answer as the server sends them.

        Leaving the iterator early closes the connection, which is how a server learns to stop.

        Raises:
            ModelFailed: If the server refused, failed, or broke off. A clean end is the caller's to judge.
        """
        try:
            async with self.client.chat.completions.with_streaming_response.create(
                **self._request(prompt, model)
            ) as response:
                async for data in _events(response.iter_bytes()):
                    yield piece_from(data)
        except openai.OpenAIError as error:
            raise ModelFailed(failure_of(error), broke_off=False) from error
        except httpx2.HTTPError as error:
            raise ModelFailed(Failure.INCOMPLETE, broke_off=True) from error

    def _request(self, prompt: str, model: str) -> dict[str, Any]:
        system = [{"role": "system", "content": self.system_prompt}] if self.system_prompt else []
        limit = {"max_tokens": self.max_output_tokens} if self.max_output_tokens else {}
        return {
            "model": model,
            "messages": [*system, {"role": "user", "content": prompt}],
            "stream": True,
            "stream_options": {"include_usage": True},
            **limit,
        }


async def _events(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    decoder = EventDecoder()
    async for chunk in chunks:
        for data in decoder.feed(chunk):
            if data == END:
                return
            yield data
    for data in decoder.end():
        if data != END:
            yield data


def piece_from(data: bytes) -> Piece:
    """Read one event.

    Raises:
        ModelFailed: If it is no chunk of an answer, or reports an error.
    """
    try:
        chunk = json.loads(data)
    except ValueError as error:
        raise ModelFailed(Failure.INCOMPLETE, broke_off=True) from error
    if not isinstance(chunk, dict) or chunk.get("error") or chunk.get("object") == "error":
        raise ModelFailed(Failure.INCOMPLETE, broke_off=True)
    choices = chunk.get("choices") or [{}]
    delta = choices[0].get("delta") or {}
    return Piece(
        text=delta.get("content") or delta.get("refusal") or "",
        finish_reason=choices[0].get("finish_reason"),
        usage=_usage_from(chunk.get("usage")),
    )


def _usage_from(usage: dict[str, Any] | None) -> Usage | None:
    if not usage:
        return None
    return Usage(
        int(usage.get("prompt_tokens") or 0),
        int(usage.get("completion_tokens") or 0),
        int(usage.get("total_tokens") or 0),
    )


_TOO_LONG = frozenset({"context_length_exceeded", "string_above_max_length"})
_FILTERED = frozenset({"content_filter", "content_policy_violation"})


def failure_of(error: openai.OpenAIError) -> Failure:
    """Translate an error of the SDK. What the provider said stays in the exception, for nobody."""
    match error:
        case openai.APITimeoutError():
            return Failure.TIMEOUT
        case openai.RateLimitError():
            return Failure.RATE_LIMITED
        case openai.BadRequestError(code=code) if code in _TOO_LONG:
            return Failure.CONTEXT_TOO_LONG
        case openai.BadRequestError(code=code) if code in _FILTERED:
            return Failure.CONTENT_FILTERED
        case openai.APIStatusError(status_code=status) if status < 500:
            return Failure.REJECTED
        case _:
            return Failure.UNAVAILABLE
