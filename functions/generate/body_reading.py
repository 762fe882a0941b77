"""Reads the body of a request strictly: every complaint names the field and the rule."""

from __future__ import annotations

import base64
from dataclasses import MISSING, Field, fields
from typing import TYPE_CHECKING, Any, TypeVar

from functions.generate.problems import BadRequest, Invalid, PromptTooLarge, UnsupportedMediaType
from functions.generate.response_formats import LARGEST
from functions.shared.strict_json import check_portable, read_object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from functions.generate.ports import HasPrompt
    from functions.generate.requests import Rule
    from functions.shared.wire.problems import Complaint

ESCAPED = 6
"""JSON may write a character of one byte as six (`\\u0041`), so a body may be this much larger."""
ENVELOPE = 4096 + ESCAPED * LARGEST
"""What a body may have besides its prompt: names, and a format of the answer."""
NOT_JSON = (
    "The body must be a JSON object of valid Unicode in which no name stands twice and no number is endless."
)


Body = TypeVar("Body")


def read_body(event: dict[str, Any], model: type[Body], *, max_prompt_bytes: int) -> Body:
    """Read the body of an HTTP API event (payload 2.0).

    Raises:
        UnsupportedMediaType: If it is not declared as plain JSON.
        PromptTooLarge: If it is larger than any prompt and what goes around it.
        BadRequest: If it is not JSON.
        Invalid: If a field is not as it must be.
    """
    _check_media_type(event["headers"])
    body = event.get("body") or ""
    data = _decoded(body) if event.get("isBase64Encoded") else body.encode(errors="surrogatepass")
    if len(data) > ESCAPED * max_prompt_bytes + ENVELOPE:
        raise _too_large(max_prompt_bytes)
    try:
        content = read_object(data)
    except ValueError:
        raise BadRequest(NOT_JSON) from None
    if complaints := _complaints(content, model):
        raise Invalid("Some fields are not as they must be.", errors=complaints)
    try:
        check_portable(content)
    except ValueError:
        raise BadRequest(NOT_JSON) from None
    return model(**{each.name: content[each.name] for each in _fields(model) if each.name in content})


def check_size(request: HasPrompt, *, max_prompt_bytes: int) -> None:
    """Raises PromptTooLarge if the prompt is larger than the deployment takes."""
    if len(request.prompt.encode()) > max_prompt_bytes:
        raise _too_large(max_prompt_bytes)


def _decoded(body: str) -> bytes:
    """Decode what the gateway gives as base64, as it does with bodies that it takes for binary."""
    try:
        return base64.b64decode(body, validate=True)
    except ValueError:
        raise BadRequest("The body cannot be decoded: it is not valid base64.") from None


def _too_large(max_prompt_bytes: int) -> PromptTooLarge:
    return PromptTooLarge(f"The prompt may have at most {max_prompt_bytes} bytes of UTF-8.")


def _check_media_type(headers: dict[str, str]) -> None:
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json" or headers.get("content-encoding", "identity") != "identity":
        raise UnsupportedMediaType("Send the body as application/json, without a content encoding.")


def _complaints(content: Mapping[str, object], model: type) -> list[Complaint]:
    """Name each field at fault and its rule, and never the value."""
    found: list[Complaint] = []
    for each in _fields(model):
        is_optional = each.default is not MISSING
        value = content.get(each.name, each.default)
        if value is None and is_optional:
            continue
        complaints = each.metadata.get("complaints")
        if complaints and value is not MISSING:
            found += complaints(each.name, value)
        elif message := _message(value, each.metadata.get("rule", str)):
            found.append({"field": each.name, "message": message})
    return found


def _message(value: object, rule: Rule) -> str | None:
    if value is MISSING:
        return "Field required"
    return rule(value) if isinstance(value, str) else "Input should be a valid string"


def _fields(model: type) -> tuple[Field[Any], ...]:
    return fields(model)
