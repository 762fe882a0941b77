"""Show, set or remove the budget of one user, which counts before the settings and the token's claim.

A limit is a whole number of tokens, or US dollars with at most six decimals; `none` takes a limit away that a
setting or a claim has. What is not named stays as it is. It counts from the next prompt on.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from functions.shared.budgets.counters import count_from, held_counter, periods_of
from functions.shared.budgets.items import override_from, override_item, override_key
from functions.shared.budgets.limits import NAMES, limits_from, limits_money, together, written
from functions.shared.budgets.model import Scope
from functions.shared.budgets.money import dollars_of
from tools import command_line
from tools.budgets.deployed import deployed_budgets
from tools.output import printable, say, say_json

if TYPE_CHECKING:
    import argparse

    from mypy_boto3_dynamodb import DynamoDBClient

    from functions.shared.budgets.counters import Counter
    from functions.shared.budgets.limits import BudgetLimits
    from functions.shared.budgets.model import Count
    from functions.shared.dynamodb import Item
    from tools.budgets.deployed import DeployedBudgets

KEPT = timedelta(days=3650)
"""An override counts until it is removed; ten years stand for ever."""
ROW = "{:<8}  {:>16}  {:>16}  {:>16}  {:>16}  {:>16}  {:>16}"
HEADING = ("", "USED TOKENS", "HELD TOKENS", "LIMIT", "USED USD", "HELD USD", "LIMIT USD")


def main(arguments: list[str]) -> int:
    """Do what was asked. Returns 0, or 1 if it could not be done."""
    parser = command_line.parser_for("budget", __doc__, parents=[command_line.common_options()])
    parser.add_argument("user", metavar="USER", help="the user's id, as tokens name it")
    for name in NAMES:
        unit = "N" if name.endswith("_tokens") else "USD"
        parser.add_argument(f"--{name.replace('_', '-')}", metavar=unit, help=f"{unit}, or none")
    parser.add_argument("--remove", action="store_true", help="remove the override before anything is set")
    parser.set_defaults(run=change_and_show)
    return command_line.run(parser, arguments)


def change_and_show(options: argparse.Namespace) -> bool:
    """Write what is to be changed, if anything is, and show what counts then."""
    deployment = command_line.deployment_of(options)
    client, table = deployment.dynamodb(), deployment.output("TableName")
    deployed = deployed_budgets(deployment)
    before = override_from(_item(client, table, override_key(options.user)))
    after = together({} if options.remove else before, _given(options))
    if after != before:
        _check(after, deployed)
        _write(client, table, options.user, after)
    _show(options, _counts(client, table, options.user), together(dict(deployed.user_budget), after), after)
    return True


def _given(options: argparse.Namespace) -> BudgetLimits:
    """Read what the command line says.

    Raises:
        Impossible: If a limit is none.
    """
    texts = {name: text for name in NAMES if (text := getattr(options, name)) is not None}
    try:
        return limits_from({name: _value(name, text) for name, text in texts.items()})
    except ValueError as error:
        raise command_line.Impossible(f"This limit cannot be set: {error}, or none.") from error


def _value(name: str, text: str) -> object:
    if text == "none":
        return None
    return int(text) if name.endswith("_tokens") and text.isascii() and text.isdigit() else text


def _check(limits: BudgetLimits, deployed: DeployedBudgets) -> None:
    if limits_money(limits) and deployed.unpriced:
        raise command_line.Impossible(
            f"Money cannot be limited: of {deployed.unpriced[0]} no price is known. Set llm_prices first."
        )


def _write(client: DynamoDBClient, table: str, user_id: str, limits: BudgetLimits) -> None:
    if not limits:
        client.delete_item(TableName=table, Key=override_key(user_id))
        return
    client.put_item(TableName=table, Item=override_item(user_id, limits, expires_at=datetime.now(UTC) + KEPT))


def _counts(client: DynamoDBClient, table: str, user_id: str) -> dict[str, Count]:
    now = datetime.now(UTC)
    counters: tuple[Counter, ...] = periods_of(Scope.USER, user_id, now)
    counts = {str(each.period): count_from(_item(client, table, each.key)) for each in counters}
    counts["held"] = count_from(_item(client, table, held_counter(Scope.USER, user_id).key))
    return counts


def _item(client: DynamoDBClient, table: str, key: Item) -> Item:
    return client.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item", {})


def _show(
    options: argparse.Namespace, counts: dict[str, Count], limits: BudgetLimits, override: BudgetLimits
) -> None:
    rows = {period: _row(period, count, limits) for period, count in counts.items()}
    if options.json:
        say_json({"user_id": options.user, "override": written(override), "periods": rows})
        return
    say(f"{printable(options.user)}: {_described(override)}")
    say(ROW.format(*HEADING))
    for period, row in rows.items():
        say(ROW.format(period, *("-" if value is None else str(value) for value in row.values())))
    say("A claim of the user's token, if budget_claim names one, is not seen here.")


def _row(period: str, count: Count, limits: BudgetLimits) -> dict[str, Any]:
    limit = limits.get(f"{period}_usd")
    return {
        "used_tokens": count.used.tokens,
        "held_tokens": count.held.tokens,
        "limit_tokens": limits.get(f"{period}_tokens"),
        "used_usd": dollars_of(count.used.micros),
        "held_usd": dollars_of(count.held.micros),
        "limit_usd": None if limit is None else dollars_of(limit),
    }


def _described(override: BudgetLimits) -> str:
    if not override:
        return "no override"
    told = (f"{name} {'none' if value is None else value}" for name, value in written(override).items())
    return f"override {', '.join(told)}"
