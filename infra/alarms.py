"""Makes the alarms of `alarm_table`, one over those that hurt users, and the topic that they report to."""

from aws_cdk import Duration, Stack
from aws_cdk import aws_apigatewayv2 as apigw
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra.alarm_rows.row import AlarmRow
from infra.alarm_sources import ApiMetric, FunctionMetric, Math, Ours, QueueMetric, Source, TableMetric
from infra.alarm_table import ALARMS, HURT, USERS_HURT
from infra.config.fields import Config
from infra.functions import Functions
from infra.queues import Queues


class Alarms(Construct):
    """A topic, an alarm for each row of the table, and one over those that hurt users.

    The emulator has no metric math and no composite alarms: the local deployment judges the rows itself.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        config: Config,
        functions: Functions,
        queues: Queues,
        table: dynamodb.ITable,
        apis: dict[str, apigw.IApi],
    ) -> None:
        super().__init__(scope, construct_id)
        self._config = config
        self._functions = {function.node.id.lower(): function.function for function in functions.all}
        self._queues = {"queue": queues.queue, "dead_letters": queues.dead_letters}
        self._table = table
        self._apis = apis
        self.topic = self._topic()
        self.users_hurt: cloudwatch.CompositeAlarm | None = None
        """Raised while users notice a failure; none in the emulator."""
        if config.target == "aws":
            alarms = {row: self._alarm(row) for row in ALARMS}
            self.users_hurt = self._composite([alarm for row, alarm in alarms.items() if row.hurts])

    def _topic(self) -> sns.ITopic:
        topic: sns.ITopic
        if arn := self._config.alarm_topic_arn:
            topic = sns.Topic.from_topic_arn(self, "Topic", arn)
        else:
            topic = sns.Topic(self, "Topic", enforce_ssl=True)
            # The policy that refuses plain HTTP replaces the default one, which let the account's alarms in.
            for service in self._tellers():
                _let_publish(topic, service)
        if self._config.alarm_email:
            topic.add_subscription(subscriptions.EmailSubscription(self._config.alarm_email))
        return topic

    def _tellers(self) -> list[str]:
        budgets = ["budgets"] if self._config.monthly_budget_usd else []
        return ["cloudwatch", *budgets, *(["costalerts"] if self._config.cost_anomaly_usd else [])]

    def _alarm(self, row: AlarmRow) -> cloudwatch.Alarm:
        alarm = cloudwatch.Alarm(
            self,
            row.name,
            metric=self._watched(row),
            threshold=row.above.of(self._config),
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            alarm_description=row.text,
        )
        self._tell(alarm)
        return alarm

    def _composite(self, alarms: list[cloudwatch.Alarm]) -> cloudwatch.CompositeAlarm:
        in_alarm = cloudwatch.AlarmState.ALARM
        rules = [cloudwatch.AlarmRule.from_alarm(alarm, in_alarm) for alarm in alarms]
        composite = cloudwatch.CompositeAlarm(
            self, USERS_HURT, alarm_rule=cloudwatch.AlarmRule.any_of(*rules), alarm_description=HURT
        )
        self._tell(composite)
        return composite

    def _tell(self, alarm: cloudwatch.AlarmBase) -> None:
        action = actions.SnsAction(self.topic)
        alarm.add_alarm_action(action)
        alarm.add_ok_action(action)

    def _watched(self, row: AlarmRow) -> cloudwatch.IMetric:
        period = Duration.seconds(row.period)
        if not isinstance(row.watches, Math):
            return self._metric(row.watches, row.statistic, period)
        return cloudwatch.MathExpression(
            expression=row.watches.with_zeros(),
            using_metrics={name: self._metric(each, "Sum", period) for name, each in row.terms.items()},
            period=period,
            label=row.name,
        )

    def _metric(self, source: Source, statistic: str, period: Duration) -> cloudwatch.Metric:
        match source:
            case QueueMetric(queue, name):
                return self._queues[queue].metric(name, statistic=statistic, period=period)
            case FunctionMetric(function, name):
                return self._functions[function].metric(name, statistic=statistic, period=period)
            case TableMetric(name):
                return self._table.metric(name, statistic=statistic, period=period)
            case ApiMetric(api, name):
                namespace, dimensions = "AWS/ApiGateway", {"ApiId": self._apis[api].api_id}
            case Ours():  # Each stack has a namespace of its own.
                name = source.metric.value
                namespace, dimensions = self._config.stack_name, source.dimensions
        return cloudwatch.Metric(
            namespace=namespace,
            metric_name=name,
            dimensions_map=dimensions,
            statistic=statistic,
            period=period,
        )


def _let_publish(topic: sns.ITopic, service: str) -> None:
    topic.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[iam.ServicePrincipal(f"{service}.amazonaws.com")],
            actions=["sns:Publish"],
            resources=[topic.topic_arn],
            conditions={"StringEquals": {"aws:SourceAccount": Stack.of(topic).account}},
        )
    )
