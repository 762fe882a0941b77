"""The options of a client."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from collections.abc import Callable

    from framestream.backoff import Reconnect
    from framestream.connection import Phase


class Options(TypedDict, total=False):
    """The options of a client, as `FrameStreamClient` describes them."""

    user_id: str | None
    origin: str | None
    reconnect: Reconnect | None
    heartbeat: float
    timeout: float
    stall_timeout: float
    token_timeout: float
    trust_env: bool
    on_state: Callable[[Phase, int | str | None, str], object]
