"""Tells what a model server's error means, wherever it stands: with a status, or inside a stream. Pure.

What the provider says is looked at here and goes no further: the failure carries a status and a code.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from functions.shared.generations.failures import Failure
from functions.worker import provider_wordings as wordings
from functions.worker.error_places import CODES
from functions.worker.lenient_json import value_from, values_from
from functions.worker.model import ModelFailed

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN = re.compile(r"[A-Za-z0-9_.-]{1,64}")
STATUS = re.compile(r"[45]\d\d")
IDENTIFIERS = {*CODES, "type", "status"}
NAMES = {"param", "loc", "parameter"}
"""Where an error names the part of the request that it refuses."""
ECHOES = {"choices", "input", "prompt", "failed_generation", "ctx"}
"""Where an error repeats the prompt or the answer, which may speak of anything."""
DEEPEST = 8
MOST_WORDS = 20_000
NOT_THE_REQUEST = {401, 402, 404, 405, 414, 431}
"""What is wrong is the key, the account, the address or a header, whatever the sentence speaks of."""


class Verdict(NamedTuple):
    """What to tell the user, and whether the same request may succeed in a moment."""

    failure: Failure
    worth_retrying: bool


OF_STATUS = {
    408: Verdict(Failure.TIMEOUT, worth_retrying=True),
    409: Verdict(Failure.UNAVAILABLE, worth_retrying=True),
    425: Verdict(Failure.UNAVAILABLE, worth_retrying=True),
}


class RequestRejected(ModelFailed):
    """The server did not like the request: perhaps it likes one without a parameter that it names."""

    named: tuple[str, ...] = ()
    words: str = ""


def failed_by(
    body: object,
    *,
    broke_off: bool,
    status: int | None = None,
    retry_after: float | None = None,
    error: str = "ErrorEvent",
) -> ModelFailed:
    """Make the failure that an error means. Without a status, the error itself may name one."""
    facts = list(_facts(body))
    codes = [value for key, value in facts if key in IDENTIFIERS]
    if status is None:
        status = next((int(code) for code in codes if STATUS.fullmatch(code)), None)
    words = _words(facts)
    verdict = _verdict(status, words, " ".join(codes).lower())
    is_rejected = verdict.failure is Failure.REJECTED
    failed = (RequestRejected if is_rejected else ModelFailed)(
        verdict.failure,
        broke_off=broke_off,
        worth_retrying=verdict.worth_retrying,
        retry_after=retry_after,
        status=status,
        provider_code=_code_of(codes),
        error=error,
    )
    if isinstance(failed, RequestRejected):
        failed.words = words
        failed.named = tuple(value.lower() for key, value in facts if key in NAMES)
    return failed


def body_of(content: bytes) -> object:
    """What the body of an error says: JSON, or plain text. A page for people says nothing."""
    try:
        return value_from(content)
    except ValueError:
        text = content.decode("utf-8", "replace").strip()
        return "" if text.startswith("<") else text


def token_of(text: str) -> str | None:
    """The text if it looks like a code; never a sentence."""
    return text if TOKEN.fullmatch(text) else None


def _facts(body: object, key: str = "", depth: int = DEEPEST) -> Iterator[tuple[str, str]]:
    """Every text of an error with the lower-case name that it stands under, from the outside in."""
    if isinstance(body, str):
        yield key, str(body)
    for name, value in _parts(body, key) if depth else ():
        yield from _facts(value, name, depth - 1)


def _parts(body: object, key: str) -> list[tuple[str, object]]:
    """What is inside: also in a text, into which a gateway puts the JSON of the server behind it."""
    if isinstance(body, str):
        return [(key, value) for value in _json_in(body)]
    if isinstance(body, list):
        return [(key, item) for item in body]
    if not isinstance(body, dict):
        return []
    named = [(name.lower(), value) for name, value in body.items()]
    named.sort(key=lambda item: isinstance(item[1], dict | list))
    return [
        ("", name) if name == "flagged_input" else (name, value)
        for name, value in named
        if name not in ECHOES
    ]


def _json_in(text: str) -> list[object]:
    start = text.find("{")
    try:
        return values_from(text[start:]) if start >= 0 else []
    except ValueError:
        return []


def _words(facts: list[tuple[str, str]]) -> str:
    return " ".join(value[:MOST_WORDS] for _, value in facts)[:MOST_WORDS].lower()


def _code_of(codes: list[str]) -> str | None:
    tokens = [token for code in codes if (token := token_of(code))]
    return next((token for token in tokens if not token.isdigit()), next(iter(tokens), None))


def _verdict(status: int | None, words: str, codes: str) -> Verdict:
    if status in NOT_THE_REQUEST:
        return Verdict(Failure.REJECTED, worth_retrying=False)
    if wordings.NO_CREDIT.search(words):
        return Verdict(
            Failure.RATE_LIMITED if status in {429, None} else Failure.REJECTED, worth_retrying=False
        )
    return _of_the_prompt(status, words) or _of_the_server(status, words, codes)


def _of_the_prompt(status: int | None, words: str) -> Verdict | None:
    """Judge by what the error says, if that is about the prompt or about too many of them."""
    if status == 413:
        return Verdict(Failure.CONTEXT_TOO_LONG, worth_retrying=False)
    if status == 429 or wordings.RATE.search(words):
        return Verdict(Failure.RATE_LIMITED, worth_retrying=not wordings.LARGER_THAN_THE_RATE.search(words))
    if wordings.TOO_LONG.search(words) and not wordings.OUTPUT_LIMIT.search(words):
        return Verdict(Failure.CONTEXT_TOO_LONG, worth_retrying=False)
    if wordings.FILTERED.search(words):
        return Verdict(Failure.CONTENT_FILTERED, worth_retrying=False)
    return None


def _of_the_server(status: int | None, words: str, codes: str) -> Verdict:
    """Judge by the status; by the codes where there is none, and by the sentence if those say nothing."""
    if status in OF_STATUS:
        return OF_STATUS[status]
    if status is not None:
        is_theirs = status >= 500
        return Verdict(Failure.UNAVAILABLE if is_theirs else Failure.REJECTED, worth_retrying=is_theirs)
    for said in (codes, words):
        if wordings.REJECTED.search(said):
            return Verdict(Failure.REJECTED, worth_retrying=False)
        if wordings.TIMED_OUT.search(said):
            return Verdict(Failure.TIMEOUT, worth_retrying=True)
        if wordings.UNAVAILABLE.search(said):
            return Verdict(Failure.UNAVAILABLE, worth_retrying=True)
    return Verdict(Failure.INCOMPLETE, worth_retrying=True)
