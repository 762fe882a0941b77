"""An event loop whose clock jumps to the next timer instead of waiting: minutes pass in milliseconds.

All that asyncio does with time goes by this clock: sleeps, time-outs, timers. What runs in a thread elsewhere
runs at once here, and takes no time. A test that nothing can wake any more fails instead of hanging.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """An event loop in virtual time, which begins at 0."""

    def __init__(self) -> None:
        self.now = 0.0
        super().__init__(_Jumping(self))

    def time(self) -> float:
        return self.now

    def run_in_executor(  # type: ignore[override]
        self, executor: Executor | None, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        done = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:  # noqa: BLE001  it belongs to the caller, as from a thread
            done.set_exception(error)
        return done


class _Jumping(selectors.DefaultSelector):
    """Waits for nothing: moves the loop's clock on by as long as it should have waited."""

    def __init__(self, loop: VirtualTimeLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout is None:
            raise AssertionError("everything waits, and nothing will ever happen")
        if not ready and timeout:
            self._loop.now += timeout
        return ready
