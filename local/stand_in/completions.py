"""The chat completions of an OpenAI-compatible server, as far as the stand-in speaks them."""

from __future__ import annotations

import hashlib
import json
import re
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Self

from local.stand_in.answers import LENGTH, pieces_of, words_in
from local.stand_in.beside import data_of, is_in_tags, reasoning_of, sources_of

if TYPE_CHECKING:
    from collections.abc import Iterator

MODEL = "stand-in"

Json = dict[str, Any]


FAIL = re.compile(r"Fail with ([45]\d\d)\.?")
"""A prompt that asks for this status: so one can see what a failure looks like."""


class BadRequest(Exception):
    """The request is not one that such a server understands."""

    status = HTTPStatus.BAD_REQUEST


class AskedToFail(BadRequest):
    """The prompt asks for a failure."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__("the prompt asked for this")
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """One request, and everything that its answer consists of."""

    model: str
    prompt: str
    earlier: tuple[str, ...]
    """What the user had asked before."""
    prompt_tokens: int
    limit: int
    stream: bool
    with_usage: bool
    created: int

    @classmethod
    def asked_for(cls, body: bytes, *, created: int) -> Self:
        """Read a request.

        Raises:
            BadRequest: If it is not JSON, or has no messages.
            AskedToFail: If its last message is `Fail with 503.`, or another error's number.
        """
        asked_for = cls._read(body, created=created)
        asked_status(asked_for.prompt)
        return asked_for

    @classmethod
    def _read(cls, body: bytes, *, created: int) -> Self:
        try:
            asked = json.loads(body)
            texts = [_text(message["content"]) for message in asked["messages"]]
            return cls(
                model=str(asked.get("model", MODEL)),
                prompt=texts[-1],
                earlier=_asked(asked["messages"][:-1]),
                prompt_tokens=sum(map(words_in, texts)),
                limit=int(asked.get("max_completion_tokens") or asked.get("max_tokens") or LENGTH),
                stream=bool(asked.get("stream")),
                with_usage=bool((asked.get("stream_options") or {}).get("include_usage")),
                created=created,
            )
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            raise BadRequest("the body must be a JSON object with a list of messages") from error

    @property
    def pieces(self) -> list[str]:
        return pieces_of(self.prompt, earlier=self.earlier, length=min(self.limit, LENGTH))

    def whole(self) -> Json:
        """Return the answer in one object."""
        message: Json = {"role": "assistant", "content": ""}
        for delta in self._deltas():
            message |= {name: message.get(name, type(said)()) + said for name, said in delta.items()}
        choice = {"index": 0, "message": message, "finish_reason": self._finish_reason}
        return self._envelope("chat.completion", choices=[choice]) | {"usage": self._usage}

    def chunks(self) -> Iterator[Json]:
        """Return the answer as the objects of a stream, the text ones among them one token each."""
        yield self._chunk({"role": "assistant", "content": ""})
        for delta in self._deltas():
            yield self._chunk(delta)
        yield self._chunk({}, finish_reason=self._finish_reason)
        if self.with_usage:
            yield self._envelope("chat.completion.chunk", choices=[]) | {"usage": self._usage}

    def _deltas(self) -> Iterator[Json]:
        """Return what is said, in the order in which models say it."""
        reasoning = reasoning_of(self.prompt)
        if is_in_tags(self.prompt):
            yield from ({"content": word} for word in ("<think>", *reasoning, "</think>", "\n\n"))
        else:
            yield from ({"reasoning_content": word} for word in reasoning)
        yield from ({"content": piece} for piece in self.pieces)
        if sources := sources_of(self.prompt):
            cited = [{"type": "url_citation", "url_citation": source} for source in sources]
            yield {"annotations": cited}
        if data := data_of(self.prompt):
            yield {"data": data}

    @property
    def _finish_reason(self) -> str:
        return "length" if self.limit < LENGTH else "stop"

    @property
    def _usage(self) -> Json:
        reasoned = len(reasoning_of(self.prompt))
        said = len(self.pieces) + reasoned
        usage: Json = {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": said,
            "total_tokens": self.prompt_tokens + said,
        }
        return usage | {"completion_tokens_details": {"reasoning_tokens": reasoned}} if reasoned else usage

    def _chunk(self, delta: Json, *, finish_reason: str | None = None) -> Json:
        choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
        return self._envelope("chat.completion.chunk", choices=[choice])

    def _envelope(self, kind: str, *, choices: list[Json]) -> Json:
        number = hashlib.sha256(self.prompt.encode("utf-8", "surrogatepass")).hexdigest()[:24]
        return {
            "id": f"chatcmpl-{number}",
            "object": kind,
            "created": self.created,
            "model": self.model,
            "choices": choices,
        }


def asked_status(prompt: str) -> None:
    """Fail if the prompt asks for it.

    Raises:
        AskedToFail: If the prompt is `Fail with 503.`, or another error's number.
    """
    if status := FAIL.fullmatch(prompt.strip()):
        with suppress(ValueError):  # A number that no HTTP status has is an ordinary prompt.
            raise AskedToFail(HTTPStatus(int(status[1])))


def models(created: int) -> Json:
    """Return the list of models: one."""
    return {
        "object": "list",
        "data": [{"id": MODEL, "object": "model", "created": created, "owned_by": "framestream"}],
    }


def refusal(message: str) -> Json:
    """Return an error as such a server words it."""
    return {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": None}}


def _asked(messages: list[Json]) -> tuple[str, ...]:
    return tuple(_text(message["content"]) for message in messages if message["role"] == "user")


def _text(content: str | list[Json]) -> str:
    if isinstance(content, str):
        return content
    return "".join(part["text"] for part in content if part["type"] == "text")
