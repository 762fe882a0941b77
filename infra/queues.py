"""The queue of accepted generations, and the one for those that no worker could finish."""

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.config.fields import Config
from infra.nag import acknowledge

# AWS's advice: with less, Lambda may run out of time for retrying an invocation that was throttled.
VISIBILITY_PER_TIMEOUT = 6


class Queues(Construct):
    """Two encrypted queues that, on AWS, refuse plain HTTP."""

    def __init__(
        self, scope: Construct, construct_id: str, *, config: Config, removal: RemovalPolicy
    ) -> None:
        super().__init__(scope, construct_id)
        enforce_ssl = config.target == "aws"
        self.dead_letters = sqs.Queue(
            self,
            "DeadLetters",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=enforce_ssl,
            retention_period=Duration.days(14),
            removal_policy=removal,
        )
        self.queue = sqs.Queue(
            self,
            "Queue",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=enforce_ssl,
            visibility_timeout=Duration.seconds(VISIBILITY_PER_TIMEOUT * config.worker_timeout_seconds),
            removal_policy=removal,
            dead_letter_queue=sqs.DeadLetterQueue(
                queue=self.dead_letters, max_receive_count=config.max_receive_count
            ),
        )
        if not enforce_ssl:
            acknowledge(self, "SQS4", reason="The emulator speaks plain HTTP, to its own machine alone.")

    def feed(self, worker: lambda_.IFunction, *, config: Config) -> None:
        """Start the worker on what is queued."""
        # Not SqsEventSource: it would grant by itself, and grants are made in the stack.
        lambda_.EventSourceMapping(
            self,
            "Feed",
            target=worker,
            event_source_arn=self.queue.queue_arn,
            batch_size=config.worker_batch_size,
            max_concurrency=config.worker_max_concurrency,
            report_batch_item_failures=True,
        )
