"""Bedrock's ConverseStream, as far as the stand-in speaks it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Self

from local.stand_in.answers import LENGTH, pieces_of, words_in
from local.stand_in.beside import reasoning_of, sources_of
from local.stand_in.completions import BadRequest, asked_status
from local.stand_in.event_stream import event

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.stand_in.completions import Json

CONTENT_TYPE = "application/vnd.amazon.eventstream"
SUFFIX = b"/converse-stream"
ERRORS = {
    HTTPStatus.BAD_REQUEST: "ValidationException",
    HTTPStatus.FORBIDDEN: "AccessDeniedException",
    HTTPStatus.NOT_FOUND: "ResourceNotFoundException",
    HTTPStatus.REQUEST_TIMEOUT: "ModelTimeoutException",
    HTTPStatus.FAILED_DEPENDENCY: "ModelErrorException",
    HTTPStatus.TOO_MANY_REQUESTS: "ThrottlingException",
    HTTPStatus.SERVICE_UNAVAILABLE: "ServiceUnavailableException",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ConverseAnswer:
    """One request, and everything that its answer consists of."""

    prompt: str
    earlier: tuple[str, ...]
    """What the user had asked before."""
    prompt_tokens: int
    limit: int

    @classmethod
    def asked_for(cls, body: bytes) -> Self:
        """Read a request.

        Raises:
            BadRequest: If it is not one of ConverseStream, or its prompt asks for a failure.
        """
        try:
            asked = json.loads(body)
            said = [(message["role"], _text(message["content"])) for message in asked["messages"]]
            system = _text(asked.get("system") or [])
            limit = int((asked.get("inferenceConfig") or {}).get("maxTokens") or LENGTH)
            *before, (_, prompt) = said
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            raise BadRequest("the body must be a JSON object with a list of messages") from error
        asked_status(prompt)
        return cls(
            prompt=prompt,
            earlier=tuple(text for role, text in before if role == "user"),
            prompt_tokens=sum(map(words_in, [system, *(text for _, text in said)])),
            limit=limit,
        )

    def messages(self) -> Iterator[bytes]:
        """Return the messages of the stream, those with content one token each."""
        words = pieces_of(self.prompt, earlier=self.earlier, length=min(self.limit, LENGTH))
        reasoning = reasoning_of(self.prompt)
        yield event("messageStart", {"role": "assistant"})
        for word in reasoning:
            yield _delta(0, reasoningContent={"text": word})
        index = 0
        if reasoning:
            yield event("contentBlockStop", {"contentBlockIndex": 0})
            index = 1
        for word in words:
            yield _delta(index, text=word)
        for source in sources_of(self.prompt):
            yield _delta(index, citation=_citation(source))
        yield event("contentBlockStop", {"contentBlockIndex": index})
        yield event("messageStop", {"stopReason": "max_tokens" if self.limit < LENGTH else "end_turn"})
        said = len(words) + len(reasoning)
        usage = {
            "inputTokens": self.prompt_tokens,
            "outputTokens": said,
            "totalTokens": self.prompt_tokens + said,
        }
        yield event("metadata", {"usage": usage, "metrics": {"latencyMs": 1}})


def error_headers(status: HTTPStatus) -> list[tuple[str, str]]:
    """Return how Bedrock names an error with this status."""
    return [("x-amzn-ErrorType", ERRORS.get(status, "InternalServerException"))]


def _delta(index: int, **content: Any) -> bytes:
    return event("contentBlockDelta", {"contentBlockIndex": index, "delta": content})


def _citation(source: dict[str, str]) -> Json:
    return {
        "title": source["title"],
        "sourceContent": [{"text": source.get("content", "")}],
        "location": {"web": {"url": source["url"]}},
    }


def _text(blocks: list[Json]) -> str:
    return "".join(block["text"] for block in blocks if "text" in block)
