"""Wires what makes an answer: settings, table, queue, sockets and model, each once per environment."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime
from functools import cache, partial
from typing import TYPE_CHECKING

from functions.shared import aws
from functions.shared.attachments.bucket import bucket_of
from functions.shared.attachments.store import AttachmentStore
from functions.shared.budgets.late_lines import LateLines
from functions.shared.budgets.settlements import BudgetSettlements
from functions.shared.chats.ends import chat_ends
from functions.shared.connections.store import ConnectionStore
from functions.shared.generations.reader import GenerationReader
from functions.shared.measurements import measurements_of
from functions.shared.queue import Queue
from functions.shared.reminder_queue import ReminderQueue
from functions.shared.secret import Secret
from functions.shared.transactions import Transactions
from functions.worker.attachment_archive import StoredAttachments
from functions.worker.attachments import Attachments
from functions.worker.attempt_store import AttemptStore
from functions.worker.chat_store import ChatStore
from functions.worker.dispatch import Dispatcher
from functions.worker.end_metrics import count_end
from functions.worker.ending import GenerationEnd
from functions.worker.file_room import file_room
from functions.worker.measured_posts import MeasuredPosts, PostCounts
from functions.worker.memory import Memory
from functions.worker.model_reader import ModelReader
from functions.worker.pacing import Pacing
from functions.worker.providers import model_of
from functions.worker.registry import ConnectionRegistry
from functions.worker.runner import GenerationRunner
from functions.worker.settings import WorkerSettings
from functions.worker.signed_posts import Posts
from functions.worker.summaries import Summaries
from functions.worker.trace_wiring import tracing

if TYPE_CHECKING:
    from functions.shared.measurements import Measurements
    from functions.worker.ports import Content


@cache
def settings() -> WorkerSettings:
    """Read the settings once per environment."""
    return WorkerSettings.from_env(os.environ)


@cache
def measurements() -> Measurements:
    """Measure for the environment's life."""
    return measurements_of(os.environ)


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
    """Wire the worker."""
    table, name = aws.client("dynamodb"), settings().table_name
    settlements = BudgetSettlements(client=table, table=name, options=settings())
    transitions = AttemptStore(table, name, chat_ends(table, name, settlements))
    generations = GenerationReader(table, name)
    end = generation_end(transitions)
    late = LateLines(settlements=settlements, transactions=Transactions(table, name))
    return Dispatcher(
        transitions=transitions,
        texts=generations,
        runner=generation_runner(transitions, generations, end, late),
        end=end,
        options=settings(),
        tracing=tracing(settings()),
    )


def generation_end(transitions: AttemptStore) -> GenerationEnd:
    """Wire how an end is told."""
    return GenerationEnd(
        transitions=transitions,
        registry=ConnectionRegistry(ConnectionStore(aws.client("dynamodb"), settings().table_name)),
        posts=MeasuredPosts(posts=posts(), counts=post_counts()),
        options=settings(),
        pacing=Pacing(options=settings()),
        queue=ReminderQueue(queue(), Queue(aws.client("sqs"), settings().reminders_url)),
        count=partial(count_end, measurements=measurements()),
    )


def generation_runner(
    transitions: AttemptStore, generations: GenerationReader, end: GenerationEnd, late: LateLines
) -> GenerationRunner:
    """Wire how an answer is made."""
    chats, reader = ChatStore(aws.client("dynamodb"), settings().table_name), model_reader()
    return GenerationRunner(
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
