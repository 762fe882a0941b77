"""Reads the messages of one ConverseStream: each becomes a piece of the answer, or a failure. No I/O.

Members that are not known here say nothing; Bedrock adds some, and pads its events.
Nothing else than ModelFailed is raised, whatever comes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from functions.shared.generations.failures import Failure
from functions.shared.generations.model import Usage
from functions.worker.bedrock.errors import failed_by_name
from functions.worker.bedrock.event_stream import EVENT, Message
from functions.worker.chat_chunks import FAILED
from functions.worker.lenient_json import count_of, dicts_in, text_of, value_from
from functions.worker.model import Extra, ModelFailed, Piece
from functions.worker.provider_errors import token_of

FINISH_REASONS = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "tool_use": "tool_calls",
    "content_filtered": "content_filter",
    "guardrail_intervened": "content_filter",
}
"""What clients know; a word that is not here stays as it is."""
CONTEXT_FULL = "model_context_window_exceeded"
MALFORMED = "malformed_"
LONGEST_URL, LONGEST_TITLE, LONGEST_SNIPPET = 4000, 500, 1000
WEB = ("http://", "https://")


@dataclass(slots=True)
class ConverseReader:
    """Reads one stream."""

    has_text: bool = False
    _has_stopped: bool = False

    def piece(self, message: Message) -> Piece:
        """Read one message. What says nothing is a piece without anything.

        Raises:
            ModelFailed: If it is an error, or cannot be read.
        """
        body = self._body(message)
        if message.kind != EVENT or message.name.lower().endswith(("exception", "error")):
            raise failed_by_name(message.name, {"message": message.sentence, **body}, broke_off=self.has_text)
        match message.name:
            case "contentBlockDelta":
                return self._delta(_object(body.get("delta")))
            case "messageStop":
                return self._stop(text_of(body.get("stopReason")))
            case "metadata":
                return Piece(usage=_usage(_object(body.get("usage"))), is_done=self._has_stopped)
        return Piece()

    def _body(self, message: Message) -> dict[str, Any]:
        try:
            return _object(value_from(message.payload or b"{}"))
        except ValueError as error:
            if message.kind != EVENT:
                return {}
            raise ModelFailed(
                Failure.INCOMPLETE, broke_off=True, worth_retrying=True, error=type(error).__name__
            ) from None

    def _delta(self, delta: dict[str, Any]) -> Piece:
        cited = _object(delta.get("citationsContent"))  # A whole block, where a server sends those.
        if text := text_of(delta.get("text")) or text_of(cited.get("content")):
            self.has_text = True
        sources = map(_source, [*dicts_in(delta.get("citation")), *dicts_in(cited.get("citations"))])
        return Piece(
            text,
            is_reasoning="reasoningContent" in delta,
            reasoning=_reasoning(_object(delta.get("reasoningContent"))),
            extras=tuple(filter(None, sources)),
        )

    def _stop(self, reason: str) -> Piece:
        if reason.startswith(MALFORMED) or FAILED.search(reason):
            raise ModelFailed(
                Failure.INCOMPLETE,
                broke_off=True,
                worth_retrying=True,
                provider_code=token_of(reason),
                error="FinishReason",
            )
        self._has_stopped = True
        if reason == CONTEXT_FULL and self.has_text:
            reason = "length"
        return Piece(finish_reason=FINISH_REASONS.get(reason, token_of(reason) or "stop"))


def _reasoning(content: dict[str, Any]) -> str:
    """Its text alone: beside it there are signatures, and what may not be shown."""
    return text_of(content.get("text")) or text_of(_object(content.get("reasoningText")).get("text"))


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _usage(usage: dict[str, Any]) -> Usage | None:
    """Add up: `inputTokens` are those that the cache neither gave nor took.

    https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html
    """
    fresh, said = count_of(usage.get("inputTokens")), count_of(usage.get("outputTokens"))
    if fresh is None or said is None:
        return None
    cached = count_of(usage.get("cacheReadInputTokens")) or 0
    prompt = fresh + cached + (count_of(usage.get("cacheWriteInputTokens")) or 0)
    return Usage(prompt, said, prompt + said, cached_tokens=cached)


def _source(citation: dict[str, Any]) -> Extra | None:
    """What a citation points at, if that is a page; a part of a document in the prompt has no address."""
    web = _object(_object(citation.get("location")).get("web"))
    url = text_of(web.get("url")) or text_of(citation.get("source"))
    if not url.startswith(WEB) or len(url) > LONGEST_URL:
        return None
    snippets = citation.get("sourceContent")
    snippet = "".join(text_of(part) for part in snippets) if isinstance(snippets, list) else ""
    title = text_of(citation.get("title"))[:LONGEST_TITLE]
    told = {"url": url, "title": title, "snippet": snippet[:LONGEST_SNIPPET]}
    return Extra("source", json.dumps({name: value for name, value in told.items() if value}))
