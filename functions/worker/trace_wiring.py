"""Wires the traces: which answers are recorded, and the way of their spans to the collector."""

from __future__ import annotations

import os
from functools import cache, partial
from typing import TYPE_CHECKING

from functions.worker.providers import call_attributes
from functions.worker.span_exporter import SpanExporter
from functions.worker.tracing import Tracing

if TYPE_CHECKING:
    from functions.worker.settings import WorkerSettings


def tracing(options: WorkerSettings) -> Tracing:
    """Wire the traces; without an endpoint nothing is recorded."""
    if not options.otlp_endpoint:
        return Tracing()
    return Tracing(
        export=span_exporter(options.otlp_endpoint),
        percent=options.traces_percent,
        call=partial(call_attributes, options),
    )


@cache
def span_exporter(endpoint: str) -> SpanExporter:
    """Wire the way to the collector once per environment."""
    return SpanExporter(
        url=endpoint,
        resource={
            "service.name": os.environ.get("POWERTOOLS_SERVICE_NAME", "worker"),
            "service.namespace": os.environ.get("POWERTOOLS_METRICS_NAMESPACE", "framestream"),
        },
    )
