"""When to open a socket, when to wait, when to give up: the life of a connection as a pure state machine.

Two things live side by side: the socket in use, and the attempt to open one. Normally only one of them
exists; while rolling over both do, so that there is no moment without a socket.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TypeAlias

from framestream.backoff import Backoff

NORMAL = 1000
ABNORMAL = 1006
"""What a client reports that knows no reason."""
FULL = 4429
ENDED_ON_PURPOSE = (NORMAL, FULL)
"""Farewells to a socket that its user closed from another place, or whose place a newer one took: to come
back would only push another one out."""
HOPELESS = frozenset({4000, 4001, 4003})
"""Refusals that trying again does not change. For a token that ran out, a fresh one was tried by then."""


class Attempt(Enum):
    """What is being done about a new socket."""

    NONE = "none"
    OPENING = "opening"
    PAUSING = "pausing"


class Phase(Enum):
    """The connection as people see it."""

    IDLE = "idle"
    CONNECTING = "connecting"
    OPEN = "open"
    WAITING = "waiting"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconnect:
    """How stubbornly to reconnect."""

    attempts: int = 5
    """After so many failures in a row the connection is given up."""
    backoff: Backoff = field(default_factory=Backoff)
    pause_when_full: float = 10.0
    """Seconds, at most, between attempts while the user holds too many sockets."""


@dataclass(frozen=True, slots=True)
class State:
    """Where a connection is."""

    in_use: bool = False
    attempt: Attempt = Attempt.NONE
    failures: int = 0
    over: int | None = None
    """Why there will be no further attempt."""

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
        }[self.attempt]


class Happening(Enum):
    """What happens without any detail."""

    WANTED = "somebody wants a socket"
    UNWANTED = "nobody does any more"
    WELCOMED = "the server answered on the new socket"
    FAILED = "the attempt came to nothing, without a reason"
    RESTED = "the pause is over"
    AGED = "the socket in use will be closed soon"
    PROVEN = "the socket in use has been good for something"


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """The server said why it does not let us in."""

    code: int
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Lost:
    """The socket in use closed; with the code of the server's farewell, if there was one."""

    farewell: int | None = None


class Do(Enum):
    """What to do, without any detail."""

    OPEN = "take a ticket and open a socket"
    OPEN_ANEW = "the same with a fresh token, because the present one may be near its end"
    ADOPT = "the new socket takes the place of the one in use"
    DROP = "close all sockets"


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait, in seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Report:
    """Tell the application, with a code as if a socket had closed with it."""

    code: int


Event: TypeAlias = Happening | TurnedAway | Lost
Effect: TypeAlias = Do | Pause | Report
Step: TypeAlias = tuple[State, tuple[Effect, ...]]


def step(now: State, event: Event, rules: Reconnect, *, random: float) -> Step:
    """Say what follows from what happened; `random` is from [0, 1)."""
    match event:
        case TurnedAway():
            return _turned_away(now, event, rules, random)
        case Lost(farewell):
            return _lost(replace(now, in_use=False), farewell, rules, random)
        case Happening.FAILED:
            return _again(now, rules, random)
        case Happening.PROVEN:
            return replace(now, failures=0), ()
    return _simply(now, event)


def _simply(now: State, event: Happening) -> Step:
    match event:
        case Happening.UNWANTED:
            return State(over=NORMAL), (Do.DROP, Report(NORMAL))
        case Happening.WELCOMED:
            return replace(now, in_use=True, attempt=Attempt.NONE), (Do.ADOPT,)
        case Happening.RESTED if now.attempt is Attempt.PAUSING:
            return _open(now)
        case Happening.AGED if now.in_use and now.attempt is Attempt.NONE:
            return _open(now, Do.OPEN_ANEW)
        case Happening.WANTED if not now.in_use and now.attempt is Attempt.NONE:
            return _open(State())
    return now, ()


def _open(now: State, how: Do = Do.OPEN) -> Step:
    return replace(now, attempt=Attempt.OPENING), (how,)


def _turned_away(now: State, refusal: TurnedAway, rules: Reconnect, random: float) -> Step:
    if refusal.code in HOPELESS:
        return _over(now, refusal.code)
    if refusal.code != FULL:
        return _again(now, rules, random)
    if now.in_use:
        # There is no place for a successor beside the socket in use, so its own place has to do. Nothing is
        # lost by that: the new socket is told every unfinished answer from its start.
        pause = Pause(rules.backoff.base)
        return replace(now, in_use=False, attempt=Attempt.PAUSING), (Do.DROP, pause)
    seconds = max(refusal.retry_after or 0, rules.pause_when_full * (0.5 + 0.5 * random))
    return replace(now, attempt=Attempt.PAUSING), (Report(FULL), Pause(seconds))


def _lost(alone: State, farewell: int | None, rules: Reconnect, random: float) -> Step:
    if alone.over is not None:
        return alone, ()
    report = Report(ABNORMAL if farewell is None else farewell)
    if alone.attempt is not Attempt.NONE:
        return alone, (report,)
    if farewell is not None and farewell in ENDED_ON_PURPOSE:
        return _over(alone, farewell)
    after, effects = _again(alone, rules, random)
    return after, (report, *effects)


def _again(now: State, rules: Reconnect, random: float) -> Step:
    """Try again after a pause; or not, after too many failures."""
    failures = now.failures + 1
    if failures > rules.attempts:
        return _over(now, ABNORMAL)
    pause = Pause(rules.backoff.pause(failures, random=random))
    return replace(now, failures=failures, attempt=Attempt.PAUSING), (pause,)


def _over(now: State, code: int) -> Step:
    """A socket in use may go on until it closes; only its successor will not come."""
    return replace(now, attempt=Attempt.NONE, over=code), (Report(code),)
