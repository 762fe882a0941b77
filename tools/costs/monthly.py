"""A month's bill for a load, by cause and by service."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.costs import answer_usage, month, usage
from tools.costs.bill import by_service, dollars, times, together
from tools.costs.prices import Item

if TYPE_CHECKING:
    from infra.config.fields import Config
    from tools.costs.bill import Usage
    from tools.costs.load import Load

SECONDS = month.HOURS * 3600
RECORD_KB = 1
"""What is kept of an answer beside prompt and text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthlyBill:
    """What a month uses, by what causes it."""

    causes: dict[str, Usage]
    answers: float

    @property
    def by_cause(self) -> dict[str, float]:
        """US dollars, each cause as if it were alone on the bill."""
        return {cause: dollars(used) for cause, used in self.causes.items()}

    @property
    def by_service(self) -> dict[str, float]:
        """US dollars, the dearest service first."""
        return by_service(together(*self.causes.values()))

    @property
    def total(self) -> float:
        """US dollars."""
        return sum(self.by_service.values())


def monthly_bill(load: Load, config: Config, *, per_worker: float | None = None) -> MonthlyBill:
    """Return what a month of this load uses in a deployment with these settings."""
    answers = load.prompts_per_second * SECONDS
    open_hour = together(*usage.open_hour().values())
    causes = {
        "answers": times(answers, answer_usage.answer(load.answer(config, per_worker=per_worker))),
        "open sockets": times(load.sockets * month.HOURS, open_hour),
        "sockets that come and go": times(load.handshakes_per_second * SECONDS, usage.admission()),
        "standing still": together(*month.standing_still().values()),
        "metrics": month.metrics(),
        "kept prompts and answers": month.kept(_kept_gb(load, config)),
    }
    if config.snap_start:
        causes["snapshots"] = month.snapshots()
    if config.edge:
        causes["edge"] = together(*month.edge().values(), _through_the_edge(load, answers))
    return MonthlyBill(causes=causes, answers=answers)


def _kept_gb(load: Load, config: Config) -> float:
    kb = load.prompt_kb + RECORD_KB + load.tokens * answer_usage.BYTES_PER_TOKEN / 1000
    return load.prompts_per_second * config.retention_days * 24 * 3600 * kb / 1e6


def _through_the_edge(load: Load, answers: float) -> Usage:
    """Return what the firewall looks at: each prompt, each ticket and each handshake."""
    return {Item.WAF_REQUEST: answers + 2 * load.handshakes_per_second * SECONDS}
