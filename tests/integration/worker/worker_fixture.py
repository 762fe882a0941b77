"""A worker on a bench: real table, real model server, and a gateway that a test can read."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Lock
from typing import Any, ClassVar

from mypy_boto3_dynamodb import DynamoDBClient

from functions.generate.chat_submissions import chat_submissions
from functions.shared.budgets.ports import NoLedger
from functions.shared.budgets.settlements import BudgetSettlements
from functions.shared.chats.ends import ChatEnds, chat_ends
from functions.shared.connections.model import Connection
from functions.shared.connections.store import ConnectionStore
from functions.shared.generations.claims import Claim
from functions.shared.generations.model import Generation, Status
from functions.shared.generations.reader import GenerationReader
from functions.shared.generations.submission_transitions import SubmissionTransitions
from functions.shared.measurements import measurements_of
from functions.shared.retry import Retry
from functions.worker.attempt_store import AttemptStore
from functions.worker.chat_store import ChatStore
from functions.worker.delivery import Delivery, Disposition
from functions.worker.dispatch import Dispatcher
from functions.worker.end_metrics import count_end
from functions.worker.ending import GenerationEnd
from functions.worker.memory import Memory
from functions.worker.model import Model
from functions.worker.model_calls import MODEL_RETRY
from functions.worker.model_reader import ModelReader
from functions.worker.pacing import Pacing
from functions.worker.registry import ConnectionRegistry
from functions.worker.runner import GenerationRunner
from functions.worker.settings import WorkerOptions
from functions.worker.summaries import Summaries
from tests.support.chats_in_table import accept
from tests.support.environment import TABLE_NAME
from tests.support.fake_queue import FakeQueue
from tests.unit.worker.builders import generation, worker_options
from tests.unit.worker.test_fanout import Gateway

DELTAS = [f"word{number} 😀 " for number in range(40)]
TEXT = "".join(DELTAS)
QUICK = worker_options(
    first_token_timeout_seconds=2,
    stall_timeout_seconds=1,
    generation_timeout_seconds=20,
    first_frame_interval_milliseconds=20,
    frame_interval_milliseconds=20,
)


class OneClaimAtATime(AttemptStore):
    """DynamoDB serialises conditional writes and moto does not, so this does."""

    lock: ClassVar[Lock] = Lock()

    def claim(self, generation_id: str, **how: Any) -> Claim | None:
        with self.lock:
            return AttemptStore.claim(self, generation_id, **how)


@dataclass
class WorkerFixture:
    """A worker with a real table, a real model server and a gateway that a test can read."""

    client: DynamoDBClient
    model: Model
    gateway: Gateway = field(default_factory=Gateway)
    queue: FakeQueue = field(default_factory=FakeQueue)
    options: WorkerOptions = QUICK
    retry: Retry = field(default_factory=lambda: replace(MODEL_RETRY, first=0.1))

    def __post_init__(self) -> None:
        self.generations = GenerationReader(self.client, TABLE_NAME)
        self.connections = ConnectionStore(self.client, TABLE_NAME)
        self.submissions = SubmissionTransitions(self.client, TABLE_NAME)
        self.transitions = OneClaimAtATime(self.client, TABLE_NAME, self._ends(self.client))

    def set_options(self, **options: Any) -> None:
        self.options = replace(self.options, **options)

    def break_table(self, client: DynamoDBClient) -> None:
        """Let the worker write through another client."""
        self.transitions = OneClaimAtATime(client, TABLE_NAME, self._ends(client))

    def _ends(self, client: DynamoDBClient) -> ChatEnds:
        settlements = BudgetSettlements(client=client, table=TABLE_NAME, options=self.options)
        return chat_ends(client, TABLE_NAME, settlements)

    @property
    def hidden(self) -> list[timedelta]:
        return self.queue.hidden

    def dispatcher(self, *, clock_ahead: timedelta = timedelta()) -> Dispatcher:
        end = GenerationEnd(
            transitions=self.transitions,
            registry=ConnectionRegistry(self.connections),
            posts=self.gateway,
            options=self.options,
            pacing=Pacing(options=self.options),
            queue=self.queue,
            count=partial(count_end, measurements=measurements_of({})),
        )
        chats = ChatStore(self.client, TABLE_NAME)
        reader = ModelReader(model=self.model, options=self.options)
        runner = GenerationRunner(
            transitions=self.transitions,
            archive=self.generations,
            memory=Memory(prompt=self.generations.prompt, chats=chats, options=self.options),
            summaries=Summaries(
                reader=reader, chats=chats, options=self.options, measurements=measurements_of({})
            ),
            reader=reader,
            options=self.options,
            retry=self.retry,
            end=end,
            measurements=measurements_of({}),
        )
        return Dispatcher(
            transitions=self.transitions,
            texts=self.generations,
            runner=runner,
            end=end,
            options=self.options,
            clock=lambda: datetime.now(UTC) + clock_ahead,
        )

    def accept(self, *faults: dict[str, Any] | None, rate: float = 0, **changes: Any) -> Generation:
        prompt = json.dumps({"key": "k", "deltas": DELTAS, "rate": rate, "faults": list(faults)})
        accepted = generation(status=Status.QUEUED, attempt=0, **changes)
        return accept(self.client, accepted, prompt, now=datetime.now(UTC))

    def cancel(self) -> bool:
        """Cancel the generation before a worker has it. Returns whether it was in time."""
        submissions = chat_submissions(self.client, TABLE_NAME, NoLedger())
        return submissions.cancel(self.state(), now=datetime.now(UTC)) is not None

    def open(self, connection_id: str, user_id: str = "ada") -> None:
        now = datetime.now(UTC)
        connection = Connection(
            connection_id=connection_id,
            user_id=user_id,
            connected_at=now - timedelta(minutes=1),
            expires_at=now + timedelta(hours=1),
        )
        taken = {slot.number for slot in self.connections.slots(user_id)}
        assert self.connections.claim(connection, min({0, 1, 2} - taken), now=now)

    def delivery(self, message_id: str = "m1", *, body: str | None = None, count: int = 1) -> Delivery:
        return Delivery(
            message_id=message_id,
            receipt_handle="r",
            body=body or json.dumps({"version": 1, "generation_id": "g1"}),
            receive_count=count,
            queue=self.queue,
        )

    async def work(
        self,
        delivery: Delivery | None = None,
        *,
        seconds: float = 60,
        clock_ahead: timedelta = timedelta(),
    ) -> Disposition:
        until = asyncio.get_running_loop().time() + seconds
        dispatcher = self.dispatcher(clock_ahead=clock_ahead)
        return await dispatcher.handle(delivery or self.delivery(), until=until)

    def state(self) -> Generation:
        found = self.generations.find("g1", now=datetime.now(UTC))
        assert found is not None
        return found

    def stored(self) -> str:
        return self.generations.text(self.state())


def statuses(messages: list[dict[str, Any]]) -> list[str]:
    return [message["status"] for message in messages if message["type"] == "llm_status"]


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)
