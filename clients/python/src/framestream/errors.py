"""What can go wrong, as the caller sees it.

FrameStreamError
├── Refused           the server said no
├── Unreachable       the server did not answer
│   └── NotOurs       something else did
├── NoToken           the application's own source gave no token
├── GenerationFailed  an answer ended without success
├── Disconnected      the client was closed before an answer's end
└── Misused           the calling program must be changed
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from framestream.codes import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence


class FrameStreamError(Exception):
    """The root of all errors here. `__cause__` is the fault below it, if there is one.

    Attributes:
        code: A number with the meaning of a close code where the server refuses somebody (4000 malformed,
            4001 token, 4003 not allowed, 4429 too many, 1013 try later), otherwise a word.
        retryable: Whether the same thing may succeed later.
        retry_after: Seconds that the server asks to wait.
        status: The status of the HTTP reply, if there was one.
        verdict: Whether the client repeats by itself what failed with this.
        errors: What is wrong with which field, as the server listed it: `field` and `message` of each.
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
    ) -> None:
        super().__init__(message)
        self.code = code
        self.retryable = retryable
        self.retry_after = retry_after
        self.status = status
        self.errors = errors
        self.verdict = Verdict.ALWAYS if retryable else Verdict.NEVER


class Refused(FrameStreamError):
    """The server said no."""


class Unreachable(FrameStreamError):
    """The server did not answer."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="unreachable", retryable=True)


class NotOurs(Unreachable):
    """What answers there is not framestream: a wrong address, or something on the way."""

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
    """Nobody follows this answer any more. The server goes on with it: ask for it by its id."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="not_connected", retryable=True)


class Misused(FrameStreamError):
    """The calling program must be changed, as the message says."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="misused")
