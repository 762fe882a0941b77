"""The trace that a request belongs to, as W3C Trace Context writes it (`traceparent`)."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import Self

# Later versions may append fields; what is known of them stays (W3C Trace Context §3.2.4).
_HEADER = re.compile(
    r"(?!ff)(?P<version>[0-9a-f]{2})-(?P<trace_id>(?!0{32})[0-9a-f]{32})-(?P<span_id>(?!0{16})[0-9a-f]{16})"
    r"-(?P<flags>[0-9a-f]{2})(?P<more>-.*)?"
)
SAMPLED = 1
LONGEST = 512
UNSAMPLED = "unsampled"


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceContext:
    """One trace, and the span in it that all further ones belong to."""

    trace_id: str
    span_id: str = ""
    """The caller's span; empty where the trace begins here."""
    sampled: bool = True
    """Whether the caller records the trace."""

    @classmethod
    def begun(cls) -> Self:
        """Begin a trace."""
        return cls(trace_id=secrets.token_hex(16))

    @classmethod
    def taken_up(cls, traceparent: str | None) -> Self:
        """Go on with a caller's trace, or begin one: a header that cannot be read is no reason to refuse."""
        return cls.read(traceparent) or cls.begun()

    @classmethod
    def read(cls, traceparent: str | None) -> Self | None:
        """Read a header; None if it is none, or not as it must be."""
        match = _HEADER.fullmatch(traceparent) if traceparent and len(traceparent) <= LONGEST else None
        if match is None or (match["version"] == "00" and match["more"]):
            return None
        sampled = bool(int(match["flags"], 16) & SAMPLED)
        return cls(trace_id=match["trace_id"], span_id=match["span_id"], sampled=sampled)

    @classmethod
    def stored(cls, text: str) -> Self | None:
        """Read what `text` has written; None if there is nothing, as in records of older releases."""
        trace_id, _, rest = text.partition(" ")
        span_id, _, flag = rest.partition(" ")
        return cls(trace_id=trace_id, span_id=span_id, sampled=flag != UNSAMPLED) if trace_id else None

    @property
    def text(self) -> str:
        """Write it for the table."""
        return f"{self.trace_id} {self.span_id} {'' if self.sampled else UNSAMPLED}".rstrip()
