"""The bill: some cells calculated by hand, and each constant compared with the code that it is about."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from framestream.websocket_messages import SocketOptions
from functions.shared.generations.model import Outcome, Status
from functions.shared.metrics import parts, totals
from functions.shared.secret import Secret
from functions.worker import fanout, heartbeat
from functions.worker.answer_text import AnswerText as Text
from functions.worker.cursor import Cursor
from functions.worker.message_sequence import MessageSequence
from functions.worker.status_messages import OPENING, question_messages
from infra.alarm_table import ALARMS
from tests.support.builders import NOON, generation
from tools import marked
from tools.capacity import limits as capacity
from tools.costs import answer_usage, month, usage
from tools.costs.answer_usage import Answer
from tools.costs.bill import dollars, times, together
from tools.costs.blocks import blocks
from tools.costs.prices import PRICES, Item

EXAMPLE = Answer(
    tokens=500,
    tokens_per_second=80,
    first_token_seconds=0.5,
    first_frame_interval_ms=100,
    frame_interval_ms=100,
    memory_mb=512,
    per_worker=1,
)
MILLION = 1e6


def parts_of(answer: Answer) -> dict[str, float]:
    """Each part of a million answers, in US dollars with cents."""
    return {
        name: round(MILLION * dollars(part), 2) for name, part in answer_usage.answer_parts(answer).items()
    }


def test_an_answer_costs_what_it_does_by_hand() -> None:
    # 500 tokens at 80/s are 6.25 s of text; with the first token's 0.5 s, the worker reads for 6.75 s.
    assert parts_of(EXAMPLE) == {
        # 6.25 s / 100 ms = 62.5, so 63 frames and 8 others: 71 messages at $1.00 a million.
        "WebSocket messages": 71.00,
        # 6.9 s of 0.5 GB are 3.45 GB-s at $13.3334 a million: 46.00; and 0.20 for the invocation.
        "worker": 46.20,
        # 22 + 6.75 + 6.75 / 10 = 29.425 writes at 0.625: 18.39.
        # 8 + 2 · 6.75 - 6.75 / 10 = 20.825 reads at 0.125: 2.60.
        "DynamoDB": 20.99,
        # 4 + 6.75 / 10 + (6.75 + 1) / 1 = 12.425 requests at 0.40.
        "SQS": 4.97,
        # 1.00 for the request, 0.20 for the invocation, 0.03 s · 0.5 GB · 13.3334 = 0.20.
        "HTTP call with its function": 1.40,
        # 0.20 + 0.20 for the invocation, 0.125 for the look, 2 · 0.40 for the requests.
        "reminder, which finds nothing to do": 1.33,
        # 5,860 B and 940 B of metrics are 6.8 GB a million, at 0.50.
        "logs": 3.40,
        # 71 · 300 B + 2 · 500 · 4.2 B = 25,500 B are 25.5 GB a million, at 0.09.
        "traffic": 2.29,
    }
    assert round(MILLION * dollars(answer_usage.answer(EXAMPLE))) == 152


@pytest.mark.parametrize(
    ("interval", "sockets", "messages", "per_thousand"),
    [
        (50, 1, 125 + 8, "0.22"),
        (100, 1, 63 + 8, "0.15"),
        (200, 1, 32 + 8, "0.12"),
        (250, 1, 25 + 8, "0.11"),
        (100, 3, 63 + 8, "0.30"),
    ],
)
def test_fewer_frames_and_sockets_cost_less(
    interval: int, sockets: int, messages: int, per_thousand: str
) -> None:
    answer = replace(EXAMPLE, first_frame_interval_ms=interval, frame_interval_ms=interval, sockets=sockets)

    assert answer.messages == messages
    assert f"{1000 * dollars(answer_usage.answer(answer)):.2f}" == per_thousand


def test_a_dense_first_second_and_fewer_frames_afterwards() -> None:
    # 1 s / 100 ms = 10, and 5.25 s / 250 ms = 21.
    assert replace(EXAMPLE, frame_interval_ms=250).messages == 10 + 21 + 8
    assert replace(EXAMPLE, frame_interval_ms=250, tokens=40).messages == 5 + 8


def test_five_answers_in_a_worker_cost_a_fifth_of_it_and_twice_the_memory_twice() -> None:
    shared = replace(EXAMPLE, per_worker=5)

    assert parts_of(shared)["worker"] == pytest.approx(46.20 / 5, abs=0.01)
    assert parts_of(replace(shared, memory_mb=1024))["worker"] == pytest.approx((92.00 + 0.20) / 5, abs=0.01)


def test_an_open_socket_costs_what_it_does_by_hand() -> None:
    # 3,600 / 60 = 60 heartbeats an hour.
    hour = {name: round(MILLION * dollars(part)) for name, part in usage.open_hour(60).items()}

    assert hour == {
        "connection": 15,  # 60 minutes at 0.25 a million.
        "messages": 120,  # 2 each.
        "function": 24,  # 0.40 each.
        "DynamoDB": 38,  # 1 write each, at 0.625.
        "logs": 21,  # 690 B each at 0.50 a GB.
    }


def test_a_socket_that_comes_and_goes_costs_what_it_does_by_hand() -> None:
    # HTTP 1.00; 3 invocations 1.20; 9 writes 5.63; 4 reads 0.50; 3.8 KB of logs 1.90.
    assert MILLION * dollars(usage.admission()) == pytest.approx(10.23, abs=0.01)


def test_a_month_costs_what_it_does_by_hand() -> None:
    alarms, secrets, polling = map(dollars, month.standing_still().values())
    assert alarms == pytest.approx(0.10 * sum(len(row.terms) for row in ALARMS) + 0.50)
    assert secrets == pytest.approx(2 * 0.40)
    # 2 queues · 5 pollers · 3 a minute · 43,800 minutes = 1,314,000 at 0.40 a million.
    assert polling == pytest.approx(0.53, abs=0.01)
    assert dollars(month.metrics()) == pytest.approx(0.30 * totals())
    assert dollars(month.metric_parts()) == pytest.approx(0.30 * parts())
    # 70 environments · 12 an hour · 730 hours = 613,200 calls at 0.05 for 10,000.
    assert dollars(month.secret_calls(70)) == pytest.approx(3.07, abs=0.01)
    assert dollars(month.kept(2)) == pytest.approx(2 * (0.25 + 0.20))
    assert sum(map(dollars, month.edge().values())) == pytest.approx(9.40)


def test_the_fresh_stack_makes_fifteen_hundred_answers_at_once_and_half_of_that_in_a_steady_flow() -> None:
    allowed = {limit.name: limit.answers for limit in capacity.limits(EXAMPLE)}

    assert allowed["`worker_max_concurrency` times `worker_answers`"] == 50 * 30
    assert allowed["the account's posts to sockets"] == 1000  # 10,000 posts/s at 10 a second each.
    assert allowed["a new table's writes"] == 3636  # 4,000 writes/s at 1.1 a second each.
    assert list(allowed.values()) == sorted(allowed.values())
    assert capacity.prompts_per_second(35) == pytest.approx(50 * 15 / 35)


def test_what_is_used_together_and_often_adds_up() -> None:
    once = together({Item.WRITE: 1, Item.READ: 2}, {Item.WRITE: 0.5})

    assert times(2, once) == {Item.WRITE: 3, Item.READ: 4}
    assert dollars(once) == pytest.approx(1.5 * 0.625e-6 + 2 * 0.125e-6)


def test_every_item_has_a_price_and_a_source() -> None:
    assert set(PRICES) == set(Item)
    assert all(
        price.usd > 0 and price.source.startswith("https://aws.amazon.com/") for price in PRICES.values()
    )


def test_an_answers_messages_without_new_text_are_counted_right() -> None:
    outcome = Outcome(status=Status.COMPLETED, length=1, finish_reason="stop")
    answer = Text(attempt=1, outcome=outcome)
    answer.append("x")
    opening = (*question_messages(generation(prompt_id="0" * 32, chat_version=1), "Otters?"), *OPENING)
    script = MessageSequence(generation(), answer, opening=opening)

    position, messages = Cursor(), 0
    while following := script.after(position, now=NOON):
        position = following.then
        messages += 1

    assert messages == answer_usage.STATUS_MESSAGES + 1


def test_the_worker_works_at_the_pace_that_is_billed() -> None:
    assert heartbeat.BEAT == fanout.REFRESH_SECONDS == answer_usage.BEAT_SECONDS
    assert heartbeat.RENEWALS == answer_usage.RENEWALS


def test_our_clients_send_as_many_heartbeats_as_are_billed() -> None:
    # The tests of both clients compare their own heartbeat with this file.
    defaults = json.loads((marked.ROOT / "clients" / "conformance" / "defaults.json").read_text())

    assert SocketOptions().heartbeat == defaults["heartbeat"]["value"] == usage.HEARTBEAT_SECONDS


def test_secrets_are_read_as_often_as_is_billed() -> None:
    assert Secret.__dataclass_fields__["fresh_for"].default == timedelta(seconds=month.REREAD_SECONDS)


def test_the_documents_show_what_is_calculated(capsys: pytest.CaptureFixture[str]) -> None:
    assert marked.run("costs", blocks(), ["--check"]) == 0, capsys.readouterr().err


@pytest.mark.parametrize("path", marked.documents(), ids=lambda path: path.name)
def test_no_document_has_a_price_that_is_not_calculated(path: Path) -> None:
    written = re.sub(r"<!-- (costs:\S+) -->.*?<!-- /\1 -->", "", path.read_text(), flags=re.DOTALL)

    assert not re.findall(r"\$\d[\d.,]*|[\d.]+ (?:US )?dollars", written)
