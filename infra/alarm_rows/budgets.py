"""Alarms about the deployment's budget, and about holds that should not be there."""

from functions.shared.metrics import Metric
from infra.alarm_rows.row import AlarmRow
from infra.alarm_sources import Ours, Threshold

BUDGETS = (
    AlarmRow(
        name="DeploymentBudget",
        watches=Ours(Metric.DEPLOYMENT_BUDGET),
        above=Threshold(79),
        statistic="Maximum",
        description="Four fifths of the deployment's budget are used or held.",
        raised_when="80 percent of a limit of `deployment_budget` were used or held, for a day or a month",
        meaning="more is asked than was planned for, or one user asks very much",
        seen="nothing yet; at 100 percent every prompt is refused with 429 `budget_exceeded`",
        check="`python -m tools usage` tells what each user has used",
        action="raise `deployment_budget` and deploy; or limit the user: `python -m tools budget USER`",
        confirm="it sends OK once the period is over, or the budget is larger, and a prompt was asked",
    ),
    AlarmRow(
        name="LeftOverHolds",
        watches=Ours(Metric.LEFT_OVER_HOLDS),
        description="A hold of a budget was left over: an answer ended without settling it.",
        raised_when="a hold was released within five minutes whose answer had ended, or was lost",
        meaning="an answer was lost with all of its messages (see DeadLetters), or there is a fault in the "
        "settlement",
        seen="nothing: it was released before anything was refused because of it",
        check='`filter message = "a hold was left over"` over generate\'s log names the generation; '
        "`python -m tools generation ID` tells its story",
        action="if the story has an end, report a fault: an end must settle its hold",
    ),
)
