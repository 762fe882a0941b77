"""The errors that a caller may see.

FrameStreamError
├── Refused           the server refused
├── Unreachable       the server did not answer
│   └── NotOurs       something other than framestream answered
├── NoToken           `get_token` gave no token
├── GenerationFailed  an answer ended without success
├── Disconnected      the client was closed before an answer's end
└── Misused           the calling program must be changed
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from framestream.codes import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class FrameStreamError(Exception):
    """The root of all errors here. `__cause__` is the underlying exception, if there is one.

    Attributes:
        code: A close code where the server refuses access (4000 malformed, 4001 token, 4003 not allowed,
            4429 too many, 1013 try later), otherwise a word.
        retryable: Whether the same call may succeed later.
        retry_after: Seconds that the server asks to wait.
        status: The status of the HTTP reply, if there was one.
        verdict: Whether the client retries by itself after this error.
        errors: The invalid fields as the server listed them, each with `field` and `message`.
        problem: The whole body of a refusal. It tells `generation_id` (`busy`: of the answer that is
            running), `chat_version` (`stale_parent`), `resets_at` and `limit` (`budget_exceeded`).
    """

    def __init__(
        self,
        message: str,
        *,
        code: int | str,
        retryable: bool = False,
        retry_after: float | None = None,
        status: int | None = None,
        errors: Sequence[dict[str, Any]] = (),
        problem: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.retryable = retryable
        self.retry_after = retry_after
        self.status = status
        self.errors = errors
        self.problem = problem or {}
        self.verdict = Verdict.ALWAYS if retryable else Verdict.NEVER


class Refused(FrameStreamError):
    """The server refused."""


class Unreachable(FrameStreamError):
    """The server did not answer."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="unreachable", retryable=True)


class NotOurs(Unreachable):
    """The reply is not framestream's: a wrong address, or a proxy in between."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.verdict = Verdict.A_FEW_TIMES


class NoToken(FrameStreamError):
    """The application's own `get_token` failed or did not answer; `__cause__` is its error."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="no_token", retryable=True)
        self.verdict = Verdict.A_FEW_TIMES


class GenerationFailed(FrameStreamError):
    """An answer ended as failed. Its text until then is kept."""


class Disconnected(FrameStreamError):
    """The client was closed. The server continues the answer, which can be followed by its id."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="not_connected", retryable=True)


class Misused(FrameStreamError):
    """The calling program must be changed, as the message says."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="misused")
