"""The spans of one generation around the calls of its model: its POST, its wait, and each claim of it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from functions.worker.spans import Kind, Span

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from functions.shared.generations.model import Generation
    from functions.shared.trace_context import TraceContext


def post_span_id(generation_id: str) -> str:
    """The id of the span of the POST, which every attempt can tell."""
    return hashlib.sha256(generation_id.encode()).hexdigest()[:16]


def spans_before(
    generation: Generation, trace: TraceContext, sent_at: datetime | None, *, now: int
) -> Iterator[Span]:
    """Yield what came before the first claim: the POST, and the wait in the queue."""
    if generation.attempt > 1:
        return
    accepted = _nanoseconds(generation.created_at)
    queued = _nanoseconds(sent_at) if sent_at else accepted
    yield Span(
        name="POST /api/chat/generate-response",
        kind=Kind.SERVER,
        trace_id=trace.trace_id,
        parent_id=trace.span_id,
        span_id=post_span_id(generation.generation_id),
        start=accepted,
        end=queued,
        attributes={"framestream.generation_id": generation.generation_id, "http.request.method": "POST"},
    )
    yield Span(
        name="queue wait",
        kind=Kind.INTERNAL,
        trace_id=trace.trace_id,
        parent_id=post_span_id(generation.generation_id),
        start=queued,
        end=now,
    )


def generation_span(generation: Generation, trace: TraceContext, *, now: int) -> Span:
    """Begin the span of a claim."""
    return Span(
        name="generation",
        kind=Kind.CONSUMER,
        trace_id=trace.trace_id,
        parent_id=post_span_id(generation.generation_id),
        start=now,
        attributes={
            "framestream.generation_id": generation.generation_id,
            "framestream.attempt": generation.attempt,
            "gen_ai.conversation.id": generation.chat_id,
        },
    )


def _nanoseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000) * 1_000_000
