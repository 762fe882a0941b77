"""Posts spans to a collector (OTLP over HTTP, as JSON), beside the answers and never in their way."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import aiohttp

from functions.shared.log import Log
from functions.worker.http_client import http_client
from functions.worker.spans import payload

if TYPE_CHECKING:
    from collections.abc import Mapping

    from functions.worker.spans import Span, Value

logger = Log(__name__)

PATIENCE = 2.0
"""Seconds that an export may take. Spans are a help; a worker does not stay up for them."""
MOST = 20
"""Exports under way at once. A collector that is slow loses spans, not memory."""


@dataclass(slots=True, kw_only=True)
class SpanExporter:
    """Exports each answer's spans when it has ended."""

    url: str
    resource: Mapping[str, Value]
    _client: aiohttp.ClientSession | None = None
    _under_way: set[asyncio.Task[None]] = field(default_factory=set)

    def __call__(self, spans: list[Span]) -> None:
        """Begin to post these, and return at once."""
        if len(self._under_way) >= MOST:
            logger.warning("spans were dropped", number=len(spans))
            return
        task = asyncio.create_task(self._post(spans))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def flushed(self) -> None:
        """Wait for what is under way: a function that has returned is frozen."""
        if self._under_way:
            await asyncio.wait(self._under_way)

    async def _post(self, spans: list[Span]) -> None:
        if self._client is None:
            self._client = http_client(connect=PATIENCE, read=PATIENCE)
        try:
            async with (
                asyncio.timeout(PATIENCE),
                self._client.post(
                    self.url, json=payload(spans, self.resource), allow_redirects=False
                ) as reply,
            ):
                if not reply.ok:
                    logger.warning("spans were refused", status=reply.status)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            logger.warning("spans could not be exported", error=type(error).__name__)
