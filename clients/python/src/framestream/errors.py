"""What can go wrong, as the caller sees it.

FrameStreamError
├── Refused           the server said no
├── Unreachable       the server did not answer
├── GenerationFailed  an answer ended without success
└── Disconnected      the client was closed, or gave up, before an answer's end
"""

from __future__ import annotations


class FrameStreamError(Exception):
    """The root of all errors here.

    Attributes:
        code: A number with the meaning of a close code where the server refuses somebody (4000 malformed,
            4001 token, 4003 not allowed, 4429 too many, 1013 try later), otherwise a word.
        retryable: Whether the same thing may succeed later.
        retry_after: Seconds that the server asks to wait.
    """

    def __init__(
        self,
        message: str,
        *,
        code: int | str,
        retryable: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.retryable = retryable
        self.retry_after = retry_after


class Refused(FrameStreamError):
    """The server said no."""


class Unreachable(FrameStreamError):
    """The server did not answer, or not as it should."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="unreachable", retryable=True)


class GenerationFailed(FrameStreamError):
    """An answer ended as failed. Its text until then is kept."""


class Disconnected(FrameStreamError):
    """Nobody follows this answer any more. The server goes on with it: ask for it by its id."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="not_connected", retryable=True)
