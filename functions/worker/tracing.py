"""Records what one claim of a generation does, as spans of the trace that its POST belongs to.

    POST /api/chat/generate-response   SERVER     accepted ──▶ in the queue
    ├── queue wait                     INTERNAL   in the queue ──▶ claimed
    └── generation                     CONSUMER   claimed ──▶ told, and summarised if that was due
        └── chat <model>               CLIENT     asked ──▶ ended; one for each call, of a summary too

The worker records them all: it knows when the prompt was accepted and queued, so that a POST need not wait
for an export. The first two belong to the first attempt, and the id of the first is made of the generation's,
so that every attempt finds its parent. Names are those of OpenTelemetry's conventions for generative AI.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from functions.shared.budgets.model import Purpose
from functions.worker.generation_spans import generation_span, spans_before
from functions.worker.spans import Kind, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from functions.shared.generations.model import Generation
    from functions.shared.trace_context import TraceContext
    from functions.worker.reading import Ending
    from functions.worker.spans import Value

_UNDER_WAY: ContextVar[Recording | None] = ContextVar("recording", default=None)


@dataclass(slots=True)
class Recording:
    """The spans of one claim, as far as they have begun."""

    whole: Span
    call: Callable[[str], Mapping[str, Value]]
    clock: Callable[[], int]
    spans: list[Span]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracing:
    """Which generations are recorded, and what becomes of their spans; by default nothing is."""

    export: Callable[[list[Span]], None] | None = None
    percent: int = 100
    """How many of a hundred traces are recorded."""
    call: Callable[[str], Mapping[str, Value]] = field(default=lambda _model: {})
    """What is known of every call of a model: provider and server."""
    clock: Callable[[], int] = time.time_ns

    @contextmanager
    def claimed(self, generation: Generation, *, sent_at: datetime | None) -> Iterator[None]:
        """Record what is done within, and export it at the end, however that ends."""
        trace = generation.trace
        if self.export is None or trace is None or not self._is_chosen(trace):
            yield
            return
        before = spans_before(generation, trace, sent_at, now=self.clock())
        whole = generation_span(generation, trace, now=self.clock())
        recording = Recording(whole, self.call, self.clock, [*before, whole])
        token = _UNDER_WAY.set(recording)
        try:
            yield
        except BaseException as error:
            whole.fail(type(error).__name__)
            raise
        finally:
            _UNDER_WAY.reset(token)
            whole.end = self.clock()
            self.export(recording.spans)

    def _is_chosen(self, trace: TraceContext) -> bool:
        """Choose by the trace's id, as other services of it may. What its caller drops is dropped."""
        return trace.sampled and int(trace.trace_id[-14:], 16) * 100 < self.percent << 56


@dataclass(slots=True)
class ModelCall:
    """One call of the model, while it is made."""

    span: Span | None = None

    def answered(self, ending: Ending) -> None:
        """Say how it ended."""
        if self.span is not None:
            self.span.attributes["gen_ai.response.finish_reasons"] = [ending.finish_reason]
            if ending.usage:
                self.span.attributes["gen_ai.usage.input_tokens"] = ending.usage.prompt_tokens
                self.span.attributes["gen_ai.usage.output_tokens"] = ending.usage.completion_tokens

    def failed(self, error: str) -> None:
        """Say that it failed."""
        if self.span is not None:
            self.span.fail(error)

    def began(self, after: float) -> None:
        """Say after how many seconds the first text or reasoning came."""
        if self.span is not None:
            self.span.attributes["gen_ai.response.time_to_first_chunk"] = after


@contextmanager
def model_call(model: str, *, attempt: int, purpose: Purpose = Purpose.ANSWER) -> Iterator[ModelCall]:
    """Record a call of the model, if its generation is recorded."""
    recording = _UNDER_WAY.get()
    if recording is None:
        yield ModelCall()
        return
    whole = recording.whole
    span = Span(
        name=f"chat {model}",
        kind=Kind.CLIENT,
        trace_id=whole.trace_id,
        parent_id=whole.span_id,
        start=recording.clock(),
        attributes={
            "gen_ai.operation.name": "chat",
            "gen_ai.request.model": model,
            "gen_ai.request.stream": True,
            "gen_ai.conversation.id": whole.attributes["gen_ai.conversation.id"],
            "framestream.attempt": attempt,
            "framestream.purpose": purpose.value,
            **recording.call(model),
        },
    )
    recording.spans.append(span)
    try:
        yield ModelCall(span)
    finally:
        span.end = recording.clock()
