"""What an Idempotency-Key stands for: one request and one generation, however often it comes."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import replace
from typing import TYPE_CHECKING

from functions.generate.problems import KeyReused
from functions.shared.errors import Unavailable
from functions.shared.generations.model import PICKED_UP_WITHIN

if TYPE_CHECKING:
    from datetime import datetime

    from functions.shared.generations.model import Generation

REOPENINGS = 10
"""How often a withdrawn generation may be accepted again without a pause: a queue that takes messages and
loses its replies must not be filled."""


def generation_id_of(user_id: str, key: str | None) -> str:
    """Make the id of what a user asks for: the same for the same key, and a random one without."""
    if key is None:
        return secrets.token_hex(16)
    return hashlib.sha256(f"{user_id}\0{key}".encode()).hexdigest()[:32]


def check_same(recorded: Generation | None, proposed: Generation) -> None:
    """Check that what was recorded under this id, if anything, was the same request.

    Raises:
        KeyReused: If it was another.
    """
    if recorded is not None and recorded.request_hash != proposed.request_hash:
        raise KeyReused("This Idempotency-Key was used with another request before. Use a new key.")


def accepted_again(proposed: Generation, before: Generation, *, now: datetime) -> Generation:
    """Accept again what was withdrawn; after some times, once in a while.

    Raises:
        Unavailable: If it was too often of late.
    """
    is_recent = before.requeued_at is not None and now - before.requeued_at <= PICKED_UP_WITHIN
    if before.reopenings >= REOPENINGS and is_recent:
        raise Unavailable("queue_fails")
    return replace(proposed, reopenings=before.reopenings + 1, requeued_at=now)
