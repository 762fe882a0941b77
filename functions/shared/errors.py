"""The errors that framestream names.

    FramestreamError
    ├── SettingsError
    └── Refused                 the caller is told, with a code of the wire contract
        ├── Malformed           4000, HTTP 400
        ├── Unauthenticated     4001, HTTP 401
        ├── Forbidden           4003, HTTP 403
        ├── TooManyConnections  4429, HTTP 429
        └── Unavailable         1013, HTTP 503

Only a Refused may be shown to a caller. Its sentence is fixed by its class, so that an answer never tells
an attacker which check failed; `reason` is a word for our own logs.
"""

from __future__ import annotations

from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterator


class FramestreamError(Exception):
    """The root of all errors of our own."""

    user_id: str | None = None
    """The user concerned, if known: for our logs."""


@contextmanager
def naming(user_id: str) -> Iterator[None]:
    """Name the user in errors that are raised within."""
    try:
        yield
    except FramestreamError as error:
        error.user_id = user_id
        raise


class SettingsError(FramestreamError):
    """The function's environment is not usable; the message names the variable, never a secret's value."""


class Refused(FramestreamError):
    """A request that we do not carry out.

    Args:
        reason: Why, as a word for logs and metrics. Never shown to the caller.
    """

    code: ClassVar[int]
    status: ClassVar[HTTPStatus]
    sentence: ClassVar[str]

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return self.sentence


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


class Unavailable(Refused):
    """Something that we depend on is down; the caller should try again later."""

    code = 1013
    status = HTTPStatus.SERVICE_UNAVAILABLE
    sentence = "The service is not available right now. Please try again later."
