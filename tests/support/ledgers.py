"""Budgets in a table in memory, and the two transactions that they take part in, without chats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from functions.shared.budgets.counters import count_from
from functions.shared.budgets.items import line_from
from functions.shared.budgets.ledger import BudgetLedger
from functions.shared.budgets.limits import BudgetLimits
from functions.shared.budgets.model import Amount, Count, LedgerLine
from functions.shared.budgets.options import BudgetOptions
from functions.shared.budgets.sweep import Sweep
from functions.shared.dynamodb import generation_key, s
from functions.shared.errors import Unavailable
from functions.shared.generations.model import Generation
from functions.shared.transactions import Cancelled, Entry, Transactions, put, update
from tests.support.builders import NOON, USER, generation
from tests.support.fake_table import FakeTable

MODEL = "gpt-5-mini"
DAY, MONTH = "DAY#2026-11-22", "MONTH#2026-11"
TRIES = 2000
IS_FREE = "attribute_not_exists(pk) OR #status = :withdrawn"


def options(**chosen: Any) -> BudgetOptions:
    """Options with a largest output of 100 tokens; budgets are given as objects."""
    read: dict[str, Any] = {
        name: tuple(value.items()) if isinstance(value, dict) else value for name, value in chosen.items()
    }
    return BudgetOptions(llm_max_output_tokens=100, **read)


def line(attempt: int = 1, call: int = 1, **changes: Any) -> LedgerLine:
    """A call that used ten tokens and cost 30 micro-dollars."""
    valid: dict[str, Any] = {"model": MODEL, "input_tokens": 6, "output_tokens": 4, "micros": 30}
    return LedgerLine(attempt=attempt, call=call, **valid | changes)


@dataclass
class FakeEnds:
    """Knows which generations have ended."""

    ended: set[str] = field(default_factory=set)

    def has_ended(self, name: str, *, since: datetime, now: datetime) -> bool:
        return name in self.ended


@dataclass
class Budgets:
    """Accepts and ends generations; META items have a status and nothing else."""

    options: BudgetOptions
    table: FakeTable = field(default_factory=FakeTable)
    ends: FakeEnds = field(default_factory=FakeEnds)
    left_over: list[None] = field(default_factory=list)

    @property
    def transactions(self) -> Transactions:
        return Transactions(self.table, "t")  # type: ignore[arg-type]

    @property
    def ledger(self) -> BudgetLedger:
        sweep = Sweep(
            transactions=self.transactions,
            ends=self.ends,
            options=self.options,
            count=lambda: self.left_over.append(None),
        )
        return BudgetLedger(client=self.table, table="t", options=self.options, sweep=sweep)  # type: ignore[arg-type]

    def accept(
        self,
        name: str,
        *,
        at: datetime = NOON,
        user_id: str = USER,
        input_tokens: int = 0,
        claim: BudgetLimits | None = None,
    ) -> bool:
        """Accept a prompt, once under its name; False if it was accepted before. Raises what refuses it."""
        accepted = of(name, at=at, user_id=user_id)
        for _ in range(TRIES):
            entries = self.ledger.hold(accepted, input_tokens=input_tokens, now=at, claim=claim).entries
            item = generation_key(name) | {"status": s("queued")}
            meta = put("meta", item, IS_FREE, {":withdrawn": s("withdrawn")})
            try:
                self.transactions.run([meta, *entries])
            except Cancelled as cancelled:
                if "meta" in cancelled.refused:
                    return False
                if refusal := self.ledger.refusal(cancelled, now=at):
                    raise refusal from None
            else:
                return True
        raise Unavailable("contended")

    def edit(self, name: str, *, input_tokens: int, at: datetime = NOON) -> None:
        """Change a prompt that waits. Raises what refuses it."""
        entries = self.ledger.rehold(of(name), input_tokens=input_tokens, now=at).entries
        try:
            self.transactions.run(entries)
        except Cancelled as cancelled:
            if refusal := self.ledger.refusal(cancelled, now=at):
                raise refusal from None
            raise

    def end(self, name: str, *lines: LedgerLine, at: datetime = NOON, user_id: str = USER) -> bool:
        """End a generation, once; False if it has ended before, or was withdrawn."""
        return self._change(name, "queued", "ended", lines, at, of(name, user_id=user_id))

    def withdraw(self, name: str, *, at: datetime = NOON, user_id: str = USER) -> bool:
        """Take a prompt back; False if it has ended before."""
        return self._change(name, "queued", "withdrawn", (), at, of(name, at=at, user_id=user_id))

    def count(self, part: str = DAY, user_id: str = USER) -> Count:
        """What a counter says."""
        return count_from(self.table.items.get((f"BUDGET#{user_id}", part), {}))

    def held(self, user_id: str = USER) -> Amount:
        """What all of a user's holds are together."""
        amounts = (
            Amount(int(item["tokens"]["N"]), int(item["micros"]["N"]))
            for item in self.table.of(f"BUDGET#{user_id}", "HOLD#")
        )
        return sum(amounts, start=Amount())

    def lines(self, user_id: str = USER) -> list[LedgerLine]:
        """A user's ledger."""
        return [line_from(item) for item in self.table.of(f"BUDGET#{user_id}", "LINE#")]

    def _change(
        self, name: str, before: str, after: str, lines: Sequence[LedgerLine], at: datetime, found: Generation
    ) -> bool:
        fence = update(
            "meta",
            generation_key(name),
            "SET status = :after ADD changes :one",
            "status = :before",
            {":after": s(after), ":before": s(before), ":one": {"N": "1"}},
        )
        for _ in range(TRIES):
            entries: list[Entry] = self.ledger.settle(found, lines, now=at)
            try:
                self.transactions.run([fence, *entries])
            except Cancelled as cancelled:
                if "meta" in cancelled.refused:
                    return False
            else:
                return True
        raise Unavailable("contended")


def of(name: str, *, at: datetime = NOON, user_id: str = USER) -> Generation:
    """A generation that was accepted then."""
    made = generation(name, at=at, user_id=user_id, model=MODEL)
    return replace(made, start_by=at + timedelta(minutes=5))
