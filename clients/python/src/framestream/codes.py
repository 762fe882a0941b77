"""What codes mean for a client: which of them pass by themselves, and which are the end.

clients/conformance/codes.json states the same for every client.
"""

from __future__ import annotations

from enum import Enum

NORMAL = 1000
ABNORMAL = 1006
"""What a client reports that knows no reason."""
LATER = 1013
MALFORMED, TOKEN, FORBIDDEN = 4000, 4001, 4003
CAPPED = 4429
RATE_LIMITED = "rate_limited"

FATAL: frozenset[int | str] = frozenset({MALFORMED, TOKEN, FORBIDDEN})
"""Refusals that trying again does not change. For a token that ran out, a fresh one was tried by then."""
PAUSING: frozenset[int | str] = frozenset({CAPPED, RATE_LIMITED})
"""Refusals for want of room, which are no failures."""

BY_STATUS = {400: MALFORMED, 401: TOKEN, 403: FORBIDDEN, 429: CAPPED, 503: LATER}
"""Codes of refusals without a body of the function's own, such as API Gateway's or CloudFront's."""

BY_HANDSHAKE = {status: code for status, code in BY_STATUS.items() if code != FORBIDDEN}
"""The same for handshakes, but for 403: the ticket was given a moment before, and an emulator or a firewall
says 403 to everything, also to one socket too many. So it is told, and tried again."""


class Verdict(Enum):
    """What to do about a call that was refused."""

    NEVER = "tell the caller; the same request will be refused again"
    A_FEW_TIMES = "repeat it after pauses, but not for ever: a function may fail on this very request"
    ALWAYS = "repeat it after pauses until it is answered"


PASSING = frozenset({408, 425, 429, 502, 503, 504})


def verdict_on(status: int) -> Verdict:
    """What the status of a reply says that is not the one asked for."""
    if status in PASSING:
        return Verdict.ALWAYS
    return Verdict.NEVER if 400 <= status < 500 else Verdict.A_FEW_TIMES
