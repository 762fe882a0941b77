"""When to open a socket and when to wait: the life of a connection as a pure state machine.

Two things live side by side: the socket in use, and the attempt to open one. Normally only one of them
exists; while rolling over both do, so that there is no moment without a socket. Failures are never the end:
only what the server refuses for good is, and what the user closed. clients/conformance/connection.json
states the same machine for every client.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TypeAlias

from framestream.backoff import Backoff
from framestream.codes import ABNORMAL, CAPPED, FATAL, NORMAL, PAUSING


class Attempt(Enum):
    """What is being done about a new socket."""

    NONE = "none"
    OPENING = "opening"
    PAUSING = "pausing"
    """After a failure; a wish for the socket ends this pause."""
    HELD_OFF = "held off"
    """The server asked for this pause, so nothing shortens it."""


class Phase(Enum):
    """The connection as people see it."""

    IDLE = "idle"
    CONNECTING = "connecting"
    OPEN = "open"
    WAITING = "waiting"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconnect:
    """How soon to connect again. All times are in seconds."""

    backoff: Backoff = field(default_factory=Backoff)
    """Pauses after failures while an answer is awaited."""
    idle_cap: float = 60.0
    """The longest pause while none is."""
    pause_when_full: float = 15.0
    """Between attempts while the user holds too many sockets; a quarter more or less, by chance."""
    longest_retry_after: float = 60.0
    """A server that asks for a longer pause is asked again after this one."""

    def when(self, *, busy: bool) -> Reconnect:
        """The rules while an answer is awaited, or while none is."""
        return self if busy else replace(self, backoff=replace(self.backoff, cap=self.idle_cap))


@dataclass(frozen=True, slots=True)
class State:
    """Where a connection is."""

    in_use: bool = False
    attempt: Attempt = Attempt.NONE
    failures: int = 0
    over: int | None = None
    """Why there will be no further attempt, until a socket is wanted again."""

    @property
    def phase(self) -> Phase:
        """What to show."""
        if self.in_use:
            return Phase.OPEN
        if self.over is not None:
            return Phase.CLOSED
        return {
            Attempt.NONE: Phase.IDLE,
            Attempt.OPENING: Phase.CONNECTING,
            Attempt.PAUSING: Phase.WAITING,
            Attempt.HELD_OFF: Phase.WAITING,
        }[self.attempt]


class Happening(Enum):
    """What happens without any detail."""

    WANTED = "an answer is asked for, so a socket is wanted"
    UNWANTED = "the application closes the connection"
    WELCOMED = "the server answered on the new socket"
    FAILED = "the attempt came to nothing, without a reason"
    RESTED = "the pause is over"
    WOKEN = "the network may be back, or the socket in use may be dead"
    AGED = "the socket in use will be closed soon"
    PROVEN = "the socket in use has been good for something"


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """The server said why it does not let us in."""

    code: int | str
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Closing:
    """The server announced that it closes the socket in use."""

    code: int


@dataclass(frozen=True, slots=True)
class Lost:
    """The socket in use closed."""

    code: int = ABNORMAL


class Do(Enum):
    """What to do, without any detail."""

    OPEN = "take a ticket and open a socket"
    OPEN_ANEW = "the same with a fresh token, because the present one may be near its end"
    ADOPT = "the new socket takes the place of the one in use"
    DROP = "close all sockets"
    PROBE = "ask the socket in use for a sign of life"


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait, in seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Report:
    """Tell the application, with a code as if a socket had closed with it."""

    code: int | str


Event: TypeAlias = Happening | TurnedAway | Closing | Lost
Effect: TypeAlias = Do | Pause | Report
Step: TypeAlias = tuple[State, tuple[Effect, ...]]


def step(now: State, event: Event, rules: Reconnect, *, random: float) -> Step:
    """Say what follows from what happened; `random` is from [0, 1)."""
    match event:
        case TurnedAway() | Happening.FAILED | Happening.WELCOMED if now.attempt is not Attempt.OPENING:
            return now, ()  # It comes of an attempt that was given up.
        case TurnedAway():
            return _turned_away(now, event, rules, random)
        case Closing(code):
            return _closing(now, code, rules, random)
        case Lost(code):
            return _lost(replace(now, in_use=False), code, rules, random)
        case Happening.FAILED:
            return _again(now, TurnedAway(ABNORMAL), rules, random)
    return _simply(now, event)


def _simply(now: State, event: Happening) -> Step:
    match event:
        case Happening.WANTED:
            return _wanted(now)
        case Happening.WOKEN:
            return _woken(now)
        case Happening.UNWANTED:
            return State(over=NORMAL), (Do.DROP, Report(NORMAL))
        case Happening.WELCOMED:
            return replace(now, in_use=True, attempt=Attempt.NONE), (Do.ADOPT,)
        case Happening.PROVEN:
            return replace(now, failures=0), ()
    return _in_its_time(now, event)


def _in_its_time(now: State, event: Happening) -> Step:
    match event:
        case Happening.RESTED if now.attempt in {Attempt.PAUSING, Attempt.HELD_OFF}:
            return _open(now)
        case Happening.AGED if now.in_use and now.over is None and now.attempt is Attempt.NONE:
            return _open(now, Do.OPEN_ANEW)
    return now, ()


def _open(now: State, how: Do = Do.OPEN) -> Step:
    return replace(now, attempt=Attempt.OPENING), (how,)


def _wanted(now: State) -> Step:
    if now.over is not None:  # What was refused may be allowed by now.
        return _open(State(in_use=now.in_use), Do.OPEN_ANEW if now.in_use else Do.OPEN)
    if now.attempt is Attempt.PAUSING or (now.attempt is Attempt.NONE and not now.in_use):
        return _open(now)
    return now, ()


def _woken(now: State) -> Step:
    probe = (Do.PROBE,) if now.in_use else ()
    if now.attempt is not Attempt.PAUSING:
        return now, probe
    after, effects = _open(now)
    return after, (*probe, *effects)


def _turned_away(now: State, refusal: TurnedAway, rules: Reconnect, random: float) -> Step:
    if refusal.code in FATAL:
        return replace(now, attempt=Attempt.NONE, over=int(refusal.code)), (Report(refusal.code),)
    if refusal.code not in PAUSING:
        return _again(now, refusal, rules, random)
    if now.in_use and refusal.code == CAPPED:
        # There is no place for a successor beside the socket in use, so its own place has to do. Nothing is
        # lost by that: the new socket is told every unfinished answer from its start.
        pause = Pause(rules.backoff.base)
        return replace(now, in_use=False, attempt=Attempt.PAUSING), (Do.DROP, pause)
    report = () if now.in_use else (Report(refusal.code),)
    return _held_off(now, report, rules, random, refusal.retry_after)


def _closing(now: State, code: int, rules: Reconnect, random: float) -> Step:
    """By default, open the successor at once, while the socket in use still brings what it has."""
    if not now.in_use:
        return now, ()
    if code == NORMAL:
        return State(over=NORMAL), (Do.DROP, Report(NORMAL))
    if code in PAUSING:
        return _held_off(replace(now, in_use=False), (Do.DROP, Report(code)), rules, random)
    if now.over is None and now.attempt in {Attempt.NONE, Attempt.PAUSING}:
        return _open(now, Do.OPEN_ANEW)
    return now, ()


def _lost(alone: State, code: int, rules: Reconnect, random: float) -> Step:
    if alone.over is not None:
        return alone, ()
    if alone.attempt is not Attempt.NONE:
        return alone, (Report(code),)
    return _again(alone, TurnedAway(code), rules, random)


def _again(now: State, reason: TurnedAway, rules: Reconnect, random: float) -> Step:
    """Try again after a pause. While a socket is in use, its successor's failures concern only the log."""
    failures = now.failures + 1
    asked = min(reason.retry_after or 0, rules.longest_retry_after)
    pause = Pause(max(asked, rules.backoff.pause(failures, random=random)))
    report = () if now.in_use else (Report(reason.code),)
    return replace(now, failures=failures, attempt=Attempt.PAUSING), (*report, pause)


def _held_off(
    now: State, first: tuple[Effect, ...], rules: Reconnect, random: float, retry_after: float | None = None
) -> Step:
    """Pause because there is no place: that is no failure, and may be as often as it takes."""
    asked = min(retry_after or 0, rules.longest_retry_after)
    seconds = max(asked, rules.pause_when_full * (0.75 + 0.5 * random))
    return replace(now, attempt=Attempt.HELD_OFF), (*first, Pause(seconds))
