"""Close codes and statuses: which of them are transient, and which are fatal.

clients/conformance/codes.json states the same for every client.
"""

from __future__ import annotations

from enum import Enum

NORMAL = 1000
ABNORMAL = 1006
"""Reported when the reason is unknown."""
LATER = 1013
MALFORMED, TOKEN, FORBIDDEN = 4000, 4001, 4003
CAPPED = 4429
RATE_LIMITED = "rate_limited"

FATAL: frozenset[int | str] = frozenset({MALFORMED, TOKEN, FORBIDDEN})
"""Refusals that are not retried. Before TOKEN counts as fatal, a fresh token has been tried."""
PAUSING: frozenset[int | str] = frozenset({CAPPED, RATE_LIMITED})
"""Refusals because a limit is reached; they do not count as failures."""

BY_STATUS = {400: MALFORMED, 401: TOKEN, 403: FORBIDDEN, 429: CAPPED, 503: LATER}
"""The codes of refusals without a body of framestream, such as API Gateway's or CloudFront's."""

BY_HANDSHAKE = {status: code for status, code in BY_STATUS.items() if code != FORBIDDEN}
"""The same for handshakes, except 403: the ticket was issued a moment before, and an emulator or a firewall
answers every refusal with 403, also too many sockets. So a 403 is reported and retried."""


class Verdict(Enum):
    """Whether to retry a call that was refused."""

    NEVER = "raise; the same request would be refused again"
    A_FEW_TIMES = "retry a few times: this very request may be the cause of the failure"
    ALWAYS = "retry until it is answered"


TRANSIENT = frozenset({408, 425, 429, 502, 503, 504})
BUDGET_EXCEEDED = "budget_exceeded"
"""A limit whose period may end in a month, so the call is not repeated."""


def verdict_on(status: int, code: object = None) -> Verdict:
    """The verdict on an unsuccessful reply, by its status, and by the code in its body."""
    if status in TRANSIENT and code != BUDGET_EXCEEDED:
        return Verdict.ALWAYS
    return Verdict.NEVER if 400 <= status < 500 else Verdict.A_FEW_TIMES
