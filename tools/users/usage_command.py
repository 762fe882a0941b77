"""Add up what calls of the model have used, by user and day, as the ledger has it (ledger_days)."""

from __future__ import annotations

import argparse
from datetime import date
from typing import TYPE_CHECKING

from tools import command_line
from tools.output import printable, say, say_json
from tools.users.usage import by_user_and_day, dollars, row
from tools.users.walk import Walk

if TYPE_CHECKING:
    from collections.abc import Sequence

ROW = "{:<10}  {:<24}  {:>7}  {:>7}  {:>6}  {:>9}  {:>12}  {:>12}  {:>12}  {:>12}  {:>12}  {:>8}"
HEADING = (
    *("DAY", "USER", "ANSWERS", "CALLS", "VOID", "ESTIMATES", "INPUT", "CACHED", "OUTPUT", "REASONING"),
    *("USD", "UNPRICED"),
)


def main(arguments: list[str]) -> int:
    """Do what was asked. Returns 0, or 1 if it could not be done."""
    parser = command_line.parser_for("usage", __doc__, parents=[command_line.common_options()])
    parser.add_argument("--user", metavar="ID", help="only this user (all)")
    parser.add_argument("--since", type=_day, metavar="DAY", help="from then on, such as 2026-11-22 (all)")
    parser.set_defaults(run=show)
    return command_line.run(parser, arguments)


def show(options: argparse.Namespace) -> bool:
    """Read the table, and say what it adds up to."""
    deployment = command_line.deployment_of(options)
    walk = Walk(deployment.dynamodb(), deployment.output("TableName"))
    uses = by_user_and_day(walk.ledger(options.user), since=options.since)
    rows = [row(user_id, day, use) for (user_id, day), use in uses.items()]
    if options.json:
        say_json({"rows": rows, "read_units": walk.read_units})
        return True
    say(ROW.format(*HEADING))
    for each in rows:
        cells: Sequence[object] = list({**each, "micros": dollars(each)}.values())
        say(ROW.format(*(printable(str(cell)) for cell in cells)))
    say(f"{walk.read_items} items were read, for {walk.read_units:.1f} read units.")
    return True


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day: write it like 2026-11-22") from None
