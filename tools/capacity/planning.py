"""What 10 thousand to 10 million users at once take: stacks, accounts in Regions, and what a month costs."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from infra.config.fields import Config
from tools.capacity.demand import demands, executions, ramp, requests_per_second, table_writes_per_second
from tools.capacity.quotas import Quotas
from tools.costs.load import Load
from tools.costs.monthly import monthly_bill
from tools.marked import table

if TYPE_CHECKING:
    from collections.abc import Mapping

USERS = (10_000, 100_000, 1_000_000, 10_000_000)
PROMPT_SECONDS = 300
"""Each user asks so often."""
SOCKETS_PER_USER = 1.2
FULL = 0.7
"""How much of a limit is planned with; the rest is for peaks and for the failure of another part."""
LARGEST = Config(
    worker_max_concurrency=1000,
    connect_rate_limit=500,
    http_rate_limit=10_000,
    http_burst_limit=5000,
    websocket_rate_limit=10_000,
    table_warm_writes=40_000,
)
"""A stack whose settings are raised as far as they go; its gateways, queue and table are its own."""
RAISED = 10
"""The quotas of an account that has asked AWS for ten times the default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a load is divided: each user belongs to one stack, and each stack to an account in a Region."""

    load: Load
    stacks: int
    places: int
    """Accounts times Regions, with their default quotas."""
    raised_places: int
    """The same, if their quotas are raised tenfold."""

    @property
    def of_one_stack(self) -> Load:
        """What one stack carries."""
        share = 1 / self.stacks
        load = self.load
        return replace(load, prompts_per_second=load.prompts_per_second * share, users=load.users * share)


def load_of(users: int) -> Load:
    """Return what so many users ask."""
    return Load(prompts_per_second=users / PROMPT_SECONDS, users=users, sockets_per_user=SOCKETS_PER_USER)


def plan(users: int) -> Plan:
    """Divide what so many users ask."""
    load = load_of(users)
    places, raised = _places(load, Quotas()), _places(load, Quotas().times(RAISED))
    stacks = max(_parts(load, Quotas().times(RAISED), "stack"), raised)
    return Plan(load=load, stacks=stacks, places=places, raised_places=raised)


def _places(load: Load, quotas: Quotas) -> int:
    return _parts(load, quotas, "account")


def _parts(load: Load, quotas: Quotas, scope: str) -> int:
    used = max(each.used for each in demands(load, LARGEST, quotas) if each.scope == scope)
    return math.ceil(used / FULL)


def planned(waits: Mapping[str, Mapping[str, float]]) -> str:
    """Make the table; `waits` are those of one stack of each plan, as simulated."""
    header = [
        "users at once",
        "prompts a second",
        "answers at once",
        "API Gateway requests/s",
        "Lambda executions",
        "table writes/s",
        "accounts times Regions",
        "the same, quotas raised tenfold",
        "stacks then",
        "prompts a second of one stack: simulated p50 / p95 wait, s",
        "thousand US dollars a month",
    ]
    return table(header, [_row(users, waits[str(users)]) for users in USERS])


def _row(users: int, wait: Mapping[str, float]) -> list[str]:
    found = plan(users)
    load = found.load
    numbers = (
        load.prompts_per_second,
        load.answers_at_once,
        requests_per_second(load, LARGEST),
        executions(load, LARGEST),
        table_writes_per_second(load),
    )
    share = found.of_one_stack.prompts_per_second
    return [
        f"{users:,}",
        *(f"{number:,.0f}" for number in numbers),
        str(found.places),
        str(found.raised_places),
        str(found.stacks),
        f"{share:,.0f}: {wait['p50']:.1f} / {wait['p95']:.1f}",
        f"{monthly_bill(load, LARGEST).total / 1000:,.1f}",
    ]


def reconnecting(simulated: Mapping[str, Mapping[str, float]]) -> str:
    """Make the table of how long it takes until all sockets of one account in a Region are open again."""
    rows = []
    for sockets, outcome in simulated.items():
        load = Load(prompts_per_second=0, users=float(sockets))
        least = ramp(load, LARGEST, Quotas()).reconnect_seconds
        times = (outcome["half"], outcome["most"], outcome["all"])
        rows.append(
            [
                f"{int(sockets):,}",
                f"{least:,}",
                " / ".join(f"{time:,.0f}" for time in times),
                f"{outcome['tries']:.1f}",
            ]
        )
    header = [
        "sockets",
        "at 500 a second",
        "simulated: half / 99 % / all open after, s",
        "handshakes for each",
    ]
    return table(header, rows)
