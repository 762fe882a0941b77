"""Judges the ledger against what the model's server has counted: nothing twice, missing or held."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from functions.shared.budgets.counters import count_from
from functions.shared.budgets.items import line_from
from functions.shared.budgets.model import NOTHING, Amount

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from functions.shared.budgets.model import LedgerLine

PARTITION = "BUDGET#"
Calls = list[dict[str, Any]]
"""What tests/support/faulty_model.py tells of one generation's calls."""


@dataclass(slots=True)
class Totals:
    """What both have counted, in tokens of input and output together."""

    calls: int = 0
    lines: int = 0
    counted: int = 0
    """By the server, in the calls that it told its count of and the ledger took over."""
    in_ledger: int = 0
    """In the lines of these calls."""
    estimated_calls: int = 0
    said: int = 0
    """By the server, in all other calls that it began to answer."""
    estimates: int = 0
    """In the other lines."""
    unheard: int = 0
    """Calls whose count the server told, and no worker lived to write down: they are estimates, too."""
    without_line: int = 0
    """Calls that the server began to answer, beyond the lines of their generation."""
    holds: int = 0


@dataclass(slots=True)
class LedgerJudge:
    """The budget items of a table."""

    items: Sequence[dict[str, Any]]
    lines: defaultdict[str, list[LedgerLine]] = field(default_factory=lambda: defaultdict(list))
    """By generation."""
    totals: Totals = field(default_factory=Totals)

    def judge(self, calls: Mapping[str, Calls]) -> Totals:
        """Compare with each generation's calls of the model.

        Raises:
            AssertionError: If a hold is left, a counter is not the sum of its lines, or a line that is said
                to be the provider's count is none.
        """
        spent: defaultdict[str, Amount] = defaultdict(lambda: NOTHING)
        for item in self.items:
            if item["sk"]["S"].startswith("LINE#"):
                generation_id = item["sk"]["S"].split("#")[2]
                line = line_from(item)
                self.lines[generation_id].append(line)
                spent[item["pk"]["S"]] += NOTHING if line.is_void else line.amount
        self.totals.holds = sum(item["sk"]["S"].startswith("HOLD#") for item in self.items)
        assert self.totals.holds == 0, "holds are left"
        for item in self.items:
            if item["sk"]["S"].startswith(("DAY#", "MONTH#", "HELD")):
                self._judge_counter(item, spent[item["pk"]["S"]])
        for generation_id, of_generation in calls.items():
            self._judge_lines(generation_id, of_generation)
        assert not self.lines.keys() - calls.keys(), "lines of unknown generations"
        return self.totals

    def _judge_counter(self, item: dict[str, Any], spent: Amount) -> None:
        count = count_from(item)
        used = NOTHING if item["sk"]["S"] == "HELD" else spent
        assert count.used == used, ("a counter is not the sum of its lines", item, spent)
        assert count.committed == used, ("something is still held", item)

    def _judge_lines(self, generation_id: str, calls: Calls) -> None:
        lines, totals = self.lines[generation_id], self.totals
        counted = Counter(_tokens(call) for call in calls if call["is_counted"])
        exact = Counter((line.input_tokens, line.output_tokens) for line in lines if not line.is_estimate)
        assert not exact - counted, ("not what the server counted", generation_id, lines, calls)
        totals.calls += len(calls)
        totals.lines += len(lines)
        totals.in_ledger += sum(map(sum, exact.elements()))
        totals.counted += sum(map(sum, (counted & exact).elements()))
        began = Counter(_tokens(call) for call in calls if call["has_begun"])
        totals.estimated_calls += (began - exact).total()
        totals.unheard += (counted - exact).total()
        totals.without_line += max(0, began.total() - len(lines))
        totals.said += sum(map(sum, (began - exact).elements()))
        totals.estimates += sum(line.input_tokens + line.output_tokens for line in lines if line.is_estimate)


def _tokens(call: dict[str, Any]) -> tuple[int, int]:
    return call["prompt_tokens"], call["completion_tokens"]
