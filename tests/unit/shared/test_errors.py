"""Every refusal has a status, a code of the wire contract and one sentence; only that is shown."""

from __future__ import annotations

import json
from http import HTTPStatus

import pytest

from functions.shared.errors import Refused, Unavailable
from functions.shared.generations.failures import Failure
from functions.shared.wire import system
from functions.shared.wire.encoding import encode
from tests.support.builders import NOON

CONTRACT = {4000: 400, 4001: 401, 4003: 403, 4429: 429, 1013: 503}
FAILURES = {
    "llm_rate_limited",
    "llm_unavailable",
    "llm_timeout",
    "llm_rejected",
    "llm_incomplete",
    "content_filtered",
    "context_too_long",
    "invalid_output",
    "budget_exceeded",
    "expired",
    "worker_lost",
    "internal",
}


def test_the_refusals_are_those_of_the_contract() -> None:
    assert {refused.code: refused.status.value for refused in Refused.__subclasses__()} == CONTRACT


@pytest.mark.parametrize("refused", Refused.__subclasses__())
def test_every_refusal_has_a_sentence_and_keeps_its_reason_for_the_log(refused: type[Refused]) -> None:
    error = refused("canary_reason")

    assert isinstance(error.status, HTTPStatus)
    assert str(error) == refused.sentence
    assert refused.sentence.endswith(".")
    assert error.reason == "canary_reason"
    assert b"canary" not in encode(system.rejection(error, now=NOON))


def test_a_rejection_has_the_form_of_the_contract() -> None:
    assert json.loads(encode(system.rejection(Unavailable("x"), now=NOON))) == {
        "type": "system",
        "status": "rejected",
        "code": 1013,
        "message": "The service is not available right now. Please try again later.",
        "timestamp": "2026-11-22T12:00:00.000Z",
    }


def test_messages_are_compact_utf_8() -> None:
    assert encode({"a": "水", "b": [1, 2]}) == '{"a":"水","b":[1,2]}'.encode()


def test_the_failures_are_those_of_the_contract() -> None:
    assert {failure.code for failure in Failure} == FAILURES
    assert len({failure.sentence for failure in Failure}) == len(FAILURES)


@pytest.mark.parametrize("failure", Failure)
def test_a_failure_is_found_by_its_code(failure: Failure) -> None:
    assert Failure.of(failure.code) is failure


def test_an_unknown_failure_is_an_internal_one() -> None:
    assert Failure.of("what a later version may write") is Failure.INTERNAL
