"""Reads the events of one chat completion: each becomes a piece of the answer, or a failure. Without any I/O.

A value of another type than the API's description says is read for what it means, if it means anything.
Nothing else than ModelFailed is raised, whatever comes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from functions.shared.generations.failures import Failure
from functions.worker.chat_fields import finish_reason_of, usage_of
from functions.worker.error_places import error_in
from functions.worker.extra_fields import NAMES, ExtraFields
from functions.worker.lenient_json import dicts_in, text_of, values_from
from functions.worker.model import ModelFailed, Piece
from functions.worker.provider_errors import failed_by, token_of
from functions.worker.reasoning_fields import is_reasoning, reasoning_in
from functions.worker.told import Told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from functions.worker.model import Extra
    from functions.worker.sse import Event

END = b"[DONE]"
PREFIX = re.compile(rb"^(data:\s*)+")
"""In an event's data: a proxy wrapped what was an event already."""
OTHER_APIS = {"delta", "content_block", "candidates", "response", "output"}
"""Where chat completions have choices: Anthropic's messages, Gemini, Ollama, OpenAI's responses."""
TEXT_ALONE = {"role", "content", "refusal", "tool_calls", "function_call"}
"""The fields of a delta that brings nothing but text."""
FAILED = re.compile(
    r"error|abort|fail|cancel|interrupt|time_?d?_?out|exception|overload|insufficient_system_resource",
    re.IGNORECASE,
)
"""In a finish_reason: half an answer, whatever word says so."""


@dataclass(slots=True)
class ChunkReader:
    """Reads one stream, or one whole completion."""

    _index: str | None = field(default=None, repr=False)
    """The choice that is the answer: one was asked for, and the first that comes is it."""
    _text: Told = field(default_factory=Told)
    _reasoning: Told = field(default_factory=Told)
    _extras: ExtraFields = field(default_factory=ExtraFields)
    has_choices: bool = False
    """Whether anything looked like an answer."""
    is_another_api: bool = False
    """Whether something carried an answer as another API does: this server will never speak ours."""

    def pieces(self, event: Event) -> Iterator[Piece]:
        """Read one event. What says nothing is a piece without anything.

        Raises:
            ModelFailed: If it reports an error, or is the rest of a chunk that got lost.
        """
        data = event.data
        if not data.startswith(b"{"):
            data = PREFIX.sub(b"", data.strip())
            if data.strip(b'"').upper() == END:
                yield Piece(is_done=True)
                return
        values = _values(data)
        if event.name.lower() == b"error" and data:
            raise self._failed(values[0] if values else data.decode("utf-8", "replace"))
        chunks = [chunk for value in values for chunk in dicts_in(value)]
        if not chunks:
            yield Piece()
        for chunk in chunks:
            yield self._piece(chunk)

    @property
    def has_begun(self) -> bool:
        """Whether any text has come."""
        return self._text.has_begun

    def _failed(self, body: object) -> ModelFailed:
        return failed_by(body, broke_off=self.has_begun)

    def _piece(self, chunk: dict[str, Any]) -> Piece:
        choice = self._choice(dicts_in(chunk.get("choices")))
        for place in (chunk, choice):
            if error_in(place):
                raise self._failed({**place, "choices": None})
        self.is_another_api = self.is_another_api or not OTHER_APIS.isdisjoint(chunk)
        delta = choice.get("delta")
        finish_reason = finish_reason_of(choice)
        text, reasoning = self._text_of(choice), ""
        extras: tuple[Extra, ...] = ()
        if _may_say_more(chunk, choice, delta):
            reasoning, extras = self._reasoning_of(choice), self._extras.extras(chunk, choice)
        if finish_reason and FAILED.search(finish_reason):
            raise ModelFailed(
                Failure.INCOMPLETE,
                broke_off=True,
                worth_retrying=True,
                provider_code=token_of(finish_reason),
                error="FinishReason",
            )
        return Piece(
            text=text,
            is_reasoning=not (text or reasoning) and is_reasoning(delta),
            finish_reason=finish_reason,
            usage=usage_of(chunk.get("usage")) or usage_of(choice.get("usage")),
            reasoning=reasoning,
            extras=extras,
        )

    def _choice(self, choices: list[dict[str, Any]]) -> dict[str, Any]:
        if not choices:
            return {}
        self.has_choices = True
        by_index: dict[str, dict[str, Any]] = {_index_of(choice): choice for choice in reversed(choices)}
        if self._index is None:
            self._index = "0" if "0" in by_index else _index_of(choices[0])
        return by_index.get(self._index, {})

    def _text_of(self, choice: dict[str, Any]) -> str:
        delta = _text_in(choice.get("delta")) or text_of(choice.get("text"))
        return self._text.delta(delta) or self._text.new_in(_text_in(choice.get("message")))

    def _reasoning_of(self, choice: dict[str, Any]) -> str:
        delta = reasoning_in(choice.get("delta"))
        return self._reasoning.delta(delta) or self._reasoning.new_in(reasoning_in(choice.get("message")))


def _may_say_more(chunk: dict[str, Any], choice: dict[str, Any], delta: object) -> bool:
    """Whether there may be more than text: in nearly all chunks there is not, and they are many."""
    is_text = (
        isinstance(delta, dict) and delta.keys() <= TEXT_ALONE and not isinstance(delta.get("content"), list)
    )
    is_plain = is_text and "message" not in choice and NAMES.isdisjoint(choice)
    return not (is_plain and NAMES.isdisjoint(chunk))


def _values(data: bytes) -> list[object]:
    """Read JSON; other text is a comment."""
    try:
        return values_from(data)
    except ValueError as error:
        if not data.startswith(b"{"):
            return []
        raise ModelFailed(
            Failure.INCOMPLETE, broke_off=True, worth_retrying=True, error=type(error).__name__
        ) from None


def _index_of(choice: dict[str, Any]) -> str:
    index = choice.get("index")
    return index if isinstance(index, str) else "0"


def _text_in(message: object) -> str:
    if isinstance(message, dict):
        return text_of(message.get("content")) or text_of(message.get("refusal"))
    return text_of(message)
