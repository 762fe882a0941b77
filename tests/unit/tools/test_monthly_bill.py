"""A month's bill by service: three settings calculated by hand, from list prices and nothing of the code.

Each line below is the arithmetic as one would write it down: a month has 730 hours, so 2.628 million seconds.
`M` is a million of something, and each price is for a million unless its line says otherwise.
"""

from __future__ import annotations

import pytest

from functions.shared.errors import SettingsError
from infra.config.fields import Config
from tools.costs import month
from tools.costs.bill import by_service, dollars
from tools.costs.load import Load
from tools.costs.monthly import monthly_bill
from tools.costs.prices import Item

WITHIN = 0.05
MONTHLY = 0.10 * month.METRICS_OF_ALARMS + 0.50 + 0.30 * month.metrics()[Item.METRIC_MONTH]
"""Alarms and metrics of our own, which others count."""


def check(bill: dict[str, float], by_hand: dict[str, float]) -> None:
    assert bill == pytest.approx(by_hand, rel=WITHIN)
    assert sum(bill.values()) == pytest.approx(sum(by_hand.values()), rel=WITHIN)


def test_one_prompt_a_second_with_the_defaults() -> None:
    # 500 tokens at 80/s after 0.5 s: 6.75 s. 100 sockets, each open for half an hour: 0.0556 a second.
    bill = monthly_bill(Load(prompts_per_second=1, users=100), Config(), per_worker=5)

    # Answers: 2.628 M. Sockets that come: 0.146 M. Hours open: 73,000. Heartbeats, one in 540 s: 0.4867 M.
    by_hand = {
        # An answer is 10 messages in its dense second, 5.25 / 0.25 = 21 after it, and 8 others: 39.
        # Messages 39 · 2.628 + 2 · 0.4867 = 103.47 M at 1.00; minutes 4.38 M at 0.25; calls 2.774 M at 1.00.
        "API Gateway": 103.47 + 1.095 + 2.774,
        # Worker: 6.9 s / 5 · 1 GB · 2.628 M = 3.627 M GB-s at 13.3334.
        # Others: (2 · 2.628 + 3 · 0.146 + 0.4867) M · 0.03 s · 0.5 GB = 0.0927 M GB-s.
        # Invocations: 6.181 M and 2.628 / 5 = 0.526 M, at 0.20.
        "Lambda": (3.627 + 0.0927) * 13.3334 + (6.181 + 0.526) * 0.20,
        # Written: (22 + 6.75 + 0.675) · 2.628 + 9 · 0.146 + 0.4867 = 79.13 M at 0.625.
        # Read: (8 + 13.5 - 0.675 + 1) · 2.628 + 4 · 0.146 = 57.94 M at 0.125.
        # Kept: a week's 604,800 answers of 1 KB prompt, 2.1 KB text, 1 KB record = 2.48 GB at 0.45.
        "DynamoDB": 79.13 * 0.625 + 57.94 * 0.125 + 2.48 * 0.45,
        # (4 + 0.675 + 7.75 / 5 + 2) · 2.628 = 21.62 M, and 1.314 M for the polling of empty queues.
        "SQS": (21.62 + 1.314) * 0.40,
        # (5.86 + 0.94 / 5) KB · 2.628 M + 3.8 KB · 0.146 M + 0.69 KB · 0.4867 M = 16.785 GB at 0.50 each.
        "CloudWatch": 16.785 * 0.50 + MONTHLY,
        # (39 · 300 + 2 · 500 · 4.2) B · 2.628 M = 41.8 GB at 0.09 each.
        "traffic to the internet": 41.8 * 0.09,
        "Secrets Manager": 2 * 0.40,
    }
    check(bill.by_service, by_hand)


def test_a_hundred_prompts_a_second_on_two_sockets_each_with_dense_frames_and_workers_of_their_own() -> None:
    load = Load(prompts_per_second=100, users=10_000, sockets_per_user=2, visit_minutes=10)
    config = Config(frame_interval_milliseconds=100, worker_memory_mb=512, worker_answers=5)

    bill = monthly_bill(load, config, per_worker=1)

    # Answers: 262.8 M. Sockets: 20,000, so 33.3 come a second: 87.6 M. Hours 14.6 M. Heartbeats 97.33 M.
    by_hand = {
        # An answer: 62.5, so 63 frames and 8 others, on two sockets: 142.
        # 142 · 262.8 + 2 · 97.33 = 37,512 M: the first billion at 1.00, 36,512 M at 0.80.
        # Minutes: 876 M at 0.25. Calls: 262.8 + 87.6 = 350.4 M: 300 M at 1.00, 50.4 M at 0.90.
        "API Gateway": 1000 + 36_512 * 0.80 + 876 * 0.25 + 300 + 50.4 * 0.90,
        # Worker: 6.9 · 0.5 · 262.8 = 906.7 M GB-s. Others: (525.6 + 262.8 + 97.33) M · 0.015 = 13.29 M.
        # Invocations: 885.7 + 262.8 = 1,148.5 M.
        "Lambda": (906.7 + 13.29) * 13.3334 + 1148.5 * 0.20,
        # Written: 29.425 · 262.8 + 9 · 87.6 + 97.33 = 8,619 M. Read: 21.825 · 262.8 + 4 · 87.6 = 6,086 M.
        # Kept: 60.48 M answers of 4.1 KB = 248 GB.
        "DynamoDB": 8619 * 0.625 + 6086 * 0.125 + 248 * 0.45,
        # (4 + 0.675 + 7.75 + 2) · 262.8 + 1.3 = 3,792 M.
        "SQS": 3792 * 0.40,
        # 6.8 · 262.8 + 3.8 · 87.6 + 0.69 · 97.33 = 2,187.1 GB.
        "CloudWatch": 2187.1 * 0.50 + MONTHLY,
        # 2 · (70 · 300 + 4,200) B · 262.8 M = 13,245 GB.
        "traffic to the internet": 13_245 * 0.09,
        "Secrets Manager": 2 * 0.40,
    }
    check(bill.by_service, by_hand)


def test_a_quiet_site_with_long_prompts_behind_an_edge_and_with_snapshots() -> None:
    load = Load(
        prompts_per_second=0.01,
        users=1000,
        visit_minutes=120,
        tokens=2000,
        tokens_per_second=40,
        first_token_seconds=1,
        prompt_kb=8,
    )
    config = Config(edge=True, snap_start=True, retention_days=30)

    bill = monthly_bill(load, config)

    # Answers: 26,280 of 51 s, half of one at a time, so each has a worker of its own.
    # 1,000 sockets of two hours: 0.1389 come a second, 0.365 M. Hours 0.73 M. Heartbeats 4.867 M.
    by_hand = {
        # Frames: 10 + 49 / 0.25 = 206, and 7: 213 · 0.02628 + 2 · 4.867 = 15.33 M. Minutes 43.8 M.
        # Calls: 0.02628 + 0.365 = 0.391 M.
        "API Gateway": 15.33 + 43.8 * 0.25 + 0.391,
        # Worker: 51.15 s · 1 GB · 0.02628 M = 1.344 M GB-s. Others: (0.0526 + 1.095 + 4.867) M · 0.015.
        # Invocations: 6.015 + 0.026 M. Snapshots: (4 · 0.5 + 1) GB · 2.628 M s at 1.5046.
        "Lambda": (1.344 + 0.0902) * 13.3334 + 6.041 * 0.20 + 3 * 2.628 * 1.5046,
        # Written: (22 + 7 + 51 + 5.1) · 0.02628 + 9 · 0.365 + 4.867 = 10.39 M.
        # Read: (8 + 102 - 5.1 + 1) · 0.02628 + 4 · 0.365 = 4.24 M.
        # Kept: a month's 25,920 of 8 + 1 + 8.4 KB = 0.451 GB.
        "DynamoDB": 10.39 * 0.625 + 4.24 * 0.125 + 0.451 * 0.45,
        # (4 + 5.1 + 52 + 2) · 0.02628 + 1.314 = 2.972 M.
        "SQS": 2.972 * 0.40,
        # 6.8 · 0.02628 + 3.8 · 0.365 + 0.69 · 4.867 = 4.924 GB.
        "CloudWatch": 4.924 * 0.50 + MONTHLY,
        # (213 · 300 + 2 · 2,000 · 4.2) B · 0.02628 M = 2.12 GB.
        "traffic to the internet": 2.12 * 0.09,
        # The model's key, the tokens' secret, and the edge's.
        "Secrets Manager": 3 * 0.40,
        # A web ACL and four rules; it looks at 0.02628 prompts and 2 · 0.365 tickets and handshakes, in M.
        "WAF": 5 + 4 + (0.02628 + 0.73) * 0.60,
    }
    check(bill.by_service, by_hand)


def test_what_exceeds_a_price_step_costs_the_lower_price_and_the_rest_does_not() -> None:
    assert dollars({Item.WEBSOCKET_MESSAGE: 1_000_000_000}) == pytest.approx(1000)
    assert dollars({Item.WEBSOCKET_MESSAGE: 1_500_000_000}) == pytest.approx(1000 + 500 * 0.80)


def test_the_dearest_service_comes_first() -> None:
    assert list(by_service({Item.WRITE: 1, Item.INVOCATION: 10_000_000})) == ["Lambda", "DynamoDB"]


def test_nothing_asked_costs_what_stands_still() -> None:
    bill = monthly_bill(Load(prompts_per_second=0, users=0), Config())

    assert bill.by_cause["answers"] == bill.by_cause["open sockets"] == 0
    assert bill.total == pytest.approx(2 * 0.40 + 1.314 * 0.40 + MONTHLY, rel=WITHIN)


@pytest.mark.parametrize(
    ("mistake", "says"),
    [
        ({"prompts_per_second": -1}, r"--prompts-per-second is -1, but it must be 0 or more"),
        ({"tokens_per_second": 0}, r"--tokens-per-second is 0, but it must be more than 0"),
        ({"users": float("nan")}, r"--users is nan"),
        ({"tokens": float("inf")}, r"--tokens is inf"),
        ({"visit_minutes": 121}, r"two hours"),
    ],
)
def test_a_load_that_cannot_be_says_which_part_of_it(mistake: dict[str, float], says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        Load(**mistake)
