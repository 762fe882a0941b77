"""The worker, from a message of the queue to the end of an answer, whatever happens on the way."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from mypy_boto3_dynamodb import DynamoDBClient

from functions.generate.dynamodb import Submissions
from functions.shared.connections import Connection
from functions.shared.dynamodb_connections import DynamoDBConnections
from functions.shared.dynamodb_generations import DynamoDBGenerations
from functions.shared.failures import Failure
from functions.shared.generations import Generation, Outcome, Status
from functions.worker.delivery import Delivery, Verdict
from functions.worker.dynamodb import Ledger
from functions.worker.maker import Maker
from functions.worker.model import OpenAIModel
from functions.worker.work import UnknownGeneration, Worker
from functions.worker.writer import Writer
from tests.integration.worker.conftest import TABLE, Server
from tests.unit.worker.builders import generation
from tests.unit.worker.test_audience import Gateway

DELTAS = [f"word{number} 😀 " for number in range(40)]
TEXT = "".join(DELTAS)


@dataclass
class Bench:
    """A worker with a real table, a real model server and a gateway that a test can read."""

    client: DynamoDBClient
    model: OpenAIModel
    gateway: Gateway = field(default_factory=Gateway)
    hidden: list[timedelta] = field(default_factory=list)
    lease: timedelta = timedelta(seconds=30)
    generation_timeout: timedelta = timedelta(seconds=20)

    def __post_init__(self) -> None:
        self.generations = DynamoDBGenerations(self.client, TABLE)
        self.connections = DynamoDBConnections(self.client, TABLE)
        self.submissions = Submissions(self.client, TABLE)
        self.ledger = Ledger(self.client, TABLE)

    def worker(self) -> Worker:
        maker = Maker(
            ledger=self.ledger,
            prompts=self.generations,
            registry=self.connections,
            posts=self.gateway,
            writer=Writer(
                model=self.model,
                first_token_timeout=timedelta(seconds=2),
                stall_timeout=timedelta(seconds=1),
                longest=100_000,
            ),
            lease=self.lease,
            max_attempts=3,
            generation_timeout=self.generation_timeout,
            frame_interval=timedelta(milliseconds=20),
        )
        return Worker(
            ledger=self.ledger, texts=self.generations, maker=maker, lease=self.lease, max_attempts=3
        )

    def accept(self, *faults: dict[str, Any] | None, rate: float = 0, **changes: Any) -> Generation:
        prompt = json.dumps({"key": "k", "deltas": DELTAS, "rate": rate, "faults": list(faults)})
        accepted = generation(status=Status.QUEUED, attempt=0, **changes)
        return self.submissions.put(accepted, prompt, now=datetime.now(UTC))

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
            hide_message=lambda _handle, duration: self.hidden.append(duration),
        )

    async def work(self, delivery: Delivery | None = None, *, seconds: float = 60) -> Verdict:
        until = asyncio.get_running_loop().time() + seconds
        return await self.worker().work(delivery or self.delivery(), until=until)

    def state(self) -> Generation:
        found = self.generations.find("g1", now=datetime.now(UTC))
        assert found is not None
        return found

    def stored(self) -> str:
        return self.generations.text(self.state())


@pytest.fixture
def bench(table: DynamoDBClient, openai_model: OpenAIModel) -> Bench:
    return Bench(table, openai_model)


def statuses(messages: list[dict[str, Any]]) -> list[str]:
    return [message["status"] for message in messages if message["type"] == "llm_status"]


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)


@pytest.mark.fault(78)
async def test_an_answer_reaches_every_socket_of_its_user_and_nobody_elses(bench: Bench) -> None:
    bench.open("a")
    bench.open("b")
    bench.open("x", user_id="eve")
    bench.accept(rate=200)

    verdict = await bench.work()

    assert verdict is Verdict.DONE
    assert bench.gateway.text("a") == bench.gateway.text("b") == bench.stored() == TEXT
    assert "x" not in bench.gateway.tried
    assert statuses(bench.gateway.delivered["a"]) == [
        "started", "processing", "thinking", "streaming", "completed",
    ]  # fmt: skip
    outcome = bench.state().outcome
    assert outcome is not None
    assert (outcome.status, outcome.finish_reason, outcome.length) == (Status.COMPLETED, "stop", len(TEXT))


@pytest.mark.fault(54)
async def test_without_a_listener_the_answer_is_finished_and_kept(bench: Bench) -> None:
    bench.accept()

    await bench.work()

    assert (bench.state().status, bench.stored()) == (Status.COMPLETED, TEXT)


async def test_the_message_is_hidden_until_just_after_the_lease(bench: Bench) -> None:
    bench.accept()

    await bench.work()

    assert timedelta(seconds=29) < bench.hidden[0] <= timedelta(seconds=31)


@pytest.mark.fault(59)
async def test_a_hundred_deliveries_at_once_make_one_call(bench: Bench, server: Server) -> None:
    bench.open("a")
    bench.accept(rate=200)

    verdicts = await asyncio.gather(*(bench.work(bench.delivery(f"m{n}")) for n in range(100)))

    assert Verdict.DONE in verdicts
    assert len(server.model.calls) == 1
    assert bench.gateway.text("a") == TEXT
    assert statuses(bench.gateway.delivered["a"]).count("completed") == 1


async def test_a_second_delivery_of_the_same_message_waits_for_the_lease(bench: Bench) -> None:
    bench.accept(rate=100)
    first = asyncio.create_task(bench.work())
    await until(lambda: bench.state().status is Status.PROCESSING)
    bench.hidden.clear()

    verdict = await bench.work()

    assert verdict is Verdict.AGAIN
    assert timedelta(seconds=25) < bench.hidden[0] <= timedelta(seconds=31)
    assert await first is Verdict.DONE


async def test_a_delivery_after_the_end_says_and_calls_nothing(bench: Bench, server: Server) -> None:
    bench.open("a")
    bench.accept()
    await bench.work()
    told = len(bench.gateway.delivered["a"])

    verdict = await bench.work(bench.delivery(count=2))

    assert verdict is Verdict.DONE
    assert len(server.model.calls) == 1
    assert len(bench.gateway.delivered["a"]) == told


async def test_when_a_worker_dies_the_next_attempt_begins_after_the_lease(bench: Bench) -> None:
    bench.lease = timedelta(seconds=1.5)
    bench.open("a")
    bench.accept(rate=20)
    dying = asyncio.create_task(bench.work())
    await until(lambda: "streaming" in statuses(bench.gateway.delivered.get("a", [])))
    await kill(dying)
    await asyncio.sleep(bench.lease.total_seconds())
    bench.gateway.delivered.clear()

    verdict = await bench.work(bench.delivery(count=2))

    assert verdict is Verdict.DONE
    assert bench.state().attempt == 2
    assert bench.gateway.text("a") == bench.stored() == TEXT
    assert {message["attempt"] for message in bench.gateway.delivered["a"]} == {2}


async def kill(task: asyncio.Task[Verdict]) -> None:
    """End a worker as SIGKILL would, but for what its threads have begun."""
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.fault(62)
async def test_a_worker_that_lost_its_generation_writes_and_says_nothing_more(bench: Bench) -> None:
    bench.open("a")
    bench.accept(rate=10)
    frozen = asyncio.create_task(bench.work())
    await until(lambda: "streaming" in statuses(bench.gateway.delivered.get("a", [])))
    claim = bench.ledger.claim(
        "g1",
        owner="other",
        message_id="m1",
        lease_until=datetime.now(UTC) + timedelta(seconds=60),
        max_attempts=3,
        now=datetime.now(UTC) + timedelta(seconds=40),
    )

    verdict = await frozen

    assert claim is not None
    assert claim.is_ours
    assert verdict is Verdict.AGAIN
    assert (bench.state().status, bench.state().owner) == (Status.PROCESSING, "other")


@pytest.mark.fault(67)
async def test_a_claim_whose_reply_was_lost_is_recognised(bench: Bench) -> None:
    bench.accept()
    names = {"owner": "w1", "message_id": "m1", "max_attempts": 3, "now": datetime.now(UTC)}
    lease = datetime.now(UTC) + timedelta(seconds=30)
    bench.ledger.claim("g1", lease_until=lease, **names)  # type: ignore[arg-type]

    again = bench.ledger.claim("g1", lease_until=lease, **names)  # type: ignore[arg-type]

    assert again is not None
    assert (again.is_ours, again.generation.attempt) == (True, 1)


@pytest.mark.parametrize("kind", ["cut", "end", "malformed", "error_object", "stall"])
@pytest.mark.fault(86)
async def test_a_stream_that_breaks_off_begins_again_as_the_next_attempt(bench: Bench, kind: str) -> None:
    bench.open("a")
    bench.accept({"kind": kind, "after": 10}, rate=200)

    await bench.work()

    last = [m for m in bench.gateway.delivered["a"] if m["attempt"] == 2]
    deltas = [m["frame"]["delta"] for m in last if "delta" in m.get("frame", {})]
    assert "".join(deltas) == bench.stored() == TEXT
    assert bench.state().status is Status.COMPLETED


@pytest.mark.fault(65)
async def test_a_model_that_always_breaks_off_fails_after_the_last_attempt(
    bench: Bench, server: Server
) -> None:
    bench.open("a")
    bench.accept(*[{"kind": "end", "after": 3}] * 5)

    verdict = await bench.work()

    assert verdict is Verdict.DONE
    assert len(server.model.calls) == 3
    outcome = bench.state().outcome
    assert outcome is not None
    assert outcome.failure is Failure.INCOMPLETE
    assert bench.gateway.delivered["a"][-2]["code"] == "llm_incomplete"
    assert statuses(bench.gateway.delivered["a"])[-1] == "failed"


@pytest.mark.fault(89)
async def test_the_user_hears_nothing_of_what_the_provider_said(bench: Bench) -> None:
    bench.open("a")
    bench.accept({"kind": "status", "code": 400})

    await bench.work()

    assert bench.gateway.delivered["a"][-2]["code"] == "llm_rejected"
    assert "canary" not in json.dumps(bench.gateway.delivered)


@pytest.mark.fault(68)
async def test_cancelling_stops_the_model_within_two_seconds_and_keeps_the_text(
    bench: Bench, server: Server
) -> None:
    bench.open("a")
    bench.accept(rate=10)
    working = asyncio.create_task(bench.work())
    await until(lambda: "streaming" in statuses(bench.gateway.delivered.get("a", [])))

    asked = datetime.now(UTC)
    bench.submissions.ask_to_cancel("g1")
    await working

    assert server.model.calls[0].aborted
    assert server.model.calls[0].ended is not None
    assert server.model.calls[0].ended - asked.timestamp() < 2
    assert bench.state().status is Status.CANCELLED
    assert bench.stored() == bench.gateway.text("a") == TEXT[: len(bench.stored())] != ""
    assert statuses(bench.gateway.delivered["a"])[-1] == "cancelled"


@pytest.mark.fault(68)
async def test_cancelling_before_the_start_calls_no_model_and_is_told(bench: Bench, server: Server) -> None:
    bench.open("a")
    bench.accept()
    assert bench.submissions.cancel_queued("g1")

    verdict = await bench.work()

    assert verdict is Verdict.DONE
    assert server.model.calls == []
    assert statuses(bench.gateway.delivered["a"]) == ["cancelled"]


@pytest.mark.fault(58)
async def test_work_that_is_too_old_is_not_sent_to_the_model(bench: Bench, server: Server) -> None:
    bench.open("a")
    bench.accept(start_by=datetime.now(UTC) - timedelta(seconds=1))

    await bench.work()

    assert server.model.calls == []
    assert bench.gateway.delivered["a"][0]["code"] == "expired"


async def test_when_all_attempts_have_died_the_user_is_told(bench: Bench, server: Server) -> None:
    bench.open("a")
    accepted = bench.accept()
    past = datetime.now(UTC) - timedelta(minutes=5)
    for number in range(3):
        now = past + timedelta(minutes=number)
        claim = bench.ledger.claim(
            "g1", owner=f"w{number}", message_id="m1", lease_until=now, max_attempts=3, now=now
        )
        assert claim is not None
        assert claim.is_ours
    bench.ledger.save(accepted, 3, 0, "what there is")

    verdict = await bench.work(bench.delivery(count=4))

    assert verdict is Verdict.DONE
    assert server.model.calls == []
    assert bench.gateway.delivered["a"][-2]["code"] == "worker_lost"
    assert bench.stored() == "what there is"


@pytest.mark.fault(61)
async def test_an_end_that_nobody_told_is_told_by_the_next_delivery(bench: Bench, server: Server) -> None:
    accepted = bench.accept()
    past = datetime.now(UTC) - timedelta(minutes=5)
    claim = bench.ledger.claim("g1", owner="w1", message_id="m1", lease_until=past, max_attempts=3, now=past)
    assert claim is not None
    bench.ledger.save(accepted, 1, 0, TEXT)

    bench.ledger.finish(
        claim.generation, 1, Outcome(status=Status.COMPLETED, length=len(TEXT), finish_reason="stop")
    )
    bench.open("a")

    await bench.work(bench.delivery(count=2))

    assert server.model.calls == []
    assert bench.gateway.text("a") == TEXT
    assert statuses(bench.gateway.delivered["a"]) == ["streaming", "completed"]


@pytest.mark.fault(63)
async def test_a_worker_without_time_left_lets_the_next_one_begin_at_once(bench: Bench) -> None:
    bench.open("a")
    bench.accept(rate=10)

    verdict = await bench.work(seconds=0.5)
    hidden = bench.hidden[-1]
    again = await bench.work(bench.delivery(count=2), seconds=30)

    assert (verdict, again) == (Verdict.AGAIN, Verdict.DONE)
    assert hidden <= timedelta(seconds=1)
    assert (bench.state().attempt, bench.stored()) == (2, TEXT)


@pytest.mark.fault(82)
async def test_an_answer_that_takes_longer_than_allowed_fails_with_its_text_kept(bench: Bench) -> None:
    bench.generation_timeout = timedelta(seconds=1)
    bench.accept(rate=10)

    await bench.work()

    outcome = bench.state().outcome
    assert outcome is not None
    assert outcome.failure is Failure.TIMEOUT
    assert bench.stored() == TEXT[: outcome.length] != ""


@pytest.mark.fault(71)
async def test_a_socket_that_opens_in_the_middle_gets_everything(bench: Bench) -> None:
    bench.accept(rate=15)
    working = asyncio.create_task(bench.work())
    await asyncio.sleep(1)

    bench.open("late")
    await asyncio.sleep(1.5)
    so_far = bench.gateway.text("late")
    await working

    assert so_far.startswith(TEXT[:50])
    assert bench.gateway.text("late") == TEXT


@pytest.mark.parametrize(
    "body", ["", "not json", "[]", '{"version": 2, "generation_id": "g1"}', '{"version": 1}']
)
async def test_a_message_that_is_none_of_ours_is_refused(bench: Bench, body: str) -> None:
    with pytest.raises(ValueError, match=r"Expecting|version|generation"):
        await bench.work(bench.delivery(body=body or " "))


async def test_a_message_about_a_generation_that_is_not_there_is_refused(bench: Bench) -> None:
    with pytest.raises(UnknownGeneration):
        await bench.work()


async def test_a_lease_that_ends_while_the_table_answers_costs_no_attempts(bench: Bench) -> None:
    bench.accept()
    soon = datetime.now(UTC) + timedelta(seconds=0.3)
    claimed = bench.ledger.claim(
        "g1", owner="w1", message_id="m1", lease_until=soon, max_attempts=3, now=datetime.now(UTC)
    )
    assert claimed is not None
    await asyncio.sleep(0.4)

    verdict = await bench.worker()._look_after(claimed.generation, bench.delivery(count=2))

    assert verdict is Verdict.AGAIN
    assert bench.state().status is Status.PROCESSING


async def test_another_message_of_a_generation_that_is_being_made_is_kept_until_its_end(bench: Bench) -> None:
    bench.accept(rate=100)
    first = asyncio.create_task(bench.work())
    await until(lambda: bench.state().status is Status.PROCESSING)
    bench.hidden.clear()

    early = await bench.work(bench.delivery("m2"))
    hidden = bench.hidden[0]
    await first
    late = await bench.work(bench.delivery("m2", count=2))

    assert (early, late) == (Verdict.AGAIN, Verdict.DONE)
    assert hidden > bench.generation_timeout


async def test_an_end_that_was_told_after_the_lease_is_told_again(bench: Bench) -> None:
    bench.open("a")
    bench.accept()
    bench.lease = timedelta(seconds=0)

    verdict = await bench.work()

    assert verdict is Verdict.AGAIN
    assert not bench.state().announced


async def test_an_end_is_told_although_the_connections_could_not_be_read_at_first(
    bench: Bench,
) -> None:
    bench.open("a")
    bench.accept()
    failures = 3
    readable = bench.connections

    class Unreadable:
        """The registry, whose list cannot be read a few times."""

        def of_user(self, user_id: str, *, now: datetime) -> list[Connection]:
            nonlocal failures
            failures -= 1
            if failures >= 0:
                raise EndpointConnectionError(endpoint_url="http://dynamodb")
            return readable.of_user(user_id, now=now)

        def release(self, connection_id: str) -> bool:
            return readable.release(connection_id)

    bench.connections = Unreadable()  # type: ignore[assignment]

    verdict = await bench.work()

    assert verdict is Verdict.DONE
    assert failures < 0
    assert bench.gateway.text("a") == TEXT
    assert statuses(bench.gateway.delivered["a"])[-1] == "completed"
