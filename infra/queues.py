"""The queue of accepted generations, the one of reminders, and the one for what could not be finished."""

from math import ceil
from typing import Any

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.config.fields import Config
from infra.nag import acknowledge

# AWS's advice: with less, Lambda may run out of time for retrying an invocation that was throttled.
VISIBILITY_PER_TIMEOUT = 6

# Longer than generate may run, and than a lease: the next look is at what became of that.
SECONDS_BETWEEN_LOOKS = 36
REMINDERS_AT_ONCE = 100
WAIT_FOR_MORE = Duration.seconds(2)
"""How long Lambda collects reminders for one invocation."""


def most_looks(config: Config) -> int:
    """Return how often a reminder may come back: through all that a generation may last, and some more."""
    longest = config.queue_deadline_seconds + config.max_attempts * config.generation_timeout_seconds
    return min(ceil(longest / SECONDS_BETWEEN_LOOKS) + 10, 1000)


class Queues(Construct):
    """Three encrypted queues that, on AWS, refuse plain HTTP."""

    def __init__(
        self, scope: Construct, construct_id: str, *, config: Config, removal: RemovalPolicy
    ) -> None:
        super().__init__(scope, construct_id)
        enforce_ssl = config.target == "aws"

        def make(name: str, **properties: Any) -> sqs.Queue:
            return sqs.Queue(
                self,
                name,
                encryption=sqs.QueueEncryption.SQS_MANAGED,
                enforce_ssl=enforce_ssl,
                removal_policy=removal,
                **properties,
            )

        self.dead_letters = make("DeadLetters", retention_period=Duration.days(14))
        self.queue = make(
            "Queue",
            visibility_timeout=Duration.seconds(VISIBILITY_PER_TIMEOUT * config.worker_timeout_seconds),
            dead_letter_queue=sqs.DeadLetterQueue(
                queue=self.dead_letters, max_receive_count=config.max_receive_count
            ),
        )
        self.reminders = make(
            "Reminders",
            visibility_timeout=Duration.seconds(SECONDS_BETWEEN_LOOKS),
            dead_letter_queue=sqs.DeadLetterQueue(
                queue=self.dead_letters, max_receive_count=most_looks(config)
            ),
        )
        self.by_name = {"queue": self.queue, "reminders": self.reminders, "dead_letters": self.dead_letters}
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

    def remind(self, generate: lambda_.IFunction) -> None:
        """Let generate look at what it has accepted, in few invocations and never many at once."""
        lambda_.EventSourceMapping(
            self,
            "Remind",
            target=generate,
            event_source_arn=self.reminders.queue_arn,
            batch_size=REMINDERS_AT_ONCE,
            max_batching_window=WAIT_FOR_MORE,
            max_concurrency=2,
            report_batch_item_failures=True,
        )
