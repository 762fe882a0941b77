"""The worker's HTTP client: C code parses, connections are kept, nothing is stored or unpacked."""

from __future__ import annotations

import aiohttp

KEPT = 30.0
"""Seconds that a connection is kept without use: less than servers keep theirs."""
LONGEST_HEADER = 64 * 1024


def http_client(*, connect: float, read: float) -> aiohttp.ClientSession:
    """Make a client. It belongs to the event loop that runs now.

    Args:
        connect: Seconds until there must be a connection.
        read: Seconds in which something must come.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEPT),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None, connect=connect, sock_read=read),
        auto_decompress=False,
        max_line_size=LONGEST_HEADER,
        max_field_size=LONGEST_HEADER,
    )
