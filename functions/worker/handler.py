"""The queue's consumer: a batch of messages in, those that must come back out.

Several answers are made side by side, since waiting for a model costs nothing and Lambda bills time.
"""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from functions.shared import aws
from functions.shared.attachments.bucket import bucket_of
from functions.shared.attachments.store import AttachmentStore
from functions.shared.budgets.late_lines import LateLines
from functions.shared.budgets.settlements import BudgetSettlements
from functions.shared.chats.ends import chat_ends
from functions.shared.connections.store import ConnectionStore
from functions.shared.generations.reader import GenerationReader
from functions.shared.measurements import measurements_of
from functions.shared.powertools_log import powertools_logger
from functions.shared.queue import Queue
from functions.shared.reminder_queue import ReminderQueue
from functions.shared.secret import Secret
from functions.shared.transactions import Transactions
from functions.worker import openai_model  # noqa: F401  Lambda's start has a whole processor for imports.
from functions.worker.attachment_archive import StoredAttachments
from functions.worker.attachments import Attachments
from functions.worker.attempt_store import AttemptStore
from functions.worker.bedrock import model as bedrock_model  # noqa: F401  Likewise.
from functions.worker.chat_store import ChatStore
from functions.worker.delivery import Delivery, Disposition, delivery_from
from functions.worker.dispatch import Dispatcher
from functions.worker.end_metrics import count_end
from functions.worker.ending import GenerationEnd
from functions.worker.file_room import file_room
from functions.worker.intake import Intake, takes_for
from functions.worker.measured_posts import MeasuredPosts, PostCounts
from functions.worker.memory import Memory
from functions.worker.model_reader import ModelReader
from functions.worker.pacing import Pacing
from functions.worker.polls import Polls
from functions.worker.providers import call_attributes, model_of
from functions.worker.registry import ConnectionRegistry
from functions.worker.room import MeasuredRoom, memory_used
from functions.worker.runner import GenerationRunner
from functions.worker.settings import WorkerSettings
from functions.worker.settlement import settle
from functions.worker.signed_posts import Posts
from functions.worker.span_exporter import SpanExporter
from functions.worker.summaries import Summaries
from functions.worker.tracing import Tracing
from functions.worker.worker_metrics import WorkerMetrics

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

    from functions.shared.measurements import Measurements
    from functions.worker.ports import Content

logger = powertools_logger()

MARGIN = timedelta(seconds=20)
"""Kept free at the end of the function's time, to record an end and tell it."""
TO_BEGIN = timedelta(seconds=10)
"""What a message that the worker receives takes until its answer begins."""
THREADS = 32
"""For calls that block; an answer makes two or three a second."""


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Work on a batch and name the messages that are not done (ReportBatchItemFailures)."""
    left = timedelta(milliseconds=context.get_remaining_time_in_millis()) - MARGIN
    again = event_loop().run(work_on(event["Records"], left))
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in again]}


async def work_on(records: list[dict[str, Any]], left: timedelta) -> list[str]:
    """Work on all messages at once, and on more as they come. Returns the ids of those that must come back.

    More is taken only while an answer that begins then may take all the time that it is allowed.
    """
    deliveries = [delivery_from(record, queue()) for record in records]
    now = asyncio.get_running_loop().time()
    until = now + left.total_seconds()
    intake = Intake(work=partial(_work, until=until), receive=polls(), room=room())
    to_spare = left - settings().generation_timeout - TO_BEGIN
    async with room().measured(), worker_metrics().written():
        dispositions = await intake.run(deliveries, until=now + takes_for(to_spare.total_seconds()))
    if settings().otlp_endpoint:
        await span_exporter().flushed()
    pairs = zip(deliveries, dispositions, strict=True)
    return [delivery.message_id for delivery, disposition in pairs if disposition is Disposition.RETRY]


async def _work(delivery: Delivery, *, until: float) -> Disposition:
    with worker_metrics().answering():
        return await settle(delivery, dispatcher, until=until)


@cache
def polls() -> Polls:
    """Wire the worker's own way to the queue once per environment."""
    return Polls(queue=queue(), options=settings())


@cache
def room() -> MeasuredRoom:
    """Measure the room of this environment."""
    limit_mb = int(os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"])
    return MeasuredRoom(options=settings(), memory_used=partial(memory_used, limit_mb))


@cache
def event_loop() -> asyncio.Runner:
    """One event loop for the environment's life, so that connections are kept from batch to batch."""
    runner = asyncio.Runner()
    runner.get_loop().set_default_executor(ThreadPoolExecutor(THREADS))
    return runner


@cache
def settings() -> WorkerSettings:
    """Read the settings once per environment."""
    return WorkerSettings.from_env(os.environ)


@cache
def measurements() -> Measurements:
    """Measure for the environment's life."""
    return measurements_of(os.environ)


@cache
def worker_metrics() -> WorkerMetrics:
    """Measure this worker for the environment's life."""
    return WorkerMetrics(measurements=measurements(), posts=post_counts(), latest=room().latest)


@cache
def post_counts() -> PostCounts:
    """Count posts for the environment's life."""
    return PostCounts()


@cache
def queue() -> Queue:
    """Wire the queue once per environment."""
    return Queue(aws.client("sqs"), settings().queue_url)


@cache
def dispatcher() -> Dispatcher:
    """Wire the worker once per environment."""
    table = aws.client("dynamodb")
    settlements = BudgetSettlements(client=table, table=settings().table_name, options=settings())
    ends = chat_ends(table, settings().table_name, settlements)
    late = LateLines(settlements=settlements, transactions=Transactions(table, settings().table_name))
    transitions = AttemptStore(table, settings().table_name, ends)
    generations = GenerationReader(table, settings().table_name)
    chats, reader = ChatStore(table, settings().table_name), model_reader()
    end = GenerationEnd(
        transitions=transitions,
        registry=ConnectionRegistry(ConnectionStore(table, settings().table_name)),
        posts=MeasuredPosts(posts=posts(), counts=post_counts()),
        options=settings(),
        pacing=Pacing(options=settings()),
        queue=ReminderQueue(queue(), Queue(aws.client("sqs"), settings().reminders_url)),
        count=partial(count_end, measurements=measurements()),
    )
    runner = GenerationRunner(
        transitions=transitions,
        archive=generations,
        memory=Memory(prompt=generations.prompt, chats=chats, options=settings(), attachments=attachments()),
        summaries=Summaries(
            reader=reader,
            chats=chats,
            options=settings(),
            measurements=measurements(),
            record=late.record,
        ),
        reader=reader,
        content=content(),
        options=settings(),
        end=end,
        measurements=measurements(),
    )
    return Dispatcher(
        transitions=transitions,
        texts=generations,
        runner=runner,
        end=end,
        options=settings(),
        tracing=tracing(),
    )


def attachments() -> Attachments | None:
    """Wire the way to attachments, if the deployment has any."""
    if not (name := settings().attachments_bucket):
        return None
    store = AttachmentStore(aws.client("dynamodb"), settings().table_name)
    memory_mb = int(os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"])
    room = file_room(settings().worker_files_mb, memory_mb=memory_mb)
    return Attachments(StoredAttachments(store, bucket_of(name)), room)


def content() -> Content | None:
    """Wire the deployment's own function, if it has one; without, nothing of it is imported."""
    if not settings().content_hook:
        return None
    from functions.worker.content_checks import content_checks  # noqa: PLC0415

    return content_checks(settings(), measurements())


def tracing() -> Tracing:
    """Wire the traces; without an endpoint nothing is recorded."""
    if not settings().otlp_endpoint:
        return Tracing()
    return Tracing(
        export=span_exporter(),
        percent=settings().traces_percent,
        call=partial(call_attributes, settings()),
    )


@cache
def span_exporter() -> SpanExporter:
    """Wire the way to the collector once per environment."""
    return SpanExporter(
        url=settings().otlp_endpoint,
        resource={
            "service.name": os.environ.get("POWERTOOLS_SERVICE_NAME", "worker"),
            "service.namespace": os.environ.get("POWERTOOLS_METRICS_NAMESPACE", "framestream"),
        },
    )


def posts() -> Posts:
    """Wire the way to the sockets."""
    return Posts(
        endpoint=os.environ["AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI"],
        region=os.environ["AWS_REGION"],
        credentials=aws.credentials(),
    )


def model_reader() -> ModelReader:
    """Wire the model."""
    client = aws.client("secretsmanager")
    secrets: dict[str, Secret] = {}

    async def secret(arn: str) -> str:
        known = secrets.setdefault(arn, Secret(client=client, arn=arn))
        with aws.outages():
            values = await asyncio.to_thread(known.values, now=datetime.now(UTC))
        return values[0]

    return ModelReader(model=model_of(settings(), secret), options=settings())
