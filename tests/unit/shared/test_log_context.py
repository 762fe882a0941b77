"""Facts of one piece of work: in each of its lines, and in no line of another."""

from __future__ import annotations

import asyncio
import json
from io import StringIO

from aws_lambda_powertools import Logger

from functions.shared.log import Log
from functions.shared.log_context import about, current, note
from functions.shared.powertools_log import powertools_logger

log = Log("functions.anything")


def test_facts_hold_within_and_are_joined_from_the_outside_in() -> None:
    with about(request_id="r1"):
        with about(connection_id="c1"):
            note(user_id="ada")
            assert current() == {"request_id": "r1", "connection_id": "c1", "user_id": "ada"}
        assert current() == {"request_id": "r1"}

    assert current() == {}


def test_what_is_not_known_is_no_fact() -> None:
    with about(request_id=None, trace_id="", attempt=0):
        assert current() == {"attempt": 0}


def test_a_note_outside_of_any_work_is_forgotten() -> None:
    note(generation_id="g1")

    assert current() == {}


async def test_tasks_and_threads_inherit_what_was_known_and_do_not_mix() -> None:
    async def work(generation_id: str) -> tuple[object, object]:
        with about(message_id=generation_id):
            note(generation_id=generation_id)
            await asyncio.sleep(0)
            in_thread = await asyncio.to_thread(lambda: current()["generation_id"])
            return in_thread, await asyncio.create_task(in_a_task())

    async def in_a_task() -> object:
        return current()["generation_id"]

    seen = await asyncio.gather(work("g1"), work("g2"))

    assert [list(names) for names in seen] == [["g1", "g1"], ["g2", "g2"]]


def test_every_line_has_them_and_what_a_line_says_itself_counts() -> None:
    logger = powertools_logger()
    before = Logger().registered_handler.setStream(lines := StringIO())  # type: ignore[attr-defined]
    try:
        with about(generation_id="g1", attempt=1):
            log.warning("lost", attempt=2)
            logger.info("answered")
        log.info("idle")
    finally:
        Logger().registered_handler.setStream(before)  # type: ignore[attr-defined]

    lost, answered, idle = map(json.loads, lines.getvalue().splitlines())
    assert (lost["generation_id"], lost["attempt"]) == ("g1", 2)
    assert (answered["generation_id"], answered["attempt"]) == ("g1", 1)
    assert "generation_id" not in idle
