"""What a deployment has set about budgets, as its generate function has it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.shared.budgets.limits import BudgetRule
from functions.shared.budgets.prices import Prices, price_of
from tools.deployed import functions_of

if TYPE_CHECKING:
    from tools.deployment import Deployment


@dataclass(frozen=True, slots=True)
class DeployedBudgets:
    """The budget of every user, and the models whose price is not known; a table of models is not read."""

    user_budget: tuple[tuple[str, int], ...]
    unpriced: tuple[str, ...]


def deployed_budgets(deployment: Deployment) -> DeployedBudgets:
    """Read a deployment's settings.

    Raises:
        SettingsError: If it has no functions.
    """
    told = functions_of(deployment)["generate"].environment
    own = Prices().read(told.get("LLM_PRICES", ""))
    named = [told["LLM_MODEL"], *filter(None, told.get("LLM_ALLOWED_MODELS", "").split(","))]
    models = dict.fromkeys(named) if not told.get("MODELS") else {}
    return DeployedBudgets(
        user_budget=BudgetRule().read(told.get("USER_BUDGET", "")),
        unpriced=tuple(model for model in models if price_of(model, own) is None),
    )
