"""The events and the effects of the connection's state machine."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from framestream.codes import ABNORMAL


class ConnectionEvent(Enum):
    """The events that carry no data."""

    WANTED = "the application needs a socket"
    UNWANTED = "the application closes the connection"
    CONNECTED = "the server answered the first heartbeat on the new socket"
    FAILED = "the attempt failed without a refusal: no network, no answer in time"
    RETRY_DUE = "the pause is over"
    WOKEN = "the network may be back, or the socket in use may be dead"
    EXPIRING = "the lifetime of the socket in use is nearly over"
    STABLE = "the socket in use brought new text, or lasted a minute"


@dataclass(frozen=True, slots=True)
class HandshakeRefused:
    """The server refused the ticket or the handshake, with a code."""

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


class Command(Enum):
    """The effects that carry no data."""

    OPEN = "take a ticket and open a socket"
    OPEN_REFRESHED = "the same with a fresh token, because the present one may be about to expire"
    ADOPT = "replace the socket in use with the new one"
    DROP = "close all sockets"
    PROBE = "send a ping on the socket in use"


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait before the next attempt."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Report:
    """Report a close code, or the code of a refusal, to the application."""

    code: int | str


Event: TypeAlias = ConnectionEvent | HandshakeRefused | Closing | Lost
Effect: TypeAlias = Command | Pause | Report
