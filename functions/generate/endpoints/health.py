"""Whether the function runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.generate.routes import route
from functions.shared.times import rfc3339
from functions.shared.wire.bodies import Health

if TYPE_CHECKING:
    from functions.generate.api import Api
    from functions.generate.routes import Call


@route("GET", "/health", returns=Health, is_public=True)
def health(_api: Api, call: Call) -> Health:
    """Say that the function runs."""
    return {"status": "ok", "timestamp": rfc3339(call.now)}
