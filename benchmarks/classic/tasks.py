"""The worker: reads the model's stream and sends each token to the user's group at once.

Celery's threads do the waiting. The streams of all of them run in one event loop, with one client of the
model and one channel layer: an event loop per task would open connections to both for every answer.
"""

from __future__ import annotations

import asyncio
import json
import os
import threading
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import django
from celery import Celery
from celery.signals import worker_init, worker_ready
from channels.layers import get_channel_layer
from django.conf import settings
from openai import AsyncOpenAI, OpenAIError

from benchmarks.classic.tokens import group_of

django.setup()
app = Celery("classic", broker=settings.REDIS_URL)
LOOP = asyncio.new_event_loop()
app.conf.update(
    task_ignore_result=True, worker_prefetch_multiplier=1, broker_connection_retry_on_startup=True
)


@app.task
def answer(facts: dict[str, str], prompt: str) -> None:
    """Answer one prompt."""
    asyncio.run_coroutine_threadsafe(_answer(facts, prompt), LOOP).result()


@worker_init.connect
def start_the_loop(**_signal: object) -> None:
    """Run the loop in the worker, and not where prompts are only queued."""
    threading.Thread(target=LOOP.run_forever, daemon=True).start()


@cache
def _model() -> AsyncOpenAI:
    return AsyncOpenAI(base_url=settings.LLM_BASE_URL, api_key="none")


@worker_ready.connect
def say_so(**_signal: object) -> None:
    """Let the benchmark begin only now."""
    Path(os.environ["CLASSIC_READY_FILE"]).touch()


async def _answer(facts: dict[str, str], prompt: str) -> None:
    await _tell(facts, type="llm_status", status="started")
    try:
        await _stream(facts, prompt)
    except OpenAIError:
        await _tell(facts, type="llm_status", status="failed")
    else:
        await _tell(facts, type="llm_status", status="completed")


async def _stream(facts: dict[str, str], prompt: str) -> None:
    stream = await _model().chat.completions.create(
        model="scripted", messages=[{"role": "user", "content": prompt}], stream=True
    )
    async for chunk in stream:
        if chunk.choices and (text := chunk.choices[0].delta.content):
            await _tell(facts, type="llm_frame", frame={"status": "streaming", "delta": text})


async def _tell(facts: dict[str, str], **message: Any) -> None:
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    text = json.dumps({**message, **facts, "timestamp": now})
    await get_channel_layer().group_send(group_of(facts["user_id"]), {"type": "message", "text": text})
