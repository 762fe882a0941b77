"""Keeps one socket to the server alive: does what the connection's state machine says."""

from __future__ import annotations

import asyncio
import logging
import random
from contextlib import aclosing
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from framestream.connection import (
    Closing,
    Command,
    ConnectionEvent,
    Event,
    Lost,
    Pause,
    Phase,
    Report,
    State,
    step,
)
from framestream.ending import Ending, ending_of
from framestream.wire import Silence, conversation

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from framestream.connection import Effect
    from framestream.progress import Json
    from framestream.wire import Habits

logger = logging.getLogger("framestream")

STABLE = 60.0
"""A socket that was good for so many seconds has earned that failures before it are forgotten."""
LINGER = 2.0
"""A retired socket may still bring what was under way."""
LONGEST_MARGIN = 60.0
"""At most so many seconds, and at most a tenth of a socket's life, before its end its successor is opened."""


class Owner(Protocol):
    """Who the socket is for."""

    @property
    def is_busy(self) -> bool: ...
    def on_message(self, message: Json) -> None: ...
    def on_phase(self, phase: Phase) -> None: ...
    def on_report(self, code: int | str, reason: str) -> None: ...


class Lifeline:
    """One user's connection, however many sockets it takes."""

    def __init__(self, owner: Owner, *, ticket: Callable[[bool], Awaitable[str]], habits: Habits) -> None:
        self._owner = owner
        self._ticket = ticket
        self._habits = habits
        self._state = State()
        self._reason = ""
        self._current: asyncio.Task[None] | None = None
        self._successor: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._settled = asyncio.Event()
        self._farewell: int | None = None
        self._silence = Silence()
        self.connection_id: str | None = None
        """The server's name for the socket in use."""

    @property
    def phase(self) -> Phase:
        return self._state.phase

    async def open(self) -> None:
        """Want a socket, and wait until there is one or it is known that there is none for now."""
        self._tell(ConnectionEvent.WANTED)
        await self._settled.wait()

    def want(self) -> None:
        """Want a socket, and do not wait for one: after a failure, the next attempt is made at once."""
        self._tell(ConnectionEvent.WANTED)

    def suspect(self) -> None:
        """Nothing comes though something should: ask the socket for a sign of life."""
        self._tell(ConnectionEvent.WOKEN)

    async def close(self) -> None:
        self._reason = "Closed by the client."
        self._tell(ConnectionEvent.UNWANTED)
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def prove(self) -> None:
        """The socket brought something new, so it works."""
        if self._state.failures:
            self._tell(ConnectionEvent.STABLE)

    def _tell(self, event: Event) -> None:
        before = self.phase
        rules = self._habits.reconnect.when(busy=self._owner.is_busy)
        self._state, effects = step(self._state, event, rules, random=random.random())  # noqa: S311
        for effect in effects:
            self._do(effect)
        if self.phase not in {before, Phase.CONNECTING}:
            self._settled.set()
        if self.phase is not before:
            logger.debug("connection %s", self.phase.value)
            self._owner.on_phase(self.phase)

    def _do(self, effect: Effect) -> None:
        match effect:
            case Command.OPEN | Command.OPEN_REFRESHED:
                self._stop("pause")
                self._successor = self._start(self._live(fresh_token=effect is Command.OPEN_REFRESHED))
            case Command.ADOPT:
                self._adopt()
            case Command.DROP:
                self._drop()
            case Command.PROBE:
                self._silence.end()
            case Pause(seconds):
                logger.info("connection: %s Again in %.1f seconds.", self._reason, seconds)
                self._after("pause", seconds, ConnectionEvent.RETRY_DUE)
            case Report(code):
                self._owner.on_report(code, self._reason)

    async def _live(self, *, fresh_token: bool) -> None:
        """One socket, from its ticket to its end."""
        me = asyncio.current_task()
        try:
            await self._talk(await self._ticket(fresh_token))
            ending = Ending()
        except Exception as error:  # noqa: BLE001  of every end, however odd, the state machine must hear
            ending = ending_of(error, self._habits.origin)
        finally:
            self._tasks.discard(me)
        if self._farewell is None or me is not self._current:
            self._reason = ending.reason
        if me is self._current:
            self._current = self.connection_id = None
            self._stop("stable", "aged")
            self._tell(Lost(ending.code if self._farewell is None else self._farewell))
        elif me is self._successor:
            self._successor = None
            self._tell(ending.event)

    async def _talk(self, url: str) -> None:
        me = asyncio.current_task()
        silence = Silence()
        async with aclosing(conversation(url, self._habits, silence)) as messages:
            async for message in messages:
                if me is self._successor:
                    self._silence = silence
                    self._tell(ConnectionEvent.CONNECTED)
                if me is self._current and message["type"] == "system":
                    self._heed(message)
                self._owner.on_message(message)

    def _heed(self, message: Json) -> None:
        match message:
            case {"status": "closing", "code": int(code)}:
                self._farewell = code
                self._reason = str(message.get("message", ""))
                self._tell(Closing(code))
            case {"status": "connected"}:
                self.connection_id = message.get("connection_id")
                if life := _life_of(message):
                    margin = min(LONGEST_MARGIN, life / 10) * (0.5 + 0.5 * random.random())  # noqa: S311
                    self._after("aged", life - margin, ConnectionEvent.EXPIRING)

    def _adopt(self) -> None:
        retired = self._current
        self._current, self._successor = self._successor, None
        self._farewell = None
        self._after("stable", STABLE, ConnectionEvent.STABLE)
        if retired:
            asyncio.get_running_loop().call_later(LINGER, retired.cancel)

    def _drop(self) -> None:
        for task in (self._current, self._successor):
            if task:
                task.cancel()
        self._current = self._successor = self.connection_id = None
        self._stop(*self._timers)

    def _start(self, life: Any) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.create_task(life)
        self._tasks.add(task)
        return task

    def _after(self, name: str, seconds: float, event: ConnectionEvent) -> None:
        self._stop(name)
        self._timers[name] = asyncio.get_running_loop().call_later(seconds, self._tell, event)

    def _stop(self, *names: str) -> None:
        for name in names:
            if timer := self._timers.pop(name, None):
                timer.cancel()


def _life_of(welcome: Json) -> float | None:
    """How many seconds a socket has. Both times are the server's, so this clock may be wrong."""
    try:
        end, now = (datetime.fromisoformat(welcome[name]) for name in ("expires_at", "timestamp"))
        return max((end - now).total_seconds(), 0)
    except (KeyError, TypeError, ValueError):
        return None
