"""The request for a chat completion, and what is left out or renamed after a server has refused it.

Servers that speak OpenAI's chat completions differ in five things: the name of the limit, whether token
counts may be asked for, whether there is a system prompt, which form of an answer they can be asked for, and
whether they can stream. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from functions.worker.attached_file import AttachedFile
    from functions.worker.conversation import Conversation, Message
    from functions.worker.settings import ModelOptions

OTHER_LIMIT = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}
REFUSED = re.compile(
    r"unsupported|not (supported|permitted|allowed|enabled|available|accepted|recogni[sz]ed)|unrecogni[sz]ed"
    r"|unknown|unexpected|extra[_ ](inputs|forbidden|fields)|additional propert|deprecated"
    r"|(does not|doesn't|cannot|can't) (support|accept|allow|use)|invalid (parameter|argument|field|role)"
    r"|only user and assistant|must alternate"
)
NAMED = {
    "max_tokens": re.compile(r"\bmax_tokens\b"),
    "max_completion_tokens": re.compile(r"\bmax_completion_tokens\b"),
    "stream_options": re.compile(r"\bstream_?options\b|\binclude_usage\b"),
    "stream": re.compile(r"^stream$"),
    "json_schema": re.compile(r"response[ _]?format|json[ _]?schema|structured[ _]output|guided|grammar"),
    "json_object": re.compile(r"response[ _]?format|json[ _](object|mode)|guided|grammar"),
    "system": re.compile(
        r"\bsystem[ _](role|message|prompt|instruction)|\broles?\b.{0,60}\bsystem\b|['\"`]system['\"`]"
        r"|roles must alternate|only user and assistant|developer instruction"
        r"|messages\W{0,3}0\W{0,3}role|^role$"
    ),
    "developer": re.compile(r"developer|^role$|\broles?\b|system"),
}
FORMS = ("json_schema", "json_object")
OF_THIS_SCHEMA = re.compile(r"invalid schema|schema (is )?invalid|additionalproperties")
"""What servers say of a schema that has more than they know."""
FORM_REFUSED = re.compile(f"unavailable|enabled only|{OF_THIS_SCHEMA.pattern}")
"""What they say of a form besides."""
DEVELOPER_INSTEAD = re.compile(r"(use|instead|try)\b.{0,40}\bdeveloper")


@dataclass(frozen=True, slots=True)
class Shape:
    """How a request is written for one server and model."""

    limit: str | None = "max_tokens"
    """What the limit on the answer's length is called. None: the server knows no such thing."""
    system_role: str = "system"
    """The role that the system prompt is given; `user`: it stands before the first question."""
    has_usage: bool = True
    is_streamed: bool = True
    form: Literal["json_schema", "json_object", "text"] = "json_schema"
    """What a server can be asked for at most. For the rest there is a sentence in the instructions."""

    def without(self, refused: str, *, words: str, given_up: frozenset[str]) -> Shape:
        """The same without a parameter, or with its other name if that has not been refused as well."""
        match refused:
            case "stream_options":
                return replace(self, has_usage=False)
            case "stream":
                return replace(self, is_streamed=False)
            case "json_schema" | "json_object":
                return replace(self, form="json_object" if refused == "json_schema" else "text")
            case "system" if DEVELOPER_INSTEAD.search(words) and "developer" not in given_up:
                return replace(self, system_role="developer")
            case "system" | "developer":
                return replace(self, system_role="user")
        other = OTHER_LIMIT[refused]
        return replace(self, limit=None if other in given_up else other)


def request_body(
    conversation: Conversation, *, model: str, options: ModelOptions, shape: Shape
) -> dict[str, Any]:
    """Write the request."""
    body: dict[str, Any] = {"model": model, "messages": _messages(conversation, options, shape)}
    if shape.is_streamed:
        body["stream"] = True
    if shape.is_streamed and shape.has_usage:
        body["stream_options"] = {"include_usage": True}
    if options.llm_max_output_tokens and shape.limit:
        body[shape.limit] = options.llm_max_output_tokens
    if form := _form(conversation, shape):
        body["response_format"] = form
    return body


def is_of_this_request(refused: str, words: str) -> bool:
    """Whether a server refused a part for what it said, and may take another one of its kind."""
    return refused in FORMS and OF_THIS_SCHEMA.search(words) is not None


def _form(conversation: Conversation, shape: Shape) -> dict[str, Any] | None:
    """The form that the server is asked for as such."""
    wanted = conversation.response_format
    if wanted is None or shape.form == "text":
        return None
    return wanted.said if wanted.has_schema and shape.form == "json_schema" else {"type": "json_object"}


def _messages(conversation: Conversation, options: ModelOptions, shape: Shape) -> list[dict[str, Any]]:
    """Write what was said. A conversation that goes on begins as it began, which is what providers cache."""
    # A server that is asked for any object wants to read of JSON, too.
    asks_for_form = (_form(conversation, shape) or {}).get("type") != "json_schema"
    instructions = conversation.instructions(options.llm_system_prompt, asks_for_form=asks_for_form)
    first, *others = conversation.said()
    if instructions and shape.system_role != "user":
        return [{"role": shape.system_role, "content": instructions}, *map(_message, (first, *others))]
    if instructions:
        first = first._replace(text=f"{instructions}\n\n{first.text}")
    return list(map(_message, (first, *others)))


def _message(said: Message) -> dict[str, Any]:
    if not said.files:
        return {"role": said.role, "content": said.text}
    text = {"type": "text", "text": said.text}
    return {"role": said.role, "content": [*map(_part, said.files), text]}


def _part(file: AttachedFile) -> dict[str, Any]:
    """A text is told as such, which every server takes."""
    if file.text is not None:
        return {"type": "text", "text": file.text}
    address = f"data:{file.media_type};base64,{file.base64}"
    if file.is_image:
        return {"type": "image_url", "image_url": {"url": address}}
    return {"type": "file", "file": {"filename": file.name, "file_data": address}}


def refused_parameter(body: dict[str, Any], *, named: tuple[str, ...], words: str) -> str | None:
    """The part of a request that a refusal is about, as far as it can be left out.

    Args:
        body: The request.
        named: What the error names as a parameter, in lower case.
        words: Everything that the error says, in lower case.
    """
    form = body.get("response_format", {}).get("type")
    if not (REFUSED.search(words) or (form and FORM_REFUSED.search(words))):
        return None
    sent = [name for name in NAMED if name in body or name in {form, body["messages"][0]["role"]}]
    for name in sent:
        if any(NAMED[name].search(value) for value in named):
            return name
    found = {name: match.start() for name in sent if (match := NAMED[name].search(words))}
    return min(found, key=found.__getitem__, default=None)
