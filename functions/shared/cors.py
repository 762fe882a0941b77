"""What pages of other origins may send and read (CORS): the gateway and the HTTP function say the same."""

from __future__ import annotations

METHODS = ("GET", "POST", "DELETE")
HEADERS = ("authorization", "content-type", "idempotency-key")
EXPOSED = ("retry-after",)
SECONDS = 3600
"""How long a browser may keep the answer to a preflight."""
