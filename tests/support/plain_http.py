"""HTTP clients for this machine's addresses, made without reading certificates that nothing here needs.

httpx reads the certificates of all authorities for each client, and `httpx.get` makes a client for each call:
70 ms of a processor, more than all else that a short test does.
"""

from __future__ import annotations

import ssl
from typing import Any

import httpx

NO_AUTHORITY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusts nothing: a call over TLS fails, and is never made unchecked."""
CLOSES = httpx.Limits(max_keepalive_connections=0)


def plain_client(**options: Any) -> httpx.AsyncClient:
    """Return a client for plain HTTP alone."""
    return httpx.AsyncClient(verify=NO_AUTHORITY, **options)


HTTP = httpx.Client(verify=NO_AUTHORITY, limits=CLOSES, timeout=60)
"""For single calls. It keeps no connection, so that it needs no closing."""
