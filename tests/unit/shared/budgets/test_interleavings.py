"""Budgets hold whatever comes at once, and in whatever order: nothing is lost, counted twice or left held."""

from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.shared.budgets.model import Amount, LedgerLine
from functions.shared.budgets.refusals import BudgetExceeded
from tests.support.builders import NOON
from tests.support.ledgers import DAY, MONTH, Budgets, line, options

USERS = ("ann", "bo")


@pytest.mark.parametrize("budget", ["user_budget", "deployment_budget"])
@pytest.mark.parametrize("limit", [{"month_usd": 2000}, {"day_tokens": 1000}, {"held_usd": 2000}])
def test_of_200_prompts_at_once_with_money_for_10_exactly_10_are_accepted(
    budget: str, limit: dict[str, int]
) -> None:
    """Each holds 100 tokens of output, which is 200 micro-dollars."""
    chance = random.Random(10)  # noqa: S311
    limited = Budgets(options(**{budget: limit}))
    limited.table.collides = lambda: chance.random() < 0.2

    def accept(number: int) -> str:
        try:
            return "accepted" if limited.accept(f"g{number}") else "repeated"
        except BudgetExceeded:
            return "refused"

    with ThreadPoolExecutor(32) as threads:
        outcomes = Counter(threads.map(accept, range(200)))

    assert outcomes == {"accepted": 10, "refused": 190}
    assert limited.held() == limited.count(DAY).committed == Amount(1000, 2000)


@dataclass
class Story:
    """What happens to the generations of two users, in random order, and what must be true throughout."""

    chance: random.Random
    budgets: Budgets
    accepted: dict[str, str] = field(default_factory=dict)
    """Users by generations under way."""
    billed: list[tuple[str, LedgerLine]] = field(default_factory=list)
    """What the model's server has counted, by user."""
    made: int = 0

    def step(self) -> None:
        action = self.chance.choice(
            [self.accept, self.accept, self.end, self.withdraw, self.repeat, self.late_end]
        )
        action()
        self.check()

    def accept(self) -> None:
        self.made += 1
        name, user = f"g{self.made}", self.chance.choice(USERS)
        try:
            self.budgets.accept(name, user_id=user, input_tokens=self.chance.randrange(50))
        except BudgetExceeded:
            return
        self.accepted[name] = user

    def end(self) -> None:
        """An answer ends after some attempts: whole, stopped, or after workers that crashed."""
        if not self.accepted:
            return
        name, user = self.chance.choice(list(self.accepted.items()))
        attempts = self.chance.randrange(4)
        lines = [self._line(number, is_void=number < attempts) for number in range(1, attempts + 1)]
        at = NOON + timedelta(hours=self.chance.randrange(40))
        assert self.budgets.end(name, *lines, at=at, user_id=user)
        # A worker that did not hear of its end tells it again.
        assert not self.budgets.end(name, *lines, at=at, user_id=user)
        del self.accepted[name]
        self.billed += [(user, each) for each in lines]

    def withdraw(self) -> None:
        if self.accepted:
            name, user = self.chance.choice(list(self.accepted.items()))
            assert self.budgets.withdraw(name, user_id=user)
            if self.chance.random() < 0.5:
                del self.accepted[name]
                return
            try:
                assert self.budgets.accept(name, user_id=user)
            except BudgetExceeded:
                del self.accepted[name]

    def repeat(self) -> None:
        """A repeated key changes nothing; a budget may refuse it, which changes nothing either."""
        for name, user in self.accepted.items():
            assert not self.budgets.accept(name, user_id=user, input_tokens=999)

    def late_end(self) -> None:
        """A frozen worker comes back to what another one has ended."""
        assert not self.budgets.end("g0", line(), user_id="ann")

    def check(self) -> None:
        for user in USERS:
            held, lines = self.budgets.held(user), self.budgets.lines(user)
            used = sum((each.amount for each in lines if not each.is_void), start=Amount())
            for part in (DAY, MONTH):
                count = self.budgets.count(part, user)
                assert count.used == used
                assert count.committed == used + held
            assert self.budgets.count("HELD", user).committed == held
        everything = sum((each.amount for _, each in self.billed), start=Amount())
        all_held = sum((self.budgets.held(user) for user in USERS), start=Amount())
        assert self.budgets.count(DAY, "").used == everything
        assert self.budgets.count(DAY, "").committed == everything + all_held

    def _line(self, attempt: int, *, is_void: bool) -> LedgerLine:
        tokens = self.chance.randrange(300)
        return line(attempt, input_tokens=tokens, micros=tokens * 2, is_void=is_void)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(st.integers(min_value=0))
def test_whatever_happens_committed_is_used_plus_held_and_the_ledger_is_the_models_bill(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311
    limits = {"day_tokens": 2000, "held_tokens": 500}
    budgets = Budgets(options(user_budget=limits, deployment_budget={"month_tokens": 9000}))
    budgets.table.collides = lambda: chance.random() < 0.2
    story = Story(chance, budgets)

    for _ in range(30):
        story.step()
    while story.accepted:
        story.end()

    story.check()
    assert [budgets.held(user) for user in USERS] == [Amount(), Amount()]
    ledger = Counter((user, each.attempt, each.amount) for user in USERS for each in budgets.lines(user))
    assert ledger == Counter((user, each.attempt, each.amount) for user, each in story.billed)


def test_a_sweep_and_a_late_end_settle_a_hold_once() -> None:
    """The generation was taken for lost; its worker ends it all the same, while the sweep goes on."""
    limited = Budgets(options(user_budget={"day_tokens": 150}))
    limited.accept("lost")
    limited.ends.ended.add("lost")
    hold = limited.ledger.hold_of("user_123", "lost")
    assert hold

    limited.end("lost", line())
    assert limited.ledger.sweep.release_ended([hold], now=NOON + timedelta(hours=9)) == 0

    assert limited.count().committed == limited.count().used == Amount(10, 30)


def test_an_end_after_the_sweep_counts_without_a_hold() -> None:
    limited = Budgets(options(user_budget={"day_tokens": 150}))
    limited.accept("lost")
    limited.ends.ended.add("lost")
    limited.accept("next", at=NOON + timedelta(hours=9))

    limited.end("lost", line())

    assert limited.count().used == Amount(10, 30)
    assert limited.count().committed == limited.count().used + limited.held()
