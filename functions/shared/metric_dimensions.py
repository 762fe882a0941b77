"""By what metrics are split: closed lists of words, so that the bill does not grow with use.

No id of a user, a connection or an answer is ever a dimension: each of its values would be a metric.
"""

from __future__ import annotations

from dataclasses import dataclass

OTHER = "other"
"""What a value is counted as that is not on its dimension's list."""


@dataclass(frozen=True, slots=True)
class Dimension:
    """By what a metric is split, and into which parts."""

    name: str
    words: tuple[str, ...]

    def word(self, value: object) -> str:
        """Return the word that a value is counted as."""
        return str(value) if str(value) in self.words else OTHER

    @property
    def values(self) -> tuple[str, ...]:
        """Every word that it may have."""
        return (*self.words, OTHER)


CONNECT_REASON = Dimension(
    "reason", ("token", "ticket", "origin", "user", "cap", "malformed", "edge", "unavailable")
)
"""Why a handshake was refused. `token` and `ticket` are failed authentications."""
MESSAGE_REASON = Dimension("reason", ("not_a_keep_alive", "rate_limited", "too_many_messages", "unavailable"))
STATUS = Dimension("status", ("400", "401", "403", "404", "405", "413", "415", "422", "429", "500", "503"))
"""Of an HTTP answer of ours."""
CLOSE_CODE = Dimension("code", ("1000", "1001", "1005", "1006", "1009"))
FAILURE = Dimension(
    "code",
    (
        "llm_rate_limited",
        "llm_unavailable",
        "llm_timeout",
        "llm_rejected",
        "llm_incomplete",
        "content_filtered",
        "context_too_long",
        "invalid_output",
        "budget_exceeded",
        "expired",
        "worker_lost",
        "internal",
    ),
)
"""Why an answer failed: the words of the wire contract."""
MODEL_STATUS = Dimension(
    "status", ("400", "401", "402", "403", "404", "408", "413", "429", "500", "502", "503", "504", "529")
)
"""What the model's server answered; `other` without an answer."""
