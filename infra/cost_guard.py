"""Tells when the bill grows: a budget, and a monitor that learns what is usual; each only if it is set."""

from aws_cdk import Stack
from aws_cdk import aws_budgets as budgets
from aws_cdk import aws_ce as ce
from constructs import Construct

from infra.config.fields import Config

NEARLY_ALL = 80
"""Percent of the budget."""
TAG = "aws:cloudformation:stack-name"


class CostGuard(Construct):
    """A budget of the account, and an anomaly monitor of the stack."""

    def __init__(self, scope: Construct, construct_id: str, *, config: Config, topic_arn: str) -> None:
        super().__init__(scope, construct_id)
        self._topic_arn = topic_arn
        if config.monthly_budget_usd:
            self._budget(config.monthly_budget_usd)
        if config.cost_anomaly_usd:
            self._monitor(config.cost_anomaly_usd)

    def _budget(self, usd: int) -> None:
        budgets.CfnBudget(
            self,
            "Budget",
            budget=budgets.CfnBudget.BudgetDataProperty(
                budget_type="COST",
                time_unit="MONTHLY",
                budget_limit=budgets.CfnBudget.SpendProperty(amount=usd, unit="USD"),
            ),
            notifications_with_subscribers=[self._told("ACTUAL", NEARLY_ALL), self._told("FORECASTED", 100)],
        )

    def _told(self, kind: str, percent: int) -> budgets.CfnBudget.NotificationWithSubscribersProperty:
        return budgets.CfnBudget.NotificationWithSubscribersProperty(
            notification=budgets.CfnBudget.NotificationProperty(
                notification_type=kind,
                comparison_operator="GREATER_THAN",
                threshold=percent,
                threshold_type="PERCENTAGE",
            ),
            subscribers=[
                budgets.CfnBudget.SubscriberProperty(subscription_type="SNS", address=self._topic_arn)
            ],
        )

    def _monitor(self, usd: int) -> None:
        # Not one over all services: an account may have only one of those, and new accounts are given it.
        stack = Stack.of(self)
        name = f"{stack.stack_name}-costs"
        of_stack = {"Tags": {"Key": TAG, "Values": [stack.stack_name], "MatchOptions": ["EQUALS"]}}
        monitor = ce.CfnAnomalyMonitor(
            self,
            "Monitor",
            monitor_name=name,
            monitor_type="CUSTOM",
            monitor_specification=stack.to_json_string(of_stack),
        )
        enough = {
            "Key": "ANOMALY_TOTAL_IMPACT_ABSOLUTE",
            "MatchOptions": ["GREATER_THAN_OR_EQUAL"],
            "Values": [str(usd)],
        }
        ce.CfnAnomalySubscription(
            self,
            "Subscription",
            subscription_name=name,
            monitor_arn_list=[monitor.attr_monitor_arn],
            frequency="IMMEDIATE",  # Daily and weekly reports go to mail addresses only.
            subscribers=[ce.CfnAnomalySubscription.SubscriberProperty(type="SNS", address=self._topic_arn)],
            threshold_expression=stack.to_json_string({"Dimensions": enough}),
        )
