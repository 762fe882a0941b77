"""What the calls of the model for one answer have used: a line of the ledger for each.

The provider's own count stands in a line. A call that was cut off may have none, or one that came before the
last of the text; then we estimate, and the line says so. A call that was refused has used nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from functions.shared.attachments.model import TOKENS
from functions.shared.budgets.model import LedgerLine
from functions.shared.budgets.prices import output_tokens
from functions.shared.generations.model import Usage
from functions.shared.token_estimate import estimated_message, estimated_tokens

if TYPE_CHECKING:
    from collections.abc import Iterable

    from functions.shared.budgets.model import Purpose
    from functions.shared.budgets.options import BudgetOptions
    from functions.shared.generations.model import Outcome
    from functions.worker.context import Context
    from functions.worker.reading import Reading
    from functions.worker.settings import WorkerOptions


@dataclass(slots=True, kw_only=True)
class CallLedger:
    """The lines of one answer."""

    model: str
    options: WorkerOptions
    lines: list[LedgerLine] = field(default_factory=list)
    _usage: Usage | None = None
    """The provider's count of the latest call."""

    def called(
        self, reading: Reading, *, attempt: int, context: Context, text: str, was_refused: bool
    ) -> None:
        """Note a call that has ended, in whatever way.

        Args:
            reading: What came.
            attempt: Which attempt it was of.
            context: What the model was given.
            text: All that the model has written, shown or not.
            was_refused: Whether it failed, and not because the model was too slow.
        """
        counted = reading.usage if reading.usage and _is_count(reading.usage, text) else None
        self._usage = counted if reading.is_counted else None
        if counted is None and was_refused and not reading.is_alive:
            return
        usage = counted if counted and reading.is_counted else self._estimated(counted, context, text)
        number = 1 + sum(line.attempt == attempt for line in self.lines)
        self.lines.append(
            line_of(
                usage,
                model=self.model,
                attempt=attempt,
                call=number,
                is_estimate=usage is not counted,
                options=self.options,
            )
        )

    def completed(self, outcome: Outcome, lines: Iterable[LedgerLine]) -> Outcome:
        """Add to an end what was counted, also if it was stopped, and what it has cost its user."""
        return replace(outcome, usage=outcome.usage or self._usage, cost=cost_of(lines))

    def _estimated(self, counted: Usage | None, context: Context, text: str) -> Usage:
        prompt = counted.prompt_tokens if counted else estimated_input(context, self.options.of(self.model))
        completion = max(counted.completion_tokens if counted else 0, estimated_tokens(text))
        cached = counted.cached_tokens if counted else 0
        return Usage(prompt, completion, prompt + completion, cached_tokens=cached)


def line_of(
    usage: Usage,
    *,
    model: str,
    attempt: int,
    call: int,
    options: BudgetOptions,
    is_estimate: bool = False,
    purpose: Purpose | None = None,
) -> LedgerLine:
    """Write a line, at the model's present price."""
    price = options.price_of(model)
    line = LedgerLine(
        attempt=attempt,
        call=call,
        model=model,
        input_tokens=usage.prompt_tokens,
        output_tokens=output_tokens(usage),
        cached_tokens=usage.cached_tokens,
        reasoning_tokens=usage.reasoning_tokens,
        micros=price.of(usage) if price else None,
        is_estimate=is_estimate,
    )
    return replace(line, purpose=purpose) if purpose else line


def with_voids(lines: Iterable[LedgerLine], *, shown: int) -> list[LedgerLine]:
    """Mark the calls whose text was given up: all but the last, and that too if another attempt is shown."""
    every = list(lines)
    last = len(every) - 1
    return [replace(line, is_void=index < last or line.attempt != shown) for index, line in enumerate(every)]


def cost_of(lines: Iterable[LedgerLine]) -> int | None:
    """What an answer has cost its user; None where that is not known."""
    costs = [line.micros for line in lines if not line.is_void]
    return None if not costs or None in costs else sum(cost for cost in costs if cost is not None)


def estimated_input(context: Context, options: WorkerOptions) -> int:
    """Estimate what a call was sent, by the provider's count of an earlier one where there is one."""
    before = context.tokens or estimated_message(options.llm_system_prompt)
    form = context.response_format.text if context.response_format else ""
    asked = estimated_message(context.prompt) + estimated_message(form) + TOKENS * len(context.attachments)
    return before + round(context.tokens_per_estimate * asked)


def _is_count(usage: Usage, text: str) -> bool:
    """Whether a server that sends a count has counted: some send zeros."""
    return usage.total_tokens > 0 and (output_tokens(usage) > 0 or not text)
