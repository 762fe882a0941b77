"""Generations and clocks for tests: a valid default, and one thing changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from functions.shared.generations.model import Generation, Status
from functions.worker.settings import WorkerOptions

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def worker_options(**changes: Any) -> WorkerOptions:
    """A deployment's defaults. Times may be fractions here, so that tests are quick."""
    return replace(WorkerOptions(), **changes)


def generation(**changes: Any) -> Generation:
    """A generation that was just claimed for the first time."""
    now = datetime.now(UTC)
    valid = Generation(
        generation_id="g1",
        user_id="ada",
        chat_id="c1",
        model="stand-in",
        status=Status.PROCESSING,
        attempt=1,
        created_at=now,
        start_by=now + timedelta(minutes=5),
        expires_at=now + timedelta(days=7),
        request_hash="h1",
    )
    return replace(valid, **changes)
