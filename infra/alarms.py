"""What wakes somebody up."""

from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra.functions import Function
from infra.work import Work


class Alarms(Construct):
    """A topic, and the alarms that report to it."""

    def __init__(self, scope: Construct, construct_id: str, *, email: str, namespace: str) -> None:
        super().__init__(scope, construct_id)
        self._namespace = namespace
        self.topic = sns.Topic(self, "Topic", enforce_ssl=True)
        self._let_alarms_publish()
        if email:
            self.topic.add_subscription(subscriptions.EmailSubscription(email))

    def watch_work(self, work: Work, *, oldest: Duration) -> None:
        """Report work that could not be finished, and work that is older than it can properly get."""
        minute = Duration.minutes(1)
        dead, queue = work.dead_letters, work.queue
        self._alarm(
            "DeadLetters",
            dead.metric_approximate_number_of_messages_visible(statistic="Maximum", period=minute),
            above=0,
            description="A generation could not be finished, and its message is in the dead-letter queue.",
        )
        self._alarm(
            "OldestMessage",
            queue.metric_approximate_age_of_oldest_message(statistic="Maximum", period=minute),
            above=oldest.to_seconds(),
            description="A generation is older than it may get by waiting and answering together.",
        )

    def watch_errors(self, function: Function) -> None:
        """Report every invocation that ended with an error that nobody expected."""
        name = function.node.id
        self._alarm(
            f"{name}Errors",
            function.function.metric_errors(statistic="Sum", period=Duration.minutes(5)),
            above=0,
            description=f"{name} failed, ran out of time, or was killed.",
        )

    def watch_rejected_connects(self, *, in_five_minutes: int) -> None:
        """Report more refused handshakes than a few expired tokens explain."""
        self._alarm(
            "RejectedConnects",
            self._counted("RejectedConnects", by="connect"),
            above=in_five_minutes,
            description="Many handshakes are refused: an attack, looping clients, a wrong secret or origin.",
        )

    def watch_failed_generations(self, *, in_five_minutes: int) -> None:
        """Report answers that ended in a failure, as they do with a wrong key or a model that is down."""
        self._alarm(
            "GenerationsFailed",
            self._counted("GenerationsFailed", by="worker"),
            above=in_five_minutes,
            description="Answers end in failures: the model is down, or refuses the key or the requests.",
        )

    def _counted(self, name: str, *, by: str) -> cloudwatch.Metric:
        """Return what a function counts itself; each stack has a namespace of its own."""
        return cloudwatch.Metric(
            namespace=self._namespace,
            metric_name=name,
            dimensions_map={"service": by},
            statistic="Sum",
            period=Duration.minutes(5),
        )

    def _alarm(
        self, construct_id: str, metric: cloudwatch.IMetric, *, above: float, description: str
    ) -> None:
        alarm = cloudwatch.Alarm(
            self,
            construct_id,
            metric=metric,
            threshold=above,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            alarm_description=description,
        )
        alarm.add_alarm_action(actions.SnsAction(self.topic))

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
