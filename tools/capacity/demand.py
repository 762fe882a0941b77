"""What a load wants of each setting and quota, and which is met first."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tools.capacity import limits
from tools.capacity.quotas import how_to_raise
from tools.costs.answer_usage import BEAT_SECONDS, LOOK, RENEWAL
from tools.costs.calls import read, written
from tools.costs.usage import ADMISSION, BRIEF_SECONDS, DEFAULTS, HEARTBEAT_SECONDS

if TYPE_CHECKING:
    from infra.config.fields import Config
    from tools.capacity.quotas import Quotas
    from tools.costs.load import Load

STEADY_PART = limits.STEADY_SHARING / DEFAULTS.worker_answers
"""How full workers are in a steady flow in which no prompt waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """A limit: what the load wants of it, and what it allows."""

    name: str
    scope: Literal["account", "stack"]
    """Whether all stacks of the account share it in this Region, or each has its own."""
    wanted: float
    allowed: float
    remedy: str

    @property
    def used(self) -> float:
        """The part of it that is wanted; above 1 it does not suffice."""
        return self.wanted / self.allowed


def demands(load: Load, config: Config, quotas: Quotas) -> list[Demand]:
    """List every limit, the one that is met first at the top."""
    found = [*_of_account(load, config, quotas), *_of_stack(load, config, quotas)]
    return sorted(found, key=lambda demand: -demand.used)


def requests_per_second(load: Load, config: Config) -> float:
    """Return what API Gateway counts: posts to sockets, calls, handshakes, heartbeats with their answers."""
    posts = load.prompts_per_second * load.answer(config).messages * load.sockets_per_user
    return posts + calls_per_second(load) + load.handshakes_per_second + 2 * heartbeats_per_second(load)


def calls_per_second(load: Load) -> float:
    """Return the HTTP calls: a prompt each, and a ticket for each socket."""
    return load.prompts_per_second + load.handshakes_per_second


def heartbeats_per_second(load: Load) -> float:
    """Return how many sockets show that they live."""
    return load.sockets / HEARTBEAT_SECONDS


def executions(load: Load, config: Config) -> float:
    """Return how many functions run at once: workers, and the brief ones."""
    brief = calls_per_second(load) + load.prompts_per_second  # and the reminder of each prompt
    brief += 2 * load.handshakes_per_second + heartbeats_per_second(load)  # $connect and $disconnect
    return workers(load, config) + brief * BRIEF_SECONDS


def workers(load: Load, config: Config) -> float:
    """Return how many workers run at once."""
    return load.answers_at_once / load.per_worker(config)


def table_writes_per_second(load: Load) -> float:
    """Return the write units."""
    answers = load.prompts_per_second * written("prompt", "answer")
    beats = load.answers_at_once * limits.WRITES_PER_BEAT / BEAT_SECONDS
    sockets = load.handshakes_per_second * written(*ADMISSION)
    return answers + beats + sockets + heartbeats_per_second(load) * written("heartbeat")


def table_reads_per_second(load: Load) -> float:
    """Return the read units."""
    answers = load.prompts_per_second * read("prompt", "answer", "reminder")
    renewing = limits.RENEWALS_PER_BEAT
    beats = load.answers_at_once * (read(LOOK) * (1 - renewing) + read(RENEWAL) * renewing) / BEAT_SECONDS
    return answers + beats + load.handshakes_per_second * read(*ADMISSION)


def _of_account(load: Load, config: Config, quotas: Quotas) -> list[Demand]:
    def row(name: str, wanted: float, quota: str) -> Demand:
        allowed, remedy = getattr(quotas, quota), how_to_raise(quota)
        return Demand(name=name, scope="account", wanted=wanted, allowed=allowed, remedy=remedy)

    return [
        row("Lambda's concurrent executions", executions(load, config), "executions"),
        row("API Gateway's requests per second", requests_per_second(load, config), "requests_per_second"),
        row("new sockets per second", load.handshakes_per_second, "new_sockets_per_second"),
    ]


def _of_stack(load: Load, config: Config, quotas: Quotas) -> list[Demand]:
    def row(name: str, wanted: float, allowed: float, remedy: str) -> Demand:
        return Demand(name=name, scope="stack", wanted=wanted, allowed=allowed, remedy=remedy)

    def setting(name: str, wanted: float, *, unit: float = 1, most: str = "") -> Demand:
        remedy = f"the setting {name}{most}"
        return row(f"the setting {name}", wanted, getattr(config, name) * unit, remedy)

    steady = config.worker_answers * STEADY_PART
    more = how_to_raise("")
    return [
        setting(
            "worker_max_concurrency", load.answers_at_once / steady, most=", up to 1,000; then another stack"
        ),
        setting("connect_rate_limit", load.handshakes_per_second, most=", up to 500"),
        setting("http_rate_limit", calls_per_second(load)),
        setting("websocket_rate_limit", heartbeats_per_second(load)),
        setting(
            "table_warm_writes",
            table_writes_per_second(load),
            most=", up to 40,000; or let the load grow slowly, since a table doubles what it took",
        ),
        row("the table's writes", table_writes_per_second(load), quotas.table_writes_per_second, more),
        row("the table's reads", table_reads_per_second(load), quotas.table_reads_per_second, more),
        row("the queue's messages in flight", load.answers_at_once, quotas.messages_in_flight, more),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ramp:
    """How long something takes that no quota makes quicker than this."""

    workers_seconds: float
    """Until a stack that stood idle runs the workers of this load: five at first, 300 more a minute."""
    reconnect_seconds: float
    """Until every socket is open again, if all broke at once."""


def ramp(load: Load, config: Config, quotas: Quotas) -> Ramp:
    """Return how long it takes to get to this load."""
    missing = max(workers(load, config) - limits.MAPPING_AT_FIRST, 0)
    most = min(quotas.new_sockets_per_second, config.connect_rate_limit)
    return Ramp(
        workers_seconds=math.ceil(missing / limits.MAPPING_GROWTH_PER_SECOND),
        reconnect_seconds=math.ceil(load.sockets / most),
    )
