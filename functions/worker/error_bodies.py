"""Bounds what is read of a model server's error: the SDK reads all of it, however long it is and takes."""

from __future__ import annotations

import asyncio
import zlib
from typing import TYPE_CHECKING

import httpx2

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

MOST_BYTES = 64 * 1024
LONGEST = 5.0  # seconds
ZIPPED = {"gzip", "x-gzip", "deflate"}
EITHER_HEADER = 32 + zlib.MAX_WBITS
"""Lets zlib find out which of them it is."""


class BoundedBody(httpx2.AsyncByteStream):
    """The beginning of a body. What is too long, too slow or broken just ends.

    It is unpacked here: a few bytes may stand for megabytes, and an error that cannot be unpacked has a
    status all the same, which the HTTP client would lose.
    """

    def __init__(self, body: httpx2.AsyncByteStream, encoding: str = "") -> None:
        self._body = body
        self._unzip = zlib.decompressobj(EITHER_HEADER) if encoding.strip().lower() in ZIPPED else None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = MOST_BYTES
        chunks = aiter(self._body)
        deadline = asyncio.get_running_loop().time() + LONGEST
        while left > 0:
            try:
                async with asyncio.timeout_at(deadline):
                    chunk = await anext(chunks)
                if self._unzip is not None:
                    chunk = self._unzip.decompress(chunk, left)
            except (StopAsyncIteration, TimeoutError, httpx2.HTTPError, zlib.error):
                return
            yield chunk[:left]
            left -= len(chunk)

    async def aclose(self) -> None:
        await self._body.aclose()


async def bound_error_body(response: httpx2.Response) -> None:
    """A hook for the HTTP client's responses."""
    if not response.is_success and isinstance(response.stream, httpx2.AsyncByteStream):
        response.stream = BoundedBody(response.stream, response.headers.pop("content-encoding", ""))
