"""Errors of the HTTP API, each with a word of the wire contract.

    Problem
    ├── BadRequest            400
    ├── OriginRequired        403   no socket opens without an Origin, so there is no ticket for one
    ├── NotFound              404   another user's generation looks exactly like none
    ├── MethodNotAllowed      405
    ├── PromptTooLarge        413
    ├── UnsupportedMediaType  415
    ├── Busy                  409   and which answer is being made
    ├── StaleParent           409   and the chat's version
    ├── Invalid               422   which fields, and why
    ├── KeyReused             422
    └── TooMany               429   and when to try again
        ├── TooManyThisMinute
        └── TooManyAtOnce

The refusals of `functions.shared.errors` have a number as code, and are told in the same form (`responses`).
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, ClassVar, Unpack

from functions.shared.errors import ReportedError

if TYPE_CHECKING:
    from functions.shared.wire.problems import ProblemFacts, ProblemWord


class Problem(ReportedError):
    """A request that the HTTP API cannot carry out; the detail and the facts are shown to the caller."""

    code: ClassVar[ProblemWord]

    def __init__(self, detail: str, **facts: Unpack[ProblemFacts]) -> None:
        super().__init__(detail, reason=self.code, facts=facts)


class BadRequest(Problem):
    """Not JSON, or a parameter that cannot be read."""

    status = HTTPStatus.BAD_REQUEST
    code = "malformed"


class OriginRequired(Problem):
    """A ticket for a socket that would be refused, because the caller sends no Origin."""

    status = HTTPStatus.FORBIDDEN
    code = "origin_required"


class NotFound(Problem):
    """Nothing there, or nothing of this user's."""

    status = HTTPStatus.NOT_FOUND
    code = "not_found"


class MethodNotAllowed(Problem):
    """The path exists, the method does not."""

    status = HTTPStatus.METHOD_NOT_ALLOWED
    code = "method_not_allowed"

    def headers(self) -> dict[str, str]:
        """Name the methods that exist (RFC 9110 §15.5.6)."""
        return {"Allow": ", ".join(self.facts["allowed"])}


class PromptTooLarge(Problem):
    """The prompt has more bytes than the deployment takes."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    code = "prompt_too_large"


class UnsupportedMediaType(Problem):
    """The body is not plain `application/json`."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    code = "unsupported_media_type"


class Busy(Problem):
    """An answer of the chat is being made."""

    status = HTTPStatus.CONFLICT
    code = "busy"


class StaleParent(Problem):
    """The chat has gone on since the answer that the prompt follows."""

    status = HTTPStatus.CONFLICT
    code = "stale_parent"


class Invalid(Problem):
    """The body is JSON, but fields are not as they must be."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "invalid"


class KeyReused(Problem):
    """The Idempotency-Key came with another body before."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "idempotency_key_reused"


class TooMany(Problem):
    """More than one user may ask for; `retry_after` says when to try again, in seconds."""

    status = HTTPStatus.TOO_MANY_REQUESTS

    def headers(self) -> dict[str, str]:
        """Say when to try again (RFC 9110 §10.2.3)."""
        return {"Retry-After": str(self.facts["retry_after"])}


class TooManyThisMinute(TooMany):
    """As many in one minute as one user may."""

    code = "rate_limited"


class TooManyAtOnce(TooMany):
    """As many under way as one user may have."""

    code = "too_many_at_once"


def unusable(field: str, message: str) -> Invalid:
    """Say that a field of the body is not as it must be."""
    return Invalid("Some fields are not as they must be.", errors=[{"field": field, "message": message}])
