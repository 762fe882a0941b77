"""The queue's consumer: a batch of messages in, those that must come back out.

Several answers are made side by side, since waiting for a model costs nothing and Lambda bills time.
"""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
import httpx2

from functions.shared import aws
from functions.shared.connections.store import ConnectionStore
from functions.shared.errors import SettingsError
from functions.shared.generations.reader import GenerationReader
from functions.shared.powertools_log import powertools_logger
from functions.shared.queue import Queue
from functions.shared.retry import Retry
from functions.shared.secret import Secret
from functions.worker import openai_model  # noqa: F401  Lambda's start has a whole processor for the SDK.
from functions.worker.attempt_store import AttemptStore
from functions.worker.attempts import Limits
from functions.worker.delivery import Delivery, Disposition, delivery_from
from functions.worker.dispatch import Dispatcher
from functions.worker.end_metrics import count_end
from functions.worker.ending import GenerationEnd
from functions.worker.model_reader import ModelReader
from functions.worker.providers import model_of
from functions.worker.registry import ConnectionRegistry
from functions.worker.runner import GenerationRunner
from functions.worker.settings import WorkerSettings
from functions.worker.signed_posts import TIMEOUT, Posts

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

logger = powertools_logger()

MARGIN = timedelta(seconds=20)
"""Kept free at the end of the function's time, to record an end and tell it."""
SLOWEST_RETRY = timedelta(seconds=60)
THREADS = 32
HIDING = Retry(attempts=5, first=1, longest=8, fixed=0.5)
"""Attempts to reach the queue: the SDK has tried three times in each."""


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Work on a batch and name the messages that are not done (ReportBatchItemFailures)."""
    left = timedelta(milliseconds=context.get_remaining_time_in_millis()) - MARGIN
    again = event_loop().run(work_on(event["Records"], left))
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in again]}


async def work_on(records: list[dict[str, Any]], left: timedelta) -> list[str]:
    """Work on all messages at once. Returns the ids of those that must come back."""
    deliveries = [delivery_from(record, queue()) for record in records]
    until = asyncio.get_running_loop().time() + left.total_seconds()
    dispositions = await asyncio.gather(*(attempt(delivery, until) for delivery in deliveries))
    pairs = zip(deliveries, dispositions, strict=True)
    return [delivery.message_id for delivery, disposition in pairs if disposition is Disposition.RETRY]


async def attempt(delivery: Delivery, until: float) -> Disposition:
    """Work on one message. What goes wrong with it is not the other messages' business.

    A message that is done is deleted at once: its batch may go on for minutes, and it is hidden for seconds.
    """
    try:
        disposition = await dispatcher().handle(delivery, until=until)
    except Exception:
        logger.exception("a message could not be worked on", message_id=delivery.message_id)
        pause = min(timedelta(seconds=2**delivery.receive_count), SLOWEST_RETRY)
        await _hide(delivery, pause)
        return Disposition.RETRY
    if disposition is Disposition.ACK:
        await delivery.delete()
    return disposition


async def _hide(delivery: Delivery, pause: timedelta) -> None:
    """Let a message come back soon; if the queue hears nothing of us, it does after the queue's time-out."""
    for failures in range(HIDING.attempts):
        if failures:
            await asyncio.sleep(HIDING.pause(failures - 1))
        if await delivery.extend_visibility(pause):
            return


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
def queue() -> Queue:
    """Wire the queue once per environment."""
    return Queue(boto3.client("sqs", config=aws.CLIENT), settings().queue_url)


@cache
def dispatcher() -> Dispatcher:
    """Wire the worker once per environment."""
    table = boto3.client("dynamodb", config=aws.CLIENT)
    transitions = AttemptStore(table, settings().table_name)
    generations = GenerationReader(table, settings().table_name)
    end = GenerationEnd(
        transitions=transitions,
        registry=ConnectionRegistry(ConnectionStore(table, settings().table_name)),
        posts=posts(),
        lease=settings().lease,
        frame_interval=timedelta(milliseconds=settings().frame_interval_milliseconds),
        count=count_end,
    )
    runner = GenerationRunner(
        transitions=transitions,
        archive=generations,
        reader=model_reader(),
        lease=settings().lease,
        limits=Limits(generation_timeout=settings().generation_timeout, max_attempts=settings().max_attempts),
        end=end,
    )
    return Dispatcher(
        transitions=transitions,
        texts=generations,
        runner=runner,
        end=end,
        lease=settings().lease,
        max_attempts=settings().max_attempts,
    )


def posts() -> Posts:
    """Wire the way to the sockets."""
    session = boto3.Session()
    credentials = session.get_credentials()
    if credentials is None:
        raise SettingsError("there are no AWS credentials")
    return Posts(
        client=httpx2.AsyncClient(timeout=TIMEOUT, limits=httpx2.Limits(keepalive_expiry=30)),
        endpoint=os.environ["AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI"],
        region=session.region_name,
        credentials=credentials.get_frozen_credentials,
    )


def model_reader() -> ModelReader:
    """Wire the model."""
    client = boto3.client("secretsmanager", config=aws.CLIENT)
    secrets: dict[str, Secret] = {}

    async def secret(arn: str) -> str:
        known = secrets.setdefault(arn, Secret(client=client, arn=arn))
        with aws.outages():
            values = await asyncio.to_thread(known.values, now=datetime.now(UTC))
        return values[0]

    return ModelReader(
        model=model_of(settings(), secret),
        first_token_timeout=timedelta(seconds=settings().first_token_timeout_seconds),
        stall_timeout=timedelta(seconds=settings().stall_timeout_seconds),
        longest=settings().max_answer_characters,
    )
