"""The body of a ConverseStream request, and what is left out after a model has refused it. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from functions.worker.bedrock.content import contents_of

if TYPE_CHECKING:
    from functions.worker.conversation import Conversation

Block = dict[str, Any]

INFERENCE = {"maxTokens", "temperature", "topP", "stopSequences"}
"""Parameters that every model has; the API takes them together."""
OF_THE_API = {
    "additionalModelRequestFields",
    "additionalModelResponseFieldPaths",
    "inferenceConfig",
    "outputConfig",
    "performanceConfig",
    "requestMetadata",
    "serviceTier",
}
"""Parameters that are parts of the request themselves; all others are the model's own."""
WORTH_CACHING = 4000
"""Characters: about a thousand tokens, below which no model caches anything."""
CACHE_POINT: Block = {"cachePoint": {"type": "default"}}
NO_SYSTEM = re.compile(r"system (message|prompt|instruction|role|content)s?|\bsystem\b.{0,40}not supported")
NO_CACHE = re.compile(r"cach(e|ing)[ _]?(points?|control)?", re.IGNORECASE)
NO_SCHEMA = re.compile(r"output_?config|text_?format|json[ _]?schema|structured[ _]output|output[ _.]format")
REFUSED = re.compile(
    r"(does not|doesn't|do not|don't|did not|cannot|can't) (support|accept|allow)"
    r"|not (supported|allowed|available)|unsupported|extraneous|not permitted|unknown|unrecognized"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConverseOptions:
    """What every request to one model holds."""

    max_tokens: int = 0
    """0: the model's own limit."""
    system_prompt: str = field(default="", repr=False)
    parameters: Mapping[str, Any] = field(default_factory=dict, repr=False)
    guardrail: tuple[str, str] | None = field(default=None, repr=False)
    """Its id or ARN, and its version."""
    has_cache_points: bool = False
    """Whether the parts of a prompt that come again are marked for the cache."""
    takes_schema: bool = True
    """Whether an answer may be asked for under a JSON Schema as such, and not in words."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How a request is written for one model."""

    has_system: bool = True
    """Whether the instructions stand by themselves, and not before the first question."""
    has_cache_points: bool = True
    has_schema: bool = True
    """Whether the form of the answer is a parameter. That depends on the schema: each time it is tried."""

    def without(self, words: str) -> Shape | None:
        """The same without what a refusal is about; None if that cannot be left out.

        Args:
            words: What the error says, in lower case.
        """
        if self.has_schema and NO_SCHEMA.search(words):
            return replace(self, has_schema=False)
        if not REFUSED.search(words):
            return None
        if self.has_cache_points and NO_CACHE.search(words):
            return replace(self, has_cache_points=False)
        if self.has_system and NO_SYSTEM.search(words):
            return replace(self, has_system=False)
        return None


def request_body(conversation: Conversation, *, options: ConverseOptions, shape: Shape) -> dict[str, Any]:
    """Write the request; which model it is for stands in its address."""
    is_cached = options.has_cache_points and shape.has_cache_points
    form = _form(conversation) if options.takes_schema and shape.has_schema else {}
    instructions = conversation.instructions(options.system_prompt, asks_for_form=not form)
    messages = _messages(conversation, "" if shape.has_system else instructions)
    if is_cached:
        _mark(messages, before=len(instructions))
    body: dict[str, Any] = {"messages": messages}
    if instructions and shape.has_system:
        mark = [CACHE_POINT] if is_cached and len(instructions) >= WORTH_CACHING else []
        body["system"] = [{"text": instructions}, *mark]
    body |= _parameters(options)
    if form:
        body["outputConfig"] = {**body.get("outputConfig", {}), **form}
    if options.guardrail:
        identifier, version = options.guardrail
        body["guardrailConfig"] = {"guardrailIdentifier": identifier, "guardrailVersion": version}
    return body


def _messages(conversation: Conversation, instructions: str) -> list[dict[str, Any]]:
    """Write what was said. The API refuses blank texts, so a turn with one is left out."""
    *earlier, prompt = conversation.said()
    turns = zip(earlier[::2], earlier[1::2], strict=True)
    said = [each for turn in turns if all(each.text.strip() for each in turn) for each in turn]
    first, *others = [*said, prompt]
    if instructions:
        first = first._replace(text=f"{instructions}\n\n{first.text}")
    said = [first, *others]
    contents = zip(said, contents_of(said), strict=True)
    return [{"role": each.role, "content": content} for each, content in contents]


def _form(conversation: Conversation) -> dict[str, Any]:
    """Ask for a form as such, where there is a parameter for it: for a schema."""
    wanted = conversation.response_format
    if wanted is None or not wanted.has_schema:
        return {}
    schema = {"name": wanted.name, "schema": json.dumps(wanted.schema, ensure_ascii=False)}
    return {"textFormat": {"type": "json_schema", "structure": {"jsonSchema": schema}}}


def _mark(messages: list[dict[str, Any]], *, before: int) -> None:
    """Mark the last two questions: up to the first of them, the request before this one filled the cache."""
    length, questions = before, []
    for message in messages:
        length += sum(len(block.get("text", "")) for block in message["content"])
        if message["role"] == "user" and length >= WORTH_CACHING:
            questions.append(message)
    for message in questions[-2:]:
        message["content"].append(CACHE_POINT)


def _parameters(options: ConverseOptions) -> dict[str, Any]:
    given = dict(options.parameters)
    body = {name: given.pop(name) for name in OF_THE_API & given.keys()}
    inference = {name: given.pop(name) for name in INFERENCE & given.keys()}
    if options.max_tokens:
        inference["maxTokens"] = options.max_tokens
    for name, more in (("inferenceConfig", inference), ("additionalModelRequestFields", given)):
        if more:
            own = body.get(name)
            body[name] = {**(own if isinstance(own, Mapping) else {}), **more}
    return body
