"""What becomes of budgets when an operator gives up on dead letters."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from functions.shared.budgets.model import Amount
from functions.shared.budgets.options import BudgetOptions
from functions.shared.settings import options_from
from tests.integration.tools.conftest import PROMPT, Site
from tests.support.environment import WORKER
from tests.support.ledger_in_table import LedgerInTable
from tools.dead_letters.target import Target

Run = Callable[..., int]
PAST = datetime(2026, 1, 1, tzinfo=UTC)
MODEL = "gpt-5-mini"


@pytest.fixture
def budgets(site: Site) -> LedgerInTable:
    return LedgerInTable(site.dynamodb)


def test_discarding_what_never_began_gives_its_hold_back_and_counts_nothing(
    site: Site, run: Run, budgets: LedgerInTable
) -> None:
    site.accept(ledger=budgets.ledger, model=MODEL)
    site.bury()
    assert budgets.holds() == ["g1"]

    assert run("discard", "g1") == 0

    assert (budgets.holds(), budgets.lines()) == ([], [])
    assert [count.committed for count in (budgets.day(), *budgets.of_deployment())] == [Amount()] * 4


def test_discarding_what_workers_began_counts_an_estimate_of_each_attempt(
    site: Site, run: Run, budgets: LedgerInTable
) -> None:
    generation = site.accept(ledger=budgets.ledger, model=MODEL)
    for attempt, text in ((1, "void"), (2, "what there is")):
        site.claim(lease_until=PAST)
        site.texts.save(generation, attempt, 0, text)
    site.bury()

    assert run("discard", "g1") == 0

    lines = budgets.lines()
    assert [(line.attempt, line.is_estimate, line.is_void) for line in lines] == [
        (1, True, True),
        (2, True, False),
    ]
    assert lines[1].output_tokens == 5
    assert lines[1].input_tokens >= len(PROMPT) // 4
    assert budgets.holds() == []
    assert budgets.day().used == budgets.day().committed == lines[1].amount
    outcome = site.state().outcome
    assert outcome is not None
    assert outcome.cost == lines[1].micros is not None


def test_a_letter_of_a_chat_lets_its_queue_go_on_with_what_is_held_for_that(
    site: Site, run: Run, budgets: LedgerInTable
) -> None:
    site.accept(ledger=budgets.ledger, model=MODEL)
    site.accept("g2", ledger=budgets.ledger, model=MODEL)
    site.bury()

    assert run("discard", "g1") == 0

    assert budgets.holds() == ["g2"]
    assert len(site.queued()) == 1


def test_the_budget_of_a_deployment_is_read_from_its_worker() -> None:
    read = options_from(BudgetOptions, WORKER | {"LEDGER_DAYS": "50", "DEPLOYMENT_BUDGET": "day_tokens=5"})

    assert (read.ledger_days, read.deployment_budget) == (50, (("day_tokens", 5),))
    assert options_from(BudgetOptions, {}) == BudgetOptions()


def test_a_deleted_stack_has_the_defaults(site: Site) -> None:
    target = Target(queue_url="q", dead_letter_queue_url="d", table="t", session=None)  # type: ignore[arg-type]

    assert target.budget_options() == BudgetOptions()
