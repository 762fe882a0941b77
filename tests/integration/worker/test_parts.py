"""The parts of an answer in the real table: stored as they grow, read again as they were."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from mypy_boto3_dynamodb import DynamoDBClient

from functions.shared.dynamodb import generation_key
from functions.shared.generations.part_store import LARGEST_ITEM, PartStore
from functions.shared.generations.parts import StoredPart
from functions.shared.generations.reader import GenerationReader
from functions.worker.delivery import Disposition
from functions.worker.model import Extra, Piece
from tests.integration.worker.worker_fixture import WorkerFixture
from tests.support.environment import TABLE_NAME
from tests.support.scripted_model import DONE, ScriptedModel, Step, finish
from tests.unit.worker.builders import generation

OTTER = Extra("source", '{"url":"https://o.example"}')
WHOLE: list[Step] = [
    Piece(reasoning="Hm 😀"),
    0.8,
    "Otters",
    Piece(extras=(OTTER,)),
    " hold.",
    finish(),
    DONE,
]


def reasoning(text: str | None, *, index: int = 0, offset: int = 0) -> StoredPart:
    return StoredPart(index=index, kind="reasoning", text_offset=0, offset=offset, text=text)


@pytest.mark.virtual_time
async def test_an_answer_with_parts_is_stored_with_all_of_them(table: DynamoDBClient) -> None:
    bench = WorkerFixture(table, ScriptedModel([WHOLE]))
    bench.open("a")
    bench.accept()

    assert await bench.work() is Disposition.ACK

    parts = [
        (part.index, part.kind, part.text_offset, part.text)
        for part in bench.generations.parts(bench.state())
    ]
    assert parts == [(0, "reasoning", 0, "Hm 😀"), (2, "source", 6, OTTER.text)]
    assert bench.generations.text(bench.state()) == "Otters hold."
    outcome = bench.state().outcome
    assert outcome is not None
    assert outcome.has_parts


def test_reasoning_larger_than_an_item_is_read_again_as_it_was(table: DynamoDBClient) -> None:
    stored, text = generation(), "ab😀" * LARGEST_ITEM

    PartStore(table, TABLE_NAME).save(stored, 1, [reasoning(text)])

    [part] = GenerationReader(table, TABLE_NAME).parts(stored)
    assert part.text == text


def test_what_is_stored_again_with_more_takes_the_place_of_what_was_there(table: DynamoDBClient) -> None:
    store, stored = PartStore(table, TABLE_NAME), generation()
    first = "x" * (LARGEST_ITEM + 10)

    store.save(stored, 1, [reasoning(first)])
    store.save(stored, 1, [reasoning(first + "y"), reasoning("z", index=2)])
    store.save(stored, 1, [reasoning("w", index=2, offset=1)])

    parts = GenerationReader(table, TABLE_NAME).parts(stored)
    assert [(part.index, part.text) for part in parts] == [(0, first + "y"), (2, "zw")]


def test_many_small_parts_are_one_item(table: DynamoDBClient) -> None:
    stored = generation()

    PartStore(table, TABLE_NAME).save(
        stored, 1, [reasoning(str(number), index=number) for number in range(200)]
    )

    pk = generation_key(stored.generation_id)["pk"]
    query = {"KeyConditionExpression": "pk = :pk", "ExpressionAttributeValues": {":pk": pk}}
    assert table.query(TableName=TABLE_NAME, **query)["Count"] == 1  # type: ignore[arg-type]
    assert len(GenerationReader(table, TABLE_NAME).parts(stored)) == 200


def test_each_attempt_has_parts_of_its_own(table: DynamoDBClient) -> None:
    store, stored = PartStore(table, TABLE_NAME), generation(attempt=2)

    store.save(stored, 1, [reasoning("one")])
    store.save(stored, 2, [reasoning(None)])

    reader = GenerationReader(table, TABLE_NAME)
    assert reader.parts(stored) == [reasoning(None)]
    assert reader.parts(replace(stored, attempt=1)) == [reasoning("one")]


def test_parts_of_an_earlier_life_of_the_same_key_are_not_read(table: DynamoDBClient) -> None:
    now = datetime.now(UTC)
    earlier = generation(created_at=now - timedelta(days=9), expires_at=now - timedelta(days=2))

    PartStore(table, TABLE_NAME).save(earlier, 1, [reasoning("old")])

    assert GenerationReader(table, TABLE_NAME).parts(generation()) == []
