"""How each alarm is provoked, by its name in the alarm table: by a cause, or by its metric."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from infra.alarm_table import ALARMS, USERS_HURT
from tools.drill.causes import (
    dead_letter,
    failed_answers,
    failing,
    late_worker,
    no_worker,
    nothing,
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


NO_TOKEN = Provocation("handshakes with a token that is none", refused_handshakes)
CAUSES = {
    "SlowQueue": Provocation("prompts while the worker is off for a while", late_worker),
    "WaitingPrompts": Provocation("prompts while the worker is off", no_worker),
    "GenerationsFailed": Provocation("prompts that the model refuses with 400", failed_answers(400)),
    "FailureRate": Provocation("prompts that the model refuses with 400", failed_answers(400)),
    "ModelRefusesUs": Provocation("prompts that the model refuses with 401", failed_answers(401)),
    "SlowFirstText": measured("half a minute of waiting would be one answer among many quick ones"),
    "OldestMessage": measured("the emulator does not measure how old messages are"),
    "DeadLetters": Provocation("a letter among the dead ones", dead_letter),
    "ConnectErrors": failure_of("connect"),
    "DisconnectErrors": failure_of("disconnect"),
    "MessageErrors": failure_of("message"),
    "GenerateErrors": failure_of("generate"),
    "WorkerErrors": failure_of("worker"),
    "ServerErrors": measured("no dependency fails on request"),
    "ServerErrorRate": measured("no dependency fails on request"),
    "SocketErrors": measured("the emulator does not measure its gateways"),
    "UnavailableConnects": measured("no dependency fails on request"),
    "RejectedConnects": NO_TOKEN,
    "FailedAuthentications": NO_TOKEN,
    "PublicKeys": measured("tokens are signed with a secret here"),
    "RefusedRequests": measured("so many requests would take minutes"),
    "RejectedMessages": measured("so many messages would take minutes"),
    "DeploymentBudget": measured("this deployment has no budget"),
    "LeftOverHolds": measured("an answer does not end without settling its hold"),
    "FunctionsThrottled": measured("this machine has no quota"),
    "TableThrottled": measured("this machine has no quota"),
    "ThrottledPosts": measured("this machine has no quota"),
}
"""Those first whose causes would be lost among what others do."""
PROVOCATIONS = {
    **CAUSES,
    **{row.name: measured("no cause is written down") for row in ALARMS if row.name not in CAUSES},
    USERS_HURT: Provocation("any of those that hurt", nothing),
}
