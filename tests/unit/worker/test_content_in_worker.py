"""What becomes of a generation whose prompt or text a deployment's own function stops or replaces."""

from __future__ import annotations

from typing import Any

import pytest

from functions.shared.generations.failures import Failure
from functions.shared.generations.model import Outcome, Status
from functions.worker.content_checks import ContentChecks
from functions.worker.content_hook import STOP, Content
from functions.worker.delivery import Disposition
from functions.worker.settings import ContentOptions
from tests.unit.worker.worker_in_memory import SLOW, TEXT, WorkerInMemory

pytestmark = pytest.mark.virtual_time


async def policy(content: Content) -> object:
    """Replace each prompt, and stop an answer at its tenth word."""
    if content.kind == "prompt":
        return f"Politely: {content.text}"
    return STOP if "w9 " in content.text else None


async def stopping(_: Content) -> object:
    return STOP


def worker_with(hook: object, **options: Any) -> WorkerInMemory:
    worker = WorkerInMemory(scripts=[SLOW])
    worker.content = ContentChecks(
        hook=hook,  # type: ignore[arg-type]
        options=ContentOptions(**options),
        measurements=worker.measurements,
    )
    worker.accept()
    return worker


def filtered(length: int) -> Outcome:
    return Outcome(status=Status.FAILED, length=length, failure=Failure.CONTENT_FILTERED)


async def test_a_stopped_prompt_is_not_asked_and_ends_as_filtered() -> None:
    worker = worker_with(stopping)

    assert await worker.work() is Disposition.ACK
    assert worker.record.outcome == filtered(0)
    assert worker.record.announced
    assert worker.model.called_at == []
    assert worker.measured()["ContentHookStops"] == 1


async def test_the_model_is_asked_what_replaced_the_prompt() -> None:
    worker = worker_with(policy)
    await worker.work()

    [given] = worker.model.conversations
    assert given.prompt.startswith("Politely: ")


async def test_a_stopped_answer_keeps_what_was_shown_and_shows_nothing_else() -> None:
    worker = worker_with(policy, content_hook_held_back_characters=6)

    assert await worker.work() is Disposition.ACK
    shown = worker.gateway.text("a")
    assert shown == worker.stored == TEXT[: TEXT.index("w9 ") - 6]
    assert worker.record.outcome == filtered(len(shown))
    assert len(worker.model.called_at) == 1
    assert worker.model.closed == 1
