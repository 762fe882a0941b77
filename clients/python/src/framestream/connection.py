"""When to open a socket and when to wait: the connection as a pure state machine.

It tracks the socket in use and the attempt to open one. Normally only one of them exists; during a roll-over
both do, so that no moment is without a socket. Failures are retried for ever; only a fatal refusal or a
deliberate close ends the connection. clients/conformance/connection.json states the same machine for every
client.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

from framestream.codes import ABNORMAL, CAPPED, FATAL, NORMAL, PAUSING
from framestream.connection_events import (
    Closing,
    Command,
    ConnectionEvent,
    HandshakeRefused,
    Lost,
    Pause,
    Report,
)

if TYPE_CHECKING:
    from framestream.backoff import Reconnect
    from framestream.connection_events import Effect, Event


class Attempt(Enum):
    """The state of the attempt to open a socket."""

    NONE = "none"
    OPENING = "opening"
    PAUSING = "pausing"
    """Backoff after a failure; a request for the socket ends it."""
    HELD_OFF = "held off"
    """The server asked for this pause (`Retry-After`, too many sockets), so nothing shortens it."""


class Phase(Enum):
    """The state of the connection, as the application sees it."""

    IDLE = "idle"
    CONNECTING = "connecting"
    OPEN = "open"
    WAITING = "waiting"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class State:
    """The state of a connection."""

    in_use: bool = False
    attempt: Attempt = Attempt.NONE
    failures: int = 0
    final_code: int | None = None
    """The code that ended reconnecting, until a socket is wanted again."""

    @property
    def is_opening(self) -> bool:
        return self.attempt is Attempt.OPENING

    @property
    def may_open(self) -> bool:
        return self.attempt is Attempt.NONE and self.final_code is None

    @property
    def phase(self) -> Phase:
        if self.in_use:
            return Phase.OPEN
        if self.final_code is not None:
            return Phase.CLOSED
        return {
            Attempt.NONE: Phase.IDLE,
            Attempt.OPENING: Phase.CONNECTING,
            Attempt.PAUSING: Phase.WAITING,
            Attempt.HELD_OFF: Phase.WAITING,
        }[self.attempt]


Step: TypeAlias = "tuple[State, tuple[Effect, ...]]"


def step(now: State, event: Event, rules: Reconnect, *, random: float) -> Step:
    """Return the next state and its effects; `random` is from [0, 1)."""
    match event:
        case HandshakeRefused() | ConnectionEvent.FAILED | ConnectionEvent.CONNECTED if not now.is_opening:
            return now, ()  # The attempt that it belongs to was abandoned.
        case HandshakeRefused():
            return _refused(now, event, rules, random)
        case Closing(code):
            return _closing(now, code, rules, random)
        case Lost(code):
            return _lost(replace(now, in_use=False), code, rules, random)
        case ConnectionEvent.FAILED:
            return _retry(now, HandshakeRefused(ABNORMAL), rules, random)
    return _without_data(now, event)


def _without_data(now: State, event: ConnectionEvent) -> Step:
    match event:
        case ConnectionEvent.WANTED:
            return _wanted(now)
        case ConnectionEvent.WOKEN:
            return _woken(now)
        case ConnectionEvent.UNWANTED:
            return State(final_code=NORMAL), (Command.DROP, Report(NORMAL))
        case ConnectionEvent.CONNECTED:
            return replace(now, in_use=True, attempt=Attempt.NONE), (Command.ADOPT,)
        case ConnectionEvent.STABLE:
            return replace(now, failures=0), ()
    return _on_timer(now, event)


def _on_timer(now: State, event: ConnectionEvent) -> Step:
    match event:
        case ConnectionEvent.RETRY_DUE if now.attempt in {Attempt.PAUSING, Attempt.HELD_OFF}:
            return _open(now)
        case ConnectionEvent.EXPIRING if now.in_use and now.may_open:
            return _open(now, Command.OPEN_REFRESHED)
    return now, ()


def _open(now: State, command: Command = Command.OPEN) -> Step:
    return replace(now, attempt=Attempt.OPENING), (command,)


def _wanted(now: State) -> Step:
    if now.final_code is not None:  # What was refused may be allowed by now.
        return _open(State(in_use=now.in_use), Command.OPEN_REFRESHED if now.in_use else Command.OPEN)
    if now.attempt is Attempt.PAUSING or (now.attempt is Attempt.NONE and not now.in_use):
        return _open(now)
    return now, ()


def _woken(now: State) -> Step:
    probe = (Command.PROBE,) if now.in_use else ()
    if now.attempt is not Attempt.PAUSING:
        return now, probe
    after, effects = _open(now)
    return after, (*probe, *effects)


def _refused(now: State, refusal: HandshakeRefused, rules: Reconnect, random: float) -> Step:
    if refusal.code in FATAL:
        return replace(now, attempt=Attempt.NONE, final_code=int(refusal.code)), (Report(refusal.code),)
    if refusal.code not in PAUSING:
        return _retry(now, refusal, rules, random)
    if now.in_use and refusal.code == CAPPED:
        # The user's slots are taken, so the successor needs the slot of the socket in use. No text is lost:
        # the server sends every unfinished answer from its start to the new socket.
        pause = Pause(rules.backoff.base)
        return replace(now, in_use=False, attempt=Attempt.PAUSING), (Command.DROP, pause)
    report = () if now.in_use else (Report(refusal.code),)
    return _wait_for_room(now, report, rules, random, refusal.retry_after)


def _closing(now: State, code: int, rules: Reconnect, random: float) -> Step:
    """Roll over: open the successor at once, while the socket in use still delivers."""
    if not now.in_use:
        return now, ()
    if code == NORMAL:
        return State(final_code=NORMAL), (Command.DROP, Report(NORMAL))
    if code in PAUSING:
        return _wait_for_room(replace(now, in_use=False), (Command.DROP, Report(code)), rules, random)
    if now.final_code is None and now.attempt in {Attempt.NONE, Attempt.PAUSING}:
        return _open(now, Command.OPEN_REFRESHED)
    return now, ()


def _lost(now: State, code: int, rules: Reconnect, random: float) -> Step:
    if now.final_code is not None:
        return now, ()
    if now.attempt is not Attempt.NONE:
        return now, (Report(code),)
    return _retry(now, HandshakeRefused(code), rules, random)


def _retry(now: State, reason: HandshakeRefused, rules: Reconnect, random: float) -> Step:
    """Retry after a backoff. While a socket is in use, failures of its successor are not reported."""
    failures = now.failures + 1
    asked = min(reason.retry_after or 0, rules.longest_retry_after)
    pause = Pause(max(asked, rules.backoff.pause(failures, random=random)))
    report = () if now.in_use else (Report(reason.code),)
    return replace(now, failures=failures, attempt=Attempt.PAUSING), (*report, pause)


def _wait_for_room(
    now: State, first: tuple[Effect, ...], rules: Reconnect, random: float, retry_after: float | None = None
) -> Step:
    """Pause because a limit is reached: it does not count as a failure, however often it happens."""
    asked = min(retry_after or 0, rules.longest_retry_after)
    seconds = max(asked, rules.pause_when_full * (0.75 + 0.5 * random))
    return replace(now, attempt=Attempt.HELD_OFF), (*first, Pause(seconds))
