"""What all tests rely on."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Mapping

import pytest

from tests.support.virtual_time import VirtualTimeLoop


def pytest_configure() -> None:
    """End in good order on every signal, so that everything which tests started ends with them.

    Shells let background jobs ignore Ctrl-C, and whatever a suite starts would ignore it too. SIGTERM would
    end us without any clearing up.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Give tests that wait for much a clock that does not."""
    if item.get_closest_marker("virtual_time"):
        return {"virtual": VirtualTimeLoop}
    return {"real": asyncio.new_event_loop}
