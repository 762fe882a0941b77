"""What a request asks for, read strictly: every complaint names the field and the rule."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from functions.generate.problems import BadRequest, Invalid, PromptTooLarge, UnsupportedMediaType
from functions.shared.strict_json import check_portable, read_object

if TYPE_CHECKING:
    from functions.shared.wire.bodies import Complaint

ESCAPED = 6
"""JSON may write a character of one byte as six (`\\u0041`), so a body may be this much larger."""
ENVELOPE = 4096
NOT_JSON = (
    "The body must be a JSON object of valid Unicode in which no name stands twice and no number is endless."
)
_NOT_SEEN = (
    r"\s\x00-\x20\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f"
    r"\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    # No way to write these is known to all languages, so they stand for themselves.
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""White space, control characters, and what Unicode calls default ignorable: alone, they show nothing."""
SAYS_SOMETHING = f"[^{_NOT_SEEN}]"


def _printable(value: str) -> str:
    if not value.isprintable() or value != value.strip():
        raise ValueError("must be printable text without outer spaces")
    return value


def _writable(value: str) -> str:
    if not re.search(SAYS_SOMETHING, value):
        raise ValueError("must not be blank")
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise ValueError("must not contain half of a surrogate pair")  # JSON can write it, UTF-8 cannot
    return value


Name = Annotated[
    str,
    StringConstraints(min_length=1, max_length=128),
    AfterValidator(_printable),
    # What Python calls printable depends on Unicode's version: too long for a pattern.
    Field(json_schema_extra={"format": "printable"}),
]
Text = Annotated[str, AfterValidator(_writable), Field(json_schema_extra={"pattern": SAYS_SOMETHING})]


class GenerateRequest(BaseModel):
    """The body of `POST /api/chat/generate-response`. Fields that are not listed are ignored."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")

    user_id: Name
    chat_id: Name
    prompt: Text = Field(repr=False)
    model: Name | None = None

    def fingerprint(self) -> str:
        """Hash the request, to tell requests apart that came with the same Idempotency-Key."""
        content = json.dumps([self.chat_id, self.prompt, self.model])
        return hashlib.sha256(content.encode()).hexdigest()


Body = TypeVar("Body", bound=BaseModel)


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
        read = model.model_validate(content)
        check_portable(content)
    except ValidationError as error:
        raise Invalid("Some fields are not as they must be.", errors=_complaints(error)) from None
    except ValueError:
        raise BadRequest(NOT_JSON) from None
    return read


def check_size(request: GenerateRequest, *, max_prompt_bytes: int) -> None:
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


def _complaints(error: ValidationError) -> list[Complaint]:
    """Name fields and rules; pydantic's own report would repeat the input."""
    return [
        {
            "field": ".".join(str(part) for part in complaint["loc"]),
            "message": complaint["msg"].removeprefix("Value error, "),
        }
        for complaint in error.errors(include_url=False, include_input=False, include_context=False)
    ]
