"""Tells which part of an answer is an error, under whichever names a server reports one. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

CODES = ("code", "error_code", "errorcode", "status_code", "statuscode", "http_code", "errcode")
MESSAGES = (
    "message", "msg", "error_msg", "error_message", "errormessage", "errmsg", "status_msg", "status_message"
)  # fmt: skip
NO_ERROR = {"", "0", "200", "00000", "null", "none", "ok", "success", "succeeded", "no error"}
CHUNK = "chat.completion.chunk"
HARMLESS = {
    "choices", "created", "delta", "finish_reason", "id", "index", "logprobs", "model", "object",
    "obfuscation", "service_tier", "system_fingerprint", "usage"
}  # fmt: skip
"""Names in a chunk, and in its choices, under which no error stands."""
FAILED = re.compile(r"[45]\d\d|.*(error|fail|invalid|denied|exhausted|unavailable|unauth).*", re.IGNORECASE)
"""A status that is no progress: `queued` and `processing` come with a message too."""


def error_in(place: Mapping[str, Any]) -> bool:
    """Whether what came as a part of an answer is an error, or holds one."""
    if HARMLESS.issuperset(place) and place.get("object") in (None, CHUNK):
        return False  # Asked of every token.
    names = {name.lower(): value for name, value in place.items()}
    if _says_something(names.get("error")) or _says_something(names.get("errors")):
        return True
    if "error" in {_word(names.get("object")), _word(names.get("type"))}:
        return True
    base = names.get("base_resp")  # MiniMax
    if isinstance(base, dict) and _says_something(base.get("status_code")):
        return True
    return not names.get("choices") and _is_error(names)


def _is_error(names: Mapping[str, Any]) -> bool:
    """Whether an object that is no chunk, by its names in lower case, is an error as a whole."""
    if names.get("detail"):
        return True
    if not any(isinstance(names.get(name), str) for name in MESSAGES):
        return False
    says_failed = names.get("success") is False or FAILED.fullmatch(_word(names.get("status")))
    return bool(says_failed) or any(_says_something(names.get(name)) for name in CODES)


def _says_something(error: object) -> bool:
    values = list(error.values()) if isinstance(error, dict) else [error]
    return any(value and _word(value) not in NO_ERROR for value in values)


def _word(value: object) -> str:
    """A text in lower case; for anything else a word that means nothing."""
    return value.strip().lower() if isinstance(value, str) else "-"
