"""How each alarm is provoked, by its name in the alarm table; a new alarm needs a row here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.drill.causes import (
    dead_letter,
    failed_answers,
    failing,
    no_worker,
    put_metric,
    refused_handshakes,
)

if TYPE_CHECKING:
    from tools.drill.causes import Cause


@dataclass(frozen=True, slots=True)
class Provocation:
    """A cause, and the words for it."""

    words: str
    cause: Cause


def measured(why: str) -> Provocation:
    """Put the metric itself; the reason is printed."""
    return Provocation(f"metric put: {why}", put_metric)


def failure_of(function: str) -> Provocation:
    """Let a function fail."""
    return Provocation(f"{function} called with an event that is none", failing(function))


PROVOCATIONS = {
    "DeadLetters": Provocation("a letter among the dead ones", dead_letter),
    "WaitingPrompts": Provocation("a prompt while the worker is off", no_worker),
    "OldestMessage": measured("the emulator does not measure how old messages are"),
    "ConnectErrors": failure_of("connect"),
    "DisconnectErrors": failure_of("disconnect"),
    "MessageErrors": failure_of("message"),
    "GenerateErrors": failure_of("generate"),
    "WorkerErrors": failure_of("worker"),
    "RejectedConnects": Provocation("handshakes with a token that is none", refused_handshakes),
    "GenerationsFailed": Provocation("prompts that the model refuses", failed_answers),
}
