"""Keeps a socket to the server open: carries out the effects of the connection's state machine."""

from __future__ import annotations

import asyncio
import logging
import random
from contextlib import aclosing
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from framestream.connection import Phase, State, step
from framestream.connection_events import Closing, Command, ConnectionEvent, Event, Lost, Pause, Report
from framestream.ending import Ending, ending_of
from framestream.readiness import Readiness
from framestream.websocket_messages import ReceiveTimer, messages

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from framestream.connection_events import Effect
    from framestream.progress import Json
    from framestream.websocket_messages import SocketOptions

logger = logging.getLogger("framestream")

STABLE = 60.0
"""Seconds after which a socket counts as stable: the failures before it are forgotten."""
LINGER = 2.0
"""Seconds for which a replaced socket may still deliver messages in flight."""
LONGEST_MARGIN = 60.0
"""The successor is opened a tenth of the lifetime before a socket expires, but at most so many seconds."""


class Owner(Protocol):
    """The receiver of messages, phases and close codes."""

    @property
    def is_busy(self) -> bool: ...
    def on_message(self, message: Json) -> None: ...
    def on_phase(self, phase: Phase) -> None: ...
    def on_report(self, code: int | str, reason: str) -> None: ...


class ReconnectingSocket:
    """One user's connection, over as many sockets as it takes."""

    def __init__(
        self, owner: Owner, *, ticket: Callable[[bool], Awaitable[str]], options: SocketOptions
    ) -> None:
        self._owner = owner
        self._ticket = ticket
        self._options = options
        self._state = State()
        self._reason = ""
        self._current: asyncio.Task[None] | None = None
        self._successor: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._settled = asyncio.Event()
        self._close_code: int | None = None
        """The code that the server announced for the socket in use, with `closing`."""
        self._receive_timer = ReceiveTimer()
        self.readiness = Readiness()
        self.connection_id: str | None = None
        """The server's id of the socket in use."""

    @property
    def phase(self) -> Phase:
        return self._state.phase

    async def open(self) -> None:
        """Request a socket, and wait until it is open, or the first attempt failed."""
        self._handle(ConnectionEvent.WANTED)
        await self._settled.wait()

    def request(self) -> None:
        """Request a socket without waiting for it; this ends a backoff."""
        self._handle(ConnectionEvent.WANTED)

    def probe(self) -> None:
        """Check by a ping that the socket in use is alive, because an expected message is overdue."""
        self._handle(ConnectionEvent.WOKEN)

    async def close(self) -> None:
        self._reason = "Closed by the client."
        self._handle(ConnectionEvent.UNWANTED)
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def mark_stable(self) -> None:
        """Forget earlier failures: the socket brought new text, so it works."""
        if self._state.failures:
            self._handle(ConnectionEvent.STABLE)

    def _handle(self, event: Event) -> None:
        before = self.phase
        rules = self._options.reconnect.when(busy=self._owner.is_busy)
        self._state, effects = step(self._state, event, rules, random=random.random())  # noqa: S311
        for effect in effects:
            self._execute(effect)
        if self.phase not in {before, Phase.CONNECTING}:
            self._settled.set()
        if self.phase is not before:
            logger.debug("connection %s", self.phase.value)
            self.readiness.on_phase(self.phase)
            self._owner.on_phase(self.phase)

    def _execute(self, effect: Effect) -> None:
        match effect:
            case Command.OPEN | Command.OPEN_REFRESHED:
                self._cancel_timers("retry")
                refreshed = effect is Command.OPEN_REFRESHED
                self._successor = self._start_task(self._run_socket(fresh_token=refreshed))
            case Command.ADOPT:
                self._replace_current()
            case Command.DROP:
                self._drop_sockets()
            case Command.PROBE:
                self._receive_timer.expire()
            case Pause(seconds):
                logger.info("connection: %s Again in %.1f seconds.", self._reason, seconds)
                self._set_timer("retry", seconds, ConnectionEvent.RETRY_DUE)
            case Report(code):
                self._owner.on_report(code, self._reason)

    async def _run_socket(self, *, fresh_token: bool) -> None:
        """Run one socket, from its ticket to its close."""
        this_task = asyncio.current_task()
        try:
            url = await self._ticket(fresh_token)
            self.readiness.on_ticket()
            await self._receive(url)
            ending = Ending()
        except Exception as error:  # noqa: BLE001  the state machine must learn of every end, also an unforeseen one
            ending = ending_of(error, self._options.origin)
        finally:
            self._tasks.discard(this_task)
        if self._close_code is None or this_task is not self._current:
            self._reason = ending.reason
        if this_task is self._current:
            self._current = self.connection_id = None
            self._cancel_timers("stable", "expiring")
            self._handle(Lost(ending.code if self._close_code is None else self._close_code))
        elif this_task is self._successor:
            self._successor = None
            if not ending.is_offline:
                self.readiness.on_refusal()
            self._handle(ending.event)

    async def _receive(self, url: str) -> None:
        this_task = asyncio.current_task()
        timer = ReceiveTimer()
        async with aclosing(messages(url, self._options, timer)) as received:
            async for message in received:
                if this_task is self._successor:
                    self._receive_timer = timer
                    self._handle(ConnectionEvent.CONNECTED)
                if this_task is self._current and message["type"] == "system":
                    self._on_system_message(message)
                self._owner.on_message(message)

    def _on_system_message(self, message: Json) -> None:
        match message:
            case {"status": "closing", "code": int(code)}:
                self._close_code = code
                self._reason = str(message.get("message", ""))
                self._handle(Closing(code))
            case {"status": "connected"}:
                self.connection_id = message.get("connection_id")
                if lifetime := _lifetime_of(message):
                    margin = min(LONGEST_MARGIN, lifetime / 10) * (0.5 + 0.5 * random.random())  # noqa: S311
                    self._set_timer("expiring", lifetime - margin, ConnectionEvent.EXPIRING)

    def _replace_current(self) -> None:
        replaced = self._current
        self._current, self._successor = self._successor, None
        self._close_code = None
        self._set_timer("stable", STABLE, ConnectionEvent.STABLE)
        if replaced:
            asyncio.get_running_loop().call_later(LINGER, replaced.cancel)

    def _drop_sockets(self) -> None:
        for task in (self._current, self._successor):
            if task:
                task.cancel()
        self._current = self._successor = self.connection_id = None
        self._cancel_timers(*self._timers)

    def _start_task(self, work: Any) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        return task

    def _set_timer(self, name: str, seconds: float, event: ConnectionEvent) -> None:
        self._cancel_timers(name)
        self._timers[name] = asyncio.get_running_loop().call_later(seconds, self._handle, event)

    def _cancel_timers(self, *names: str) -> None:
        for name in names:
            if timer := self._timers.pop(name, None):
                timer.cancel()


def _lifetime_of(connected: Json) -> float | None:
    """The lifetime of a socket in seconds. Both times are the server's, so the local clock may be wrong."""
    try:
        end, now = (datetime.fromisoformat(connected[name]) for name in ("expires_at", "timestamp"))
        return max((end - now).total_seconds(), 0)
    except (KeyError, TypeError, ValueError):
        return None
