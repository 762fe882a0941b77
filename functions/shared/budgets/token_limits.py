"""Reads the limits that a token brings. What cannot be read is a refusal, and never no limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.shared.budgets.limits import limits_from
from functions.shared.errors import Forbidden
from functions.shared.log import Log

if TYPE_CHECKING:
    from functions.shared.budgets.limits import BudgetLimits
    from functions.shared.tokens.verifier import Bearer

logger = Log(__name__)


def claimed_limits(bearer: Bearer) -> BudgetLimits | None:
    """Return the limits that a token names; None if it has no such claim.

    Raises:
        Forbidden: If the claim is no budget.
    """
    if not bearer.has_budget:
        return None
    try:
        return limits_from(bearer.budget)
    except ValueError as error:
        # The sentence names what must be, and holds nothing of the token.
        logger.warning("the token's budget cannot be read", problem=str(error))
        raise Forbidden("budget_claim") from None
