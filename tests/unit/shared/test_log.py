"""Logs of modules that know no Powertools: they come out as its JSON all the same."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from io import StringIO

import pytest

from functions.shared.log import ROOT, Log
from functions.shared.powertools_log import powertools_logger
from tests.support.events import Context

log = Log("functions.somewhere.module")


@pytest.fixture
def written(request: pytest.FixtureRequest) -> Iterator[StringIO]:
    root = logging.getLogger(ROOT)
    handlers, level, propagate = list(root.handlers), root.level, root.propagate
    stream = StringIO()
    name = request.node.name  # Powertools makes one logger for each service.
    powertools_logger(service=name, stream=stream, level="INFO").append_keys(request="r1")
    yield stream
    root.handlers, root.propagate = handlers, propagate
    root.setLevel(level)


def test_a_modules_facts_are_keys_beside_those_of_the_invocation(written: StringIO) -> None:
    log.warning("heartbeat failed", reason="throttled", attempt=2)

    line = json.loads(written.getvalue())
    assert (line["level"], line["message"]) == ("WARNING", "heartbeat failed")
    assert (line["reason"], line["attempt"], line["request"]) == ("throttled", 2, "r1")


def test_a_line_names_the_place_that_wrote_it(written: StringIO) -> None:
    log.info("completed")

    line = json.loads(written.getvalue())
    assert line["location"].startswith("test_a_line_names_the_place_that_wrote_it:")


def test_an_exception_comes_with_its_trace(written: StringIO) -> None:
    try:
        int("no number")
    except ValueError:
        log.exception("the end was refused", generation_id="g1")

    line = json.loads(written.getvalue())
    assert (line["level"], line["exception_name"], line["generation_id"]) == (
        "ERROR",
        "ValueError",
        "g1",
    )


def test_lambdas_own_handler_does_not_say_it_again(written: StringIO) -> None:
    twice = StringIO()
    lambdas_own = logging.StreamHandler(twice)
    logging.getLogger().addHandler(lambdas_own)

    log.warning("once")

    logging.getLogger().removeHandler(lambdas_own)
    assert len(written.getvalue().splitlines()) == 1
    assert twice.getvalue() == ""


def test_a_line_holds_the_invocations_id_and_nothing_that_its_log_group_says(
    request: pytest.FixtureRequest,
) -> None:
    stream = StringIO()
    logger = powertools_logger(service=request.node.name, stream=stream, level="INFO")

    @logger.inject_lambda_context
    def handler(_event: dict[str, object], _context: Context) -> None:
        logger.info("connected", reason="r")

    handler({}, Context())

    line = json.loads(stream.getvalue())
    assert line["function_request_id"] == "request-1"
    assert line["reason"] == "r"
    assert not {"function_name", "function_arn", "function_memory_size"} & set(line)
