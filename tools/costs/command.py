"""Calculate what a month costs on AWS, by service, for a load and a deployment's settings.

List prices of one Region with their date, times what the code does; the model's own price comes on top. What
is assumed is in docs/costs.md. Cold starts, kept logs and CloudFront's requests are not counted.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from functions.shared.errors import SettingsError
from tools import command_line
from tools.costs import load_options
from tools.costs.monthly import monthly_bill
from tools.costs.prices import AS_OF, REGION
from tools.output import say, say_json

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from tools.costs.monthly import MonthlyBill


def main(arguments: list[str]) -> int:
    """Do what was asked. Returns 0, or 1 if it could not be done."""
    parser = command_line.parser_for("cost", __doc__, parents=[command_line.common_options()])
    load_options.describe(parser)
    parser.add_argument(
        "--per-worker", type=float, metavar="N", help="answers that share a worker (default: by the load)"
    )
    parser.set_defaults(run=show)
    return command_line.run(parser, arguments)


def show(options: argparse.Namespace) -> bool:
    """Show the bill.

    Raises:
        SettingsError: If the load or a setting cannot be.
    """
    if options.per_worker is not None and not options.per_worker >= 1:
        raise SettingsError("--per-worker must be 1 or more.")
    load = load_options.load_of(options)
    config = load_options.config_of(options, load_options.deployment_if_named(options))
    shared = options.per_worker or load.per_worker(config)
    bill = monthly_bill(load, config, per_worker=shared)
    if options.json:
        say_json({"load": asdict(load), "answers_per_worker": round(shared, 2), **_as_data(bill)})
        return True
    say(f"US dollars a month, at list prices of {REGION} as of {AS_OF}; without the model's own price.")
    _say_table("by service", bill.by_service)
    _say_table("by cause", bill.by_cause)
    say(f"\n{bill.answers:,.0f} answers, {shared:.1f} of them in a worker.")
    if bill.answers:
        say(f"{1000 * bill.total / bill.answers:.3f} for 1,000 answers, with all that stands around them.")
    return True


def _as_data(bill: MonthlyBill) -> dict[str, object]:
    return {
        "usd_a_month": round(bill.total, 2),
        "by_service": {name: round(usd, 2) for name, usd in bill.by_service.items()},
        "by_cause": {name: round(usd, 2) for name, usd in bill.by_cause.items()},
        "answers": round(bill.answers),
        "prices": {"region": REGION, "as_of": AS_OF},
    }


def _say_table(title: str, rows: Mapping[str, float]) -> None:
    say(f"\n{title}")
    for name, usd in rows.items():
        say(f"  {name:<26}{usd:>14,.2f}")
    say(f"  {'together':<26}{sum(rows.values()):>14,.2f}")
