"""What an operator sees and sets of budgets."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from mypy_boto3_dynamodb import DynamoDBClient

from functions.shared.budgets.items import override_from, override_key
from functions.shared.budgets.model import LedgerLine
from functions.shared.budgets.settlements import BudgetSettlements
from functions.shared.transactions import Transactions
from tests.support.builders import generation
from tests.support.environment import TABLE_NAME
from tests.support.ledgers import line, options
from tools.__main__ import main
from tools.budgets import command
from tools.budgets.deployed import DeployedBudgets
from tools.deployment import Deployment

Capture = pytest.CaptureFixture[str]
NOW = datetime.now(UTC)
YESTERDAY = NOW - timedelta(days=1)


@pytest.fixture
def run(dynamodb: DynamoDBClient, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    deployed = Deployment(
        name="The stack framestream", outputs={"TableName": TABLE_NAME}, session=boto3.Session()
    )
    monkeypatch.setattr(Deployment, "of_stack", lambda _name, _session: deployed)
    set_up = DeployedBudgets(user_budget=(("day_tokens", 500),), unpriced=())
    monkeypatch.setattr(command, "deployed_budgets", lambda _deployment: set_up)
    return lambda *words: main([*words, "--stack", "framestream"])


def used(
    dynamodb: DynamoDBClient, user_id: str, generation_id: str, *lines: LedgerLine, at: datetime = NOW
) -> None:
    """Settle what a generation has used."""
    settlements = BudgetSettlements(client=dynamodb, table=TABLE_NAME, options=options())
    ended = generation(generation_id, at=at, user_id=user_id)
    Transactions(dynamodb, TABLE_NAME).run(settlements.settle(ended, lines, now=at))


def override(dynamodb: DynamoDBClient, user_id: str = "ada") -> Any:
    reply = dynamodb.get_item(TableName=TABLE_NAME, Key=override_key(user_id))
    return override_from(reply.get("Item", {}))


def test_the_ledger_is_added_up_by_user_and_day(
    dynamodb: DynamoDBClient, run: Callable[..., int], capsys: Capture
) -> None:
    used(dynamodb, "ada", "a0", line(), at=YESTERDAY)
    used(dynamodb, "ada", "a1", line(1, is_void=True, is_estimate=True), line(2, cached_tokens=3))
    used(dynamodb, "ada", "a2", line(micros=None, reasoning_tokens=2))
    used(dynamodb, "bob", "b1", line())

    assert run("usage", "--json") == 0

    before, ada, bob = json.loads(capsys.readouterr().out)["rows"]
    assert (before["user_id"], before["day"], before["calls"]) == ("ada", YESTERDAY.date().isoformat(), 1)
    assert ada | {"day": ""} == {
        "day": "",
        "user_id": "ada",
        "answers": 2,
        "calls": 3,
        "void_calls": 1,
        "estimates": 1,
        "input_tokens": 18,
        "cached_tokens": 3,
        "output_tokens": 12,
        "reasoning_tokens": 2,
        "micros": 60,
        "unpriced": 1,
    }
    assert (bob["user_id"], bob["answers"]) == ("bob", 1)


def test_usage_can_be_asked_of_one_user_since_a_day_without_a_walk(
    dynamodb: DynamoDBClient, run: Callable[..., int], capsys: Capture
) -> None:
    used(dynamodb, "ada", "a0", line(), at=YESTERDAY)
    used(dynamodb, "ada", "a1", line())
    used(dynamodb, "bob", "b1", line())

    assert run("usage", "--user", "ada", "--since", NOW.date().isoformat()) == 0

    heading, row, cost = capsys.readouterr().out.splitlines()
    assert heading.split()[:2] == ["DAY", "USER"]
    assert row.split()[1:4] == ["ada", "1", "1"]
    assert row.split()[-2:] == ["0.00003", "0"]
    assert cost.startswith("2 items were read")


def test_a_users_budget_is_shown_with_what_is_used(
    dynamodb: DynamoDBClient, run: Callable[..., int], capsys: Capture
) -> None:
    used(dynamodb, "ada", "a1", line())

    assert run("budget", "ada", "--json") == 0

    told = json.loads(capsys.readouterr().out)
    assert told["override"] == {}
    assert told["periods"]["day"] == {
        "used_tokens": 10,
        "held_tokens": 0,
        "limit_tokens": 500,
        "used_usd": "0.00003",
        "held_usd": "0",
        "limit_usd": None,
    }
    assert set(told["periods"]) == {"day", "month", "held"}


def test_limits_are_set_one_by_one_and_removed(
    dynamodb: DynamoDBClient, run: Callable[..., int], capsys: Capture
) -> None:
    assert run("budget", "ada", "--day-tokens", "0", "--month-usd", "2.5") == 0
    assert override(dynamodb) == {"day_tokens": 0, "month_usd": 2_500_000}

    assert run("budget", "ada", "--day-tokens", "none") == 0
    assert override(dynamodb) == {"day_tokens": None, "month_usd": 2_500_000}
    assert "override day_tokens none, month_usd 2.5" in capsys.readouterr().out

    assert run("budget", "ada", "--remove", "--held-usd", "1") == 0
    assert override(dynamodb) == {"held_usd": 1_000_000}

    assert run("budget", "ada", "--remove") == 0
    assert override(dynamodb) == {}
    assert override(dynamodb, "bob") == {}


@pytest.mark.parametrize("words", [["--day-tokens", "many"], ["--month-usd", "-1"], ["--held-tokens", "1.5"]])
def test_a_limit_that_is_none_is_named_and_nothing_is_set(
    dynamodb: DynamoDBClient, run: Callable[..., int], capsys: Capture, words: list[str]
) -> None:
    assert run("budget", "ada", *words) == 1

    assert words[0].removeprefix("--").replace("-", "_") in capsys.readouterr().err
    assert override(dynamodb) == {}


def test_money_is_not_limited_where_a_model_has_no_price(
    dynamodb: DynamoDBClient, run: Callable[..., int], capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    unpriced = DeployedBudgets(user_budget=(), unpriced=("our-own",))
    monkeypatch.setattr(command, "deployed_budgets", lambda _deployment: unpriced)

    assert run("budget", "ada", "--day-usd", "1") == 1

    assert "of our-own no price is known" in capsys.readouterr().err
    assert override(dynamodb) == {}
