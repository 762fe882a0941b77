"""Makes the alarms of `alarm_table`, and the topic that they report to."""

from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from functions.shared.metrics import Metric
from infra.alarm_table import ALARMS, AlarmRow, FunctionMetric, QueueMetric
from infra.config.fields import Config
from infra.functions import Functions
from infra.queues import Queues


class Alarms(Construct):
    """A topic, and an alarm for each row of the table."""

    def __init__(
        self, scope: Construct, construct_id: str, *, config: Config, functions: Functions, queues: Queues
    ) -> None:
        super().__init__(scope, construct_id)
        self._namespace = config.stack_name
        self._functions = {function.node.id: function.function for function in functions.all}
        self._queues = {"queue": queues.queue, "dead_letters": queues.dead_letters}
        self.topic = sns.Topic(self, "Topic", enforce_ssl=True)
        self._let_alarms_publish()
        if config.alarm_email:
            self.topic.add_subscription(subscriptions.EmailSubscription(config.alarm_email))
        for row in ALARMS:
            self._alarm(row, config)

    def _alarm(self, row: AlarmRow, config: Config) -> None:
        alarm = cloudwatch.Alarm(
            self,
            row.name,
            metric=self._metric(row),
            threshold=row.above.of(config),
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            alarm_description=row.text,
        )
        alarm.add_alarm_action(actions.SnsAction(self.topic))

    def _metric(self, row: AlarmRow) -> cloudwatch.Metric:
        period, statistic = Duration.seconds(row.period), row.statistic
        match row.watches:
            case Metric() as counted:  # Each stack has a namespace of its own.
                return cloudwatch.Metric(
                    namespace=self._namespace,
                    metric_name=counted.value,
                    dimensions_map={"service": counted.services[0]},
                    statistic=statistic,
                    period=period,
                )
            case QueueMetric(queue, name):
                return self._queues[queue].metric(name, statistic=statistic, period=period)
            case FunctionMetric(function, name):
                owner = self._functions[function.capitalize()]
                return owner.metric(name, statistic=statistic, period=period)

    def _let_alarms_publish(self) -> None:
        # The policy that refuses plain HTTP replaces the default one, which let the account's alarms in.
        self.topic.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                actions=["sns:Publish"],
                resources=[self.topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": Stack.of(self).account}},
            )
        )
