"""The timeline of one generation, told for people, and what it is made of."""

from __future__ import annotations

import ast
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from functions.shared.generations.model import Outcome, Status
from tests.support.builders import NOON, generation
from tools.generation.logs import FunctionLogs, Line
from tools.generation.story import SENTENCES, timeline

FUNCTIONS = Path(__file__).parents[3] / "functions"


def line(seconds: float, message: str, **facts: Any) -> Line:
    return Line(NOON + timedelta(seconds=seconds), {"message": message, "service": "worker", **facts})


def test_record_and_lines_are_one_story_in_order_of_time() -> None:
    told = [line(3, "first text", attempt=1), line(1, "claimed", attempt=1, waited=1.0)]

    events = timeline(generation(status=Status.PROCESSING, lease_until=NOON + timedelta(seconds=30)), told)

    assert [event.what for event in events] == [
        "accepted and queued for gpt-test",
        "claimed by a worker as attempt 1, 1.0 s after it was accepted",
        "the first text (attempt 1)",
        "the lease of its worker ends, unless it is renewed",
        "prompt, answer and record are deleted",
    ]


def test_an_ended_generation_has_no_lease_to_come() -> None:
    ended = generation(
        status=Status.CANCELLED,
        lease_until=NOON,
        outcome=Outcome(status=Status.CANCELLED, length=0),
    )

    assert len(timeline(ended, [])) == 2


def test_without_a_record_the_lines_tell_what_they_know() -> None:
    [event] = timeline(None, [line(0, "lost", reason="Fenced")])

    assert event.what == "the worker stops, the generation is no longer its own: Fenced"


@pytest.mark.parametrize(
    ("facts", "what"),
    [
        ({"status": 202}, "POST /api/chat/x was answered with 202"),
        ({"status": 503, "reason": "being_queued"}, "POST /api/chat/x was answered with 503: being_queued"),
    ],
)
def test_a_request_is_told_with_its_answer(facts: dict[str, Any], what: str) -> None:
    message = "refused" if "reason" in facts else "answered"

    [event] = timeline(None, [line(0, message, method="POST", path="/api/chat/x", **facts)])

    assert event.what == what


def test_a_line_of_another_release_is_shown_with_its_facts() -> None:
    [event] = timeline(None, [line(0, "something new", reason="r", trace_id="t", function_request_id="f")])

    assert event.what == "something new (reason r)"


def test_a_fact_that_is_missing_leaves_a_question() -> None:
    [event] = timeline(None, [line(0, "claimed")])

    assert event.what == "claimed by a worker as attempt ?, ? s after it was accepted"


def test_every_sentence_is_of_a_line_that_the_functions_log() -> None:
    source = "\n".join(path.read_text() for path in FUNCTIONS.rglob("*.py"))
    texts = {
        node.value
        for node in ast.walk(ast.parse(source.replace("from __future__ import annotations", "")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }

    assert SENTENCES.keys() <= texts


def test_logs_are_searched_page_by_page_and_told_by_their_own_time() -> None:
    client = boto3.client("logs", region_name="us-east-1", aws_access_key_id="k", aws_secret_access_key="s")
    late = '{"message":"claimed","timestamp":"2026-11-22 12:00:02,500+0000","service":"worker"}'
    early = '{"message":"answered","timestamp":"2026-11-22 12:00:01,250+0000","service":"generate"}'
    window = {"filterPattern": '"0a"', "startTime": 1795348800000, "endTime": 1795348860000}
    with Stubber(client) as stubber:
        noise = [{"message": text, "timestamp": 1} for text in ("START RequestId: 0a", '{"_aws":{}}', "[]")]
        first = {"events": [{"message": late, "timestamp": 9}, *noise], "nextToken": "more"}
        stubber.add_response("filter_log_events", first, {"logGroupName": "a", **window})
        stubber.add_response(
            "filter_log_events", {"events": []}, {"logGroupName": "a", **window, "nextToken": "more"}
        )
        second = {"events": [{"message": early, "timestamp": 9}]}
        stubber.add_response("filter_log_events", second, {"logGroupName": "b", **window})

        logs = FunctionLogs(client, ("a", "b"))
        lines = logs.about("0a", since=NOON, until=NOON + timedelta(minutes=1))

    assert [each.message for each in lines] == ["answered", "claimed"]
    assert lines[0].at == NOON + timedelta(seconds=1.25)
