"""A whole worker in memory and in virtual time: model, gateway, queue and table are fakes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from functions.shared.chats.model import ChatMessage
from functions.shared.connections.model import Connection
from functions.shared.errors import Unavailable
from functions.shared.generations.model import Generation, Outcome, Status
from functions.shared.measurements import Measurements, measurements_of
from functions.worker.delivery import Delivery, Disposition
from functions.worker.dispatch import Dispatcher
from functions.worker.end_metrics import count_end
from functions.worker.ending import GenerationEnd
from functions.worker.memory import Memory
from functions.worker.model_calls import MODEL_RETRY
from functions.worker.model_reader import ModelReader
from functions.worker.output_check import IsValid, is_valid
from functions.worker.pacing import Pacing
from functions.worker.ports import Content
from functions.worker.runner import GenerationRunner
from functions.worker.settings import WorkerOptions
from functions.worker.summaries import Summaries
from tests.support.fake_chats import FakeChat
from tests.support.fake_queue import FakeQueue
from tests.support.fake_transitions import FakeTransitions
from tests.support.measured import measured
from tests.support.scripted_model import ALIVE, DONE, ScriptedModel, Step, finish
from tests.unit.worker.builders import NOON, generation, worker_options
from tests.unit.worker.test_fanout import Gateway

OPTIONS = worker_options(frame_interval_milliseconds=100)
LEASE = OPTIONS.lease
WORDS = 60
SLOW: list[Step] = [ALIVE, *(step for n in range(WORDS) for step in (1.0, f"w{n} ")), finish(), DONE]
"""A word a second, for a minute."""
TEXT = "".join(f"w{n} " for n in range(WORDS))


def seconds() -> float:
    """What the test's clock shows."""
    return asyncio.get_running_loop().time()


def clock() -> datetime:
    """The worker's wall clock, which goes with the event loop's."""
    return NOON + timedelta(seconds=seconds())


def between(begin: float, end: float) -> Callable[[], bool]:
    """An outage between two times."""
    return lambda: begin <= seconds() < end


@dataclass
class FakeRegistry:
    """One connection, and a list that cannot always be read."""

    is_away: Callable[[], bool] = lambda: False

    def of_user(self, user_id: str, *, now: datetime) -> list[Connection]:
        if self.is_away():
            raise Unavailable("ThrottlingException")
        return [
            Connection(
                connection_id="a",
                user_id=user_id,
                connected_at=NOON - timedelta(minutes=1),
                expires_at=NOON + timedelta(hours=1),
            )
        ]

    def release(self, connection_id: str) -> bool:
        return True


@dataclass
class WorkerInMemory:
    """What one or several workers share, and what they did."""

    scripts: list[list[Step]] = field(default_factory=lambda: [SLOW, SLOW])
    table: FakeTransitions = field(default_factory=FakeTransitions)
    registry: FakeRegistry = field(default_factory=FakeRegistry)
    gateway: Gateway = field(default_factory=Gateway)
    queue: FakeQueue = field(default_factory=FakeQueue)
    chat: FakeChat = field(default_factory=FakeChat)
    options: WorkerOptions = OPTIONS
    content: Content | None = None
    is_valid: IsValid = is_valid
    counted: list[Status] = field(default_factory=list)
    measurements: Measurements = field(default_factory=lambda: measurements_of({}))

    def __post_init__(self) -> None:
        self.model = ScriptedModel(self.scripts)

    def _count(self, outcome: Outcome) -> None:
        self.counted.append(outcome.status)
        count_end(outcome, measurements=self.measurements)

    def accept_in_chat(self, prompt: ChatMessage, **changes: object) -> None:
        """Record a generation that answers a question of the chat."""
        place = {
            "prompt_id": prompt.message_id,
            "prompt_number": prompt.number,
            "parent_id": prompt.parent_id,
        }
        self.accept(**place, **changes)

    def accept(self, **changes: object) -> None:
        """Record a generation, queued unless a test says otherwise."""
        times = {"created_at": NOON, "start_by": NOON + timedelta(minutes=5)}
        facts = {"status": Status.QUEUED, "attempt": 0, **times, **changes}
        self.table.records["g1"] = generation(**facts)

    def end(self) -> GenerationEnd:
        return GenerationEnd(
            transitions=self.table,
            registry=self.registry,
            posts=self.gateway,
            options=self.options,
            pacing=Pacing(options=self.options),
            queue=self.queue,
            count=self._count,
            clock=clock,
        )

    def dispatcher(self) -> Dispatcher:
        reader = ModelReader(model=self.model, options=self.options)
        runner = GenerationRunner(
            transitions=self.table,
            archive=self.table,
            memory=Memory(prompt=self.table.prompt, chats=self.chat, options=self.options, clock=clock),
            summaries=Summaries(
                reader=reader,
                chats=self.chat,
                options=self.options,
                measurements=self.measurements,
                clock=clock,
            ),
            reader=reader,
            content=self.content,
            is_valid=self.is_valid,
            options=self.options,
            retry=replace(MODEL_RETRY, chance=lambda: 0),
            end=self.end(),
            measurements=self.measurements,
            clock=clock,
        )
        return Dispatcher(
            transitions=self.table,
            texts=self.table,
            runner=runner,
            end=self.end(),
            options=self.options,
            clock=clock,
        )

    def delivery(self, message_id: str = "m1") -> Delivery:
        return Delivery(
            message_id=message_id,
            receipt_handle="r",
            body=json.dumps({"version": 1, "generation_id": "g1"}),
            receive_count=1,
            queue=self.queue,
        )

    async def work(self, message_id: str = "m1", *, until: float = 800) -> Disposition:
        """Work on one delivery, as one worker of many would."""
        return await self.dispatcher().handle(self.delivery(message_id), until=until)

    def measured(self) -> dict[str, Any]:
        """What was measured since the last time, each metric with its values and each word with its own."""
        return measured(self.measurements)

    @property
    def record(self) -> Generation:
        return self.table.records["g1"]

    def change(self, **changes: object) -> Callable[[], None]:
        """What another one writes to the record."""

        def write() -> None:
            self.table.records["g1"] = replace(self.record, **changes)  # type: ignore[arg-type]

        return write

    def at(self, when: float, action: Callable[[], None]) -> None:
        """Let something happen at a time."""
        asyncio.get_running_loop().call_at(when, action)

    @property
    def stored(self) -> str:
        return self.table.text(self.record)

    @property
    def told(self) -> list[str]:
        """The states that the connection was told."""
        return [message["status"] for message in self.gateway.delivered.get("a", []) if "status" in message]
