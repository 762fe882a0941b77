"""Keeps one socket to the server alive: does what the connection's state machine says."""

from __future__ import annotations

import asyncio
import logging
import random
from contextlib import aclosing
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from framestream.codes import ABNORMAL, BY_STATUS, PAUSING, TOKEN
from framestream.connection import (
    Closing,
    Do,
    Happening,
    Lost,
    Pause,
    Phase,
    Report,
    State,
    TurnedAway,
    step,
)
from framestream.errors import FrameStreamError
from framestream.wire import Silence, conversation, message_from

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from framestream.connection import Effect, Event
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
        self._tell(Happening.WANTED)
        await self._settled.wait()

    def want(self) -> None:
        """Want a socket, and do not wait for one: after a failure, the next attempt is made at once."""
        self._tell(Happening.WANTED)

    def suspect(self) -> None:
        """Nothing comes though something should: ask the socket for a sign of life."""
        self._tell(Happening.WOKEN)

    async def close(self) -> None:
        self._reason = "Closed by the client."
        self._tell(Happening.UNWANTED)
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def prove(self) -> None:
        """The socket brought something new, so it works."""
        if self._state.failures:
            self._tell(Happening.PROVEN)

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
            case Do.OPEN | Do.OPEN_ANEW:
                self._stop("pause")
                self._successor = self._start(self._live(fresh_token=effect is Do.OPEN_ANEW))
            case Do.ADOPT:
                self._adopt()
            case Do.DROP:
                self._drop()
            case Do.PROBE:
                self._silence.end()
            case Pause(seconds):
                self._after("pause", seconds, Happening.RESTED)
            case Report(code):
                self._owner.on_report(code, self._reason)

    async def _live(self, *, fresh_token: bool) -> None:
        """One socket, from its ticket to its end."""
        me = asyncio.current_task()
        event: Event = Happening.FAILED
        code = ABNORMAL
        try:
            url = await self._ticket(fresh_token)
            await self._talk(url)
        except FrameStreamError as error:
            self._reason = str(error)
            if isinstance(error.code, int) or error.code in PAUSING:
                event = TurnedAway(error.code, error.retry_after)
        except InvalidStatus as error:
            event, self._reason = _refusal(error)
        except (OSError, WebSocketException) as error:  # TimeoutError is an OSError.
            code = _code_of(error)
            if self._farewell is None:
                self._reason = str(error) or "The server does not answer."
        finally:
            self._tasks.discard(me)
        if me is self._current:
            self._current = self.connection_id = None
            self._stop("stable", "aged")
            self._tell(Lost(code if self._farewell is None else self._farewell))
        elif me is self._successor:
            self._successor = None
            self._tell(event)

    async def _talk(self, url: str) -> None:
        me = asyncio.current_task()
        silence = Silence()
        async with aclosing(conversation(url, self._habits, silence)) as messages:
            async for message in messages:
                if me is self._successor:
                    self._silence = silence
                    self._tell(Happening.WELCOMED)
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
                    self._after("aged", life - margin, Happening.AGED)

    def _adopt(self) -> None:
        retired = self._current
        self._current, self._successor = self._successor, None
        self._farewell = None
        self._after("stable", STABLE, Happening.PROVEN)
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

    def _after(self, name: str, seconds: float, event: Happening) -> None:
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


def _refusal(error: InvalidStatus) -> tuple[Event, str]:
    """Why a handshake failed. A ticket that was refused may have come too late, so another may do."""
    said = message_from(bytes(error.response.body or b"").decode(errors="replace")) or {}
    code = said.get("code") or BY_STATUS.get(error.response.status_code)
    reason = str(said.get("message") or f"The server refused the socket ({error.response.status_code}).")
    if isinstance(code, int) and code != TOKEN:
        return TurnedAway(code), reason
    return Happening.FAILED, reason


def _code_of(error: Exception) -> int:
    """What the server closed with."""
    return error.rcvd.code if isinstance(error, ConnectionClosed) and error.rcvd else ABNORMAL
