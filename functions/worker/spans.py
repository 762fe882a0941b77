"""Spans, and how OTLP writes them as JSON. No I/O, and no SDK: a worker that records none carries nothing."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Value = str | bool | int | float | list[str]
ERROR = 2
"""The status code of a span that failed."""


class Kind(IntEnum):
    """What a span is, to others."""

    INTERNAL = 1
    SERVER = 2
    CLIENT = 3
    CONSUMER = 5


@dataclass(slots=True, kw_only=True)
class Span:
    """One piece of work; times are nanoseconds since 1970."""

    name: str
    kind: Kind
    trace_id: str
    parent_id: str = ""
    start: int
    end: int = 0
    span_id: str = field(default_factory=lambda: secrets.token_hex(8))
    attributes: dict[str, Value] = field(default_factory=dict)
    error: str = ""
    """Why it failed, as a word; empty if it did not."""

    def fail(self, error: str) -> None:
        """Say that it failed."""
        self.error = error
        self.attributes["error.type"] = error


def payload(spans: Iterable[Span], resource: Mapping[str, Value]) -> dict[str, Any]:
    """Write an ExportTraceServiceRequest (OTLP 1.x, JSON: ids in hex, 64-bit numbers as text)."""
    scope = {"scope": {"name": "framestream"}, "spans": [_span(span) for span in spans]}
    return {"resourceSpans": [{"resource": {"attributes": _attributes(resource)}, "scopeSpans": [scope]}]}


def _span(span: Span) -> dict[str, Any]:
    written: dict[str, Any] = {
        "traceId": span.trace_id,
        "spanId": span.span_id,
        "name": span.name,
        "kind": span.kind.value,
        "startTimeUnixNano": str(span.start),
        "endTimeUnixNano": str(max(span.start, span.end)),
        "attributes": _attributes(span.attributes),
    }
    if span.parent_id:
        written["parentSpanId"] = span.parent_id
    if span.error:
        written["status"] = {"code": ERROR, "message": span.error}
    return written


def _attributes(values: Mapping[str, Value]) -> list[dict[str, Any]]:
    return [{"key": name, "value": _value(value)} for name, value in values.items()]


def _value(value: Value) -> dict[str, Any]:
    match value:
        case bool():
            return {"boolValue": value}
        case int():
            return {"intValue": str(value)}
        case float():
            return {"doubleValue": value}
        case str():
            return {"stringValue": value}
        case _:
            return {"arrayValue": {"values": [_value(each) for each in value]}}
