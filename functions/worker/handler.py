"""The queue's consumer: a batch of messages in, those that must come back out.

Several answers are made side by side, since waiting for a model costs nothing and Lambda bills time.
"""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from functions.shared.powertools_log import powertools_logger
from functions.worker import wiring
from functions.worker.delivery import Delivery, Disposition, delivery_from
from functions.worker.intake import Intake, takes_for
from functions.worker.polls import Polls
from functions.worker.room import MeasuredRoom, memory_used
from functions.worker.settlement import settle
from functions.worker.trace_wiring import span_exporter
from functions.worker.worker_metrics import WorkerMetrics

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

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
    deliveries = [delivery_from(record, wiring.queue()) for record in records]
    now = asyncio.get_running_loop().time()
    until = now + left.total_seconds()
    intake = Intake(work=partial(_work, until=until), receive=polls(), room=room())
    to_spare = left - wiring.settings().generation_timeout - TO_BEGIN
    async with room().measured(), worker_metrics().written():
        dispositions = await intake.run(deliveries, until=now + takes_for(to_spare.total_seconds()))
    if endpoint := wiring.settings().otlp_endpoint:
        await span_exporter(endpoint).flushed()
    pairs = zip(deliveries, dispositions, strict=True)
    return [delivery.message_id for delivery, disposition in pairs if disposition is Disposition.RETRY]


async def _work(delivery: Delivery, *, until: float) -> Disposition:
    with worker_metrics().answering():
        return await settle(delivery, wiring.dispatcher, until=until)


@cache
def polls() -> Polls:
    """Wire the worker's own way to the queue once per environment."""
    return Polls(queue=wiring.queue(), options=wiring.settings())


@cache
def room() -> MeasuredRoom:
    """Measure the room of this environment."""
    limit_mb = int(os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"])
    return MeasuredRoom(options=wiring.settings(), memory_used=partial(memory_used, limit_mb))


@cache
def event_loop() -> asyncio.Runner:
    """One event loop for the environment's life, so that connections are kept from batch to batch."""
    runner = asyncio.Runner()
    runner.get_loop().set_default_executor(ThreadPoolExecutor(THREADS))
    return runner


@cache
def worker_metrics() -> WorkerMetrics:
    """Measure this worker for the environment's life."""
    return WorkerMetrics(measurements=wiring.measurements(), posts=wiring.post_counts(), latest=room().latest)
