"""Say which limit a load meets first, in settings and in AWS's quotas, and what to raise.

The load is that of the busiest minutes. Quotas are the documented ones, or with --stack the account's own; a
quota that was promised can be tried with --quota.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from tools import command_line
from tools.capacity import quotas
from tools.capacity.demand import Demand, Ramp, demands, ramp
from tools.costs import load_options
from tools.output import say, say_json

if TYPE_CHECKING:
    import argparse

    from tools.costs.load import Load

ALMOST = 0.7
"""From this part on a limit should be raised before the load grows."""


def main(arguments: list[str]) -> int:
    """Do what was asked. Returns 0, or 1 if the load does not fit, or it could not be calculated."""
    parser = command_line.parser_for("capacity", __doc__, parents=[command_line.common_options()])
    load_options.describe(parser)
    parser.add_argument(
        "--quota",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help=f"a quota of the account; repeatable: {', '.join(asdict(quotas.Quotas()))}",
    )
    parser.set_defaults(run=show)
    return command_line.run(parser, arguments)


def show(options: argparse.Namespace) -> bool:
    """Show the limits, the one that is met first at the top. Returns whether the load fits.

    Raises:
        SettingsError: If the load, a setting or a quota cannot be.
    """
    load = load_options.load_of(options)
    deployment = load_options.deployment_if_named(options)
    config = load_options.config_of(options, deployment)
    is_aws = deployment is not None and options.local is None
    allowed = quotas.of_account(deployment.session) if deployment and is_aws else quotas.Quotas()
    allowed = allowed.with_raised(load_options.pairs(options.quota, option="--quota"))
    found, growing = demands(load, config, allowed), ramp(load, config, allowed)
    if options.json:
        say_json(_as_data(load, found, growing))
    else:
        _say_all(load, found, growing)
    return found[0].used <= 1


def _as_data(load: Load, found: list[Demand], growing: Ramp) -> dict[str, object]:
    return {
        "load": asdict(load),
        "answers_at_once": round(load.answers_at_once, 1),
        "fits": found[0].used <= 1,
        "first": found[0].name,
        "limits": [{**asdict(each), "used": round(each.used, 3)} for each in found],
        "ramp": asdict(growing),
    }


def _say_all(load: Load, found: list[Demand], growing: Ramp) -> None:
    say(f"{load.answers_at_once:,.0f} answers at once, {load.sockets:,.0f} open sockets.\n")
    say(f"{'limit':<34}{'wanted':>12}{'allowed':>12}{'used':>7}")
    for each in found:
        say(f"{each.name:<34}{each.wanted:>12,.1f}{each.allowed:>12,.0f}{each.used:>7.0%}")
    say(f"\n{_verdict(found[0])}")
    for each in found:
        if each.used > ALMOST:
            say(f"- {each.name} (of the {each.scope}): {each.remedy}")
    say(
        f"\nFrom standing still, its workers run after {growing.workers_seconds:,.0f} s. "
        f"If all sockets break, they are open again after {growing.reconnect_seconds:,.0f} s."
    )


def _verdict(first: Demand) -> str:
    if not first.used:
        return "Nothing is asked, so no limit is met."
    if first.used > 1:
        return f"It does not fit: {first.name} would have to be {first.used:.1f} times as much. Raise:"
    return f"It fits, and {first.name} is met first, at {1 / first.used:.1f} times this load."
