"""What all tests rely on."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import settings

from tests.support.spread import GIVES_WAY, Spread, fills_gaps, is_slow, longest_first
from tests.support.virtual_time import VirtualTimeLoop

# A processor that is shared makes an example slow, and nothing else of it wrong.
settings.register_profile("shared processors", deadline=None)
settings.load_profile("shared processors")


def pytest_configure(config: pytest.Config) -> None:
    """End in good order on every signal, so that everything which tests started ends with them; give way.

    Shells let background jobs ignore Ctrl-C, and whatever a suite starts would ignore it too. SIGTERM would
    end us without any clearing up.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    process = getattr(config, "workerinput", {"workerid": "", "workercount": 0})
    if fills_gaps(process["workerid"], process["workercount"]):
        os.nice(GIVES_WAY)
    gc.disable()  # Until all tests are collected: thousands of objects come, and none goes.


def pytest_collection_finish() -> None:
    """Let the garbage collector look at what tests make, and not at all tests, over and over."""
    gc.freeze()
    gc.enable()


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Give tests that wait for much a clock that does not."""
    if item.get_closest_marker("virtual_time"):
        return {"virtual": VirtualTimeLoop}
    return {"real": asyncio.new_event_loop}


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Spread:
    """Spread the suite over processes (`-n 4`) by what its files share."""
    config.option.loadscopereorder = False
    return Spread(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what needs more than this process, and put it first if there are several processes."""
    for item in items:
        if is_slow(item):
            item.add_marker("slow")
    if hasattr(config, "workerinput"):
        longest_first(items)
