"""What pages may send and read (CORS), for both that answer preflights: gateway and function."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal, TypeAlias, get_args

Method: TypeAlias = Literal["GET", "POST", "PATCH", "DELETE"]
"""The methods that a route of the HTTP API may have."""
METHODS: tuple[Method, ...] = get_args(Method)
HEADERS = ("authorization", "content-type", "idempotency-key", "traceparent", "tracestate")
EXPOSED = ("retry-after",)
MAX_AGE = timedelta(hours=1)
