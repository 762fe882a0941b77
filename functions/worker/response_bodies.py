"""Reads what a model server sends: streams as they come, errors in part, however long they are and take.

Both are unpacked here: a few bytes may stand for megabytes, and an error that cannot be unpacked has a status
all the same, which an HTTP client that unpacks would lose.
"""

from __future__ import annotations

import asyncio
import zlib
from typing import TYPE_CHECKING

import aiohttp

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

MOST_BYTES = 64 * 1024
LONGEST = 5.0  # seconds
ZIPPED = {"gzip", "x-gzip", "deflate"}
EITHER_HEADER = 32 + zlib.MAX_WBITS
"""Lets zlib find out which of them it is."""


def chunks_of(response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    """The body as it comes, unpacked.

    Raises:
        aiohttp.ClientError: If it breaks off.
        zlib.error: If it cannot be unpacked.
    """
    chunks = response.content.iter_any()
    encoding = response.headers.get("Content-Encoding", "").strip().lower()
    return _unpacked(chunks) if encoding in ZIPPED else chunks


async def _unpacked(chunks: AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
    unzip = zlib.decompressobj(EITHER_HEADER)
    async for chunk in chunks:
        packed = chunk
        while packed:
            yield unzip.decompress(packed, MOST_BYTES)
            packed = unzip.unconsumed_tail


async def error_body(response: aiohttp.ClientResponse) -> bytes:
    """Read the beginning of an error. What is too long, too slow or broken just ends."""
    body = b""
    chunks = aiter(chunks_of(response))
    deadline = asyncio.get_running_loop().time() + LONGEST
    while len(body) < MOST_BYTES:
        try:
            async with asyncio.timeout_at(deadline):
                body += await anext(chunks)
        except (StopAsyncIteration, OSError, aiohttp.ClientError, zlib.error):
            break
    return body[:MOST_BYTES]
