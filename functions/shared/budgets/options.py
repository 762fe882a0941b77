"""What a deployment decides about budgets: how much each user and all together may use, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from functions.shared.budgets.limits import BudgetRule, limits_money
from functions.shared.budgets.prices import Price, Prices
from functions.shared.models.table import Models, ModelTable
from functions.shared.setting_rules import Switch, Whole
from functions.shared.setting_texts import Text
from functions.shared.settings import Options, setting

if TYPE_CHECKING:
    from collections.abc import Iterable

    from functions.shared.models.row import ModelRow

CLAIM = Text("the name of a claim, without spaces, or empty", r"[^\s]{0,128}", max_bytes=128)


@dataclass(frozen=True, kw_only=True)
class OutputOptions(Options, section="model"):
    """Which models there are, and how long an answer may be."""

    models: tuple[ModelRow, ...] = setting(
        (),
        Models(),
        "the models, if they have different servers, limits or prices; empty: `llm_model` and such",
    )
    llm_max_output_tokens: int = setting(
        0, Whole(0, 1_000_000), "the limit that is sent with a prompt; 0: none"
    )


@dataclass(frozen=True, kw_only=True)
class BudgetOptions(OutputOptions, section="budget"):
    """How much may be used, and what it costs."""

    user_budget: tuple[tuple[str, int], ...] = setting(
        (), BudgetRule(), "how much each user may use; see [Budgets](budgets.md)"
    )
    deployment_budget: tuple[tuple[str, int], ...] = setting(
        (), BudgetRule(), "how much all users may use together"
    )
    budget_claim: str = setting(
        "",
        CLAIM,
        "the claim of a token that says how much its user may use, instead of `user_budget`; empty: none",
    )
    llm_prices: tuple[tuple[str, Price], ...] = setting(
        (), Prices(), "what models cost, before the list prices that framestream knows"
    )
    voided_attempts_count: bool = setting(
        False,  # noqa: FBT003 - the name is on the left.
        Switch(),
        "whether an attempt whose text was replaced by a later one counts against the user's budget; the "
        "deployment's counts it in any case",
    )
    ledger_days: int = setting(
        400, Whole(32, 3650), "how long it is kept what each call of the model has used"
    )

    @cached_property
    def table(self) -> ModelTable:
        """The models."""
        return ModelTable(rows=self.models, prices=self.llm_prices, output_tokens=self.llm_max_output_tokens)

    @property
    def limits_money(self) -> bool:
        """Whether money is limited by a setting."""
        return limits_money(dict(self.user_budget)) or limits_money(dict(self.deployment_budget))

    @property
    def has_budget(self) -> bool:
        """Whether anything is limited by a setting."""
        return bool(self.user_budget or self.deployment_budget)

    def price_of(self, model: str) -> Price | None:
        """What a model costs; None if that is not known."""
        return self.table.price_of(model)

    def without_price(self, models: Iterable[str]) -> list[str]:
        """Those of these models whose price is not known."""
        return [model for model in models if self.price_of(model) is None]
