"""The errors that framestream names.

    FramestreamError
    ├── SettingsError
    └── ReportedError               the caller is told; nothing else is ever shown to one
        ├── Refused                 with a number of the wire contract, on the socket and over HTTP
        │   ├── Malformed           4000, HTTP 400
        │   ├── Unauthenticated     4001, HTTP 401
        │   ├── Forbidden           4003, HTTP 403
        │   ├── TooManyConnections  4429, HTTP 429
        │   └── Unavailable         1013, HTTP 503
        └── Problem                 with a word, over HTTP only: functions/generate/problems.py

The sentence of a Refused is fixed by its class, so that an answer never tells an attacker which check failed;
`reason` is a word for our own logs.
"""

from __future__ import annotations

from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from functions.shared.wire.problems import ProblemFacts


class FramestreamError(Exception):
    """The root of all errors of our own."""

    user_id: str | None = None
    """The user concerned, if known: for our logs."""


@contextmanager
def naming(user_id: str | None) -> Iterator[None]:
    """Name the user, if there is one, in errors that are raised within."""
    try:
        yield
    except FramestreamError as error:
        error.user_id = user_id
        raise


class SettingsError(FramestreamError):
    """The function's environment is not usable; the message names the variable, never a secret's value."""


class ReportedError(FramestreamError):
    """A request that is not carried out, and what its caller is told.

    Args:
        detail: A sentence for people.
        reason: Why, as a word for logs and metrics. Never shown to the caller.
        facts: What the body of an HTTP answer tells besides.
    """

    status: ClassVar[HTTPStatus]
    code: ClassVar[int | str]
    advice: ClassVar[Mapping[str, str]] = {}
    """Headers of every such HTTP answer."""

    def __init__(self, detail: str, *, reason: str, facts: ProblemFacts) -> None:
        super().__init__(detail)
        self.detail = detail
        self.reason = reason
        self.facts = facts

    def headers(self) -> Mapping[str, str]:
        """The headers of an HTTP answer, except Content-Type."""
        return self.advice


class Refused(ReportedError):
    """A request that we do not carry out, over whatever way it came."""

    code: ClassVar[int]
    sentence: ClassVar[str]

    def __init__(self, reason: str) -> None:
        super().__init__(self.sentence, reason=reason, facts={})


class Malformed(Refused):
    """The request does not say what it should, or says two things at once."""

    code = 4000
    status = HTTPStatus.BAD_REQUEST
    sentence = "The request is malformed or ambiguous."


class Unauthenticated(Refused):
    """No valid credential."""

    code = 4001
    status = HTTPStatus.UNAUTHORIZED
    sentence = "The credential is missing, invalid or expired."
    advice: ClassVar[Mapping[str, str]] = {"WWW-Authenticate": "Bearer"}


class Forbidden(Refused):
    """A valid credential that does not allow this."""

    code = 4003
    status = HTTPStatus.FORBIDDEN
    sentence = "This is not allowed here."


class TooManyConnections(Refused):
    """The user already holds as many live connections as one user may."""

    code = 4429
    status = HTTPStatus.TOO_MANY_REQUESTS
    sentence = "Too many open connections. Close one and try again."
    advice: ClassVar[Mapping[str, str]] = {"Retry-After": "1"}


class Unavailable(Refused):
    """Something that we depend on is down; the caller should try again later."""

    code = 1013
    status = HTTPStatus.SERVICE_UNAVAILABLE
    sentence = "The service is not available right now. Please try again later."
    advice: ClassVar[Mapping[str, str]] = {"Retry-After": "1"}
