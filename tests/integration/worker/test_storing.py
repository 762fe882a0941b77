"""What was shown stays readable and the end is recorded, whatever fails: worker, model, table or queue."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from mypy_boto3_dynamodb import DynamoDBClient

from functions.shared.generations.failures import Failure
from functions.shared.generations.model import Outcome, Status
from functions.worker.delivery import Disposition
from functions.worker.model import ModelFailed, Piece
from tests.integration.worker.worker_fixture import WorkerFixture, statuses
from tests.support.scripted_model import DONE, ScriptedModel, Step, finish

pytestmark = pytest.mark.virtual_time

WORDS = [f"word{number} 😀 " for number in range(50)]
SLOWLY: list[Step] = [step for word in WORDS for step in (word, 0.1)]
GOOD: list[Step] = ["Otters ", "hold.", finish(), DONE]
CUT = ModelFailed(Failure.INCOMPLETE, broke_off=True, worth_retrying=True)


class FaultyClient:
    """A client of DynamoDB whose calls fail: the first few whose request holds a word."""

    def __init__(self, client: DynamoDBClient, word: str, *failures: Exception) -> None:
        self.client, self.word, self.failures = client, word, list(failures)

    def __getattr__(self, name: str) -> Any:
        call = getattr(self.client, name)
        if name not in {"update_item", "put_item", "transact_write_items"}:
            return call

        def failing(**request: Any) -> Any:
            if self.failures and self.word in str(request):
                raise self.failures.pop(0)
            return call(**request)

        return failing


def bench_of(table: DynamoDBClient, *scripts: list[Step]) -> tuple[WorkerFixture, ScriptedModel]:
    model = ScriptedModel(list(scripts))
    bench = WorkerFixture(table, model)
    bench.open("a")
    bench.accept()
    return bench, model


def break_table(bench: WorkerFixture, word: str, *failures: Exception) -> None:
    client: Any = FaultyClient(bench.client, word, *failures)
    bench.break_table(client)


def outcome_of(bench: WorkerFixture) -> Outcome:
    outcome = bench.state().outcome
    assert outcome is not None
    return outcome


SAVING, RESTARTING, ENDING, ANNOUNCING = "TEXT#", ":next'", "new_text_length", "SET announced"
DOWN = EndpointConnectionError(endpoint_url="http://dynamodb")
REFUSED = ClientError({"Error": {"Code": "ValidationException", "Message": "canary"}}, "PutItem")


async def test_a_worker_that_runs_out_of_time_stores_what_was_shown(table: DynamoDBClient) -> None:
    bench, _ = bench_of(table, SLOWLY)

    disposition = await bench.work(seconds=2.55)

    assert disposition is Disposition.RETRY
    assert bench.stored() == "".join(WORDS[:26])
    assert bench.stored().startswith(bench.gateway.text("a", attempt=1))
    assert bench.state().attempt == 1


async def test_a_worker_that_fails_by_itself_stores_what_was_shown(table: DynamoDBClient) -> None:
    bench, _ = bench_of(table, SLOWLY)
    break_table(bench, SAVING, ZeroDivisionError())

    with pytest.raises(ZeroDivisionError):
        await bench.work()

    shown = bench.gateway.text("a", attempt=1)
    assert bench.stored().startswith(shown)
    assert "".join(WORDS).startswith(bench.stored())
    assert WORDS[0] in shown
    assert await bench.work(bench.delivery(count=2)) is Disposition.ACK


@pytest.mark.parametrize("error", [TypeError("canary"), KeyError("canary"), RecursionError()])
async def test_what_an_adapter_should_not_raise_ends_the_answer_with_its_text_after_one_call(
    table: DynamoDBClient, error: Exception
) -> None:
    bench, model = bench_of(table, ["Otters ", error])

    disposition = await bench.work()

    assert (disposition, len(model.called_at)) == (Disposition.ACK, 1)
    assert (outcome_of(bench).failure, bench.stored()) == (Failure.INTERNAL, "Otters ")
    assert bench.gateway.text("a") == "Otters "
    assert bench.gateway.delivered["a"][-2]["code"] == "internal"


async def test_an_end_that_the_table_will_never_take_is_a_failure_at_once(table: DynamoDBClient) -> None:
    unstorable: Any = {"type": "stop"}
    bench, model = bench_of(table, ["Otters.", Piece(finish_reason=unstorable), DONE])

    disposition = await bench.work()

    assert (disposition, len(model.called_at)) == (Disposition.ACK, 1)
    assert outcome_of(bench) == Outcome(status=Status.FAILED, length=len("Otters."), failure=Failure.INTERNAL)
    assert bench.stored() == "Otters."
    assert asyncio.get_running_loop().time() < 1


async def test_text_that_the_table_will_never_take_is_a_failure_at_once(table: DynamoDBClient) -> None:
    bench, model = bench_of(table, SLOWLY)
    break_table(bench, SAVING, *[REFUSED] * 99)

    disposition = await bench.work()

    assert (disposition, len(model.called_at)) == (Disposition.ACK, 1)
    assert (outcome_of(bench).failure, outcome_of(bench).length) == (Failure.INTERNAL, 0)
    assert statuses(bench.gateway.delivered["a"])[-1] == "failed"
    assert asyncio.get_running_loop().time() < 3


@pytest.mark.parametrize("what", [SAVING, ENDING, ANNOUNCING], ids=["text", "end", "announcement"])
@pytest.mark.fault(67)
async def test_an_outage_of_the_table_at_the_end_is_waited_for(table: DynamoDBClient, what: str) -> None:
    bench, model = bench_of(table, GOOD)
    break_table(bench, what, DOWN, DOWN)

    disposition = await bench.work()

    assert (disposition, len(model.called_at)) == (Disposition.ACK, 1)
    assert (outcome_of(bench).status, bench.stored()) == (Status.COMPLETED, "Otters hold.")
    assert bench.state().announced


@pytest.mark.fault(67)
async def test_an_outage_of_the_table_between_two_attempts_is_waited_for(table: DynamoDBClient) -> None:
    bench, model = bench_of(table, ["Seals ", CUT], GOOD)
    break_table(bench, RESTARTING, DOWN, DOWN)

    disposition = await bench.work()

    assert (disposition, len(model.called_at)) == (Disposition.ACK, 2)
    assert (bench.state().attempt, bench.stored()) == (2, "Otters hold.")


@pytest.mark.fault(66)
async def test_a_queue_that_cannot_be_reached_costs_no_answer_and_no_delivery(table: DynamoDBClient) -> None:
    bench, _ = bench_of(table, SLOWLY)
    bench.queue.failures = 1000
    working = asyncio.create_task(bench.work())
    await asyncio.sleep(1.5)

    second = await bench.work(bench.delivery("m2"))

    assert second is Disposition.RETRY
    assert await working is Disposition.ACK
