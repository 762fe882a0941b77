"""Turn each alarm red by its cause, and see it come back; or, in an account, let each alarm send its mails.

With --local the causes are provoked on the system on this machine; all alarms take about 20 minutes. With
--stack nothing is provoked: each alarm is set to red and back, so that its mails are sent.
"""

from __future__ import annotations

import re
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import httpx
from botocore.exceptions import BotoCoreError, ClientError

from functions.shared.errors import FramestreamError
from infra.alarm_table import ALARMS, USERS_HURT
from local.errors import LocalError
from local.state_dir import StateDir
from tools.command_line import INTERRUPTED, common_options, deployment_of, parser_for
from tools.drill.provocations import PROVOCATIONS, Provocation
from tools.drill.run import Drill
from tools.drill.site import Site

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from tools.deployment import Deployment

ROWS = {row.name: row for row in ALARMS}
NAMES = [*ROWS, USERS_HURT]
REMEMBERS = {
    **{name: row.period for name, row in ROWS.items()},
    USERS_HURT: max(row.period for row in ALARMS),
}
"""How long an alarm is red after its cause, in seconds."""


def main(arguments: list[str]) -> int:
    """Do what was asked. Returns 0 if every alarm did what it must, or 1."""
    options = _parser().parse_args(arguments)
    names = options.alarm or NAMES
    try:
        if options.local is not None:
            return 0 if drill(Site(StateDir(options.local.resolve())), names) else 1
        return 0 if tell(deployment_of(options), options.stack, names) else 1
    except (FramestreamError, LocalError, BotoCoreError, ClientError, httpx.HTTPError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED


def drill(site: Site, names: list[str]) -> bool:
    """Provoke these alarms on the local system. Returns whether each was red and came back."""

    def provoke(name: str, provocation: Provocation) -> Callable[[], None]:
        lasting = ExitStack()
        lasting.enter_context(provocation.cause(site, ROWS.get(name, ALARMS[0])))
        return lasting.close

    chosen = {name: each for name, each in PROVOCATIONS.items() if name in names}
    results = Drill(states=site.states, provoke=provoke, say=_say).run(chosen, REMEMBERS)
    passed = sum(result.passed for result in results.values())
    _say(f"{passed} of {len(chosen)} alarms were red and came back.")
    return passed == len(chosen)


def tell(deployment: Deployment, stack: str, names: list[str]) -> bool:
    """Set these alarms to ALARM and back to OK. Returns whether all of them were there."""
    cloudwatch = deployment.session.client("cloudwatch", endpoint_url=deployment.endpoint_url)
    found = alarms_of(cloudwatch, names, prefix=f"{stack}-Alarms")
    for name, alarm in found.items():
        for state in ("ALARM", "OK"):
            cloudwatch.set_alarm_state(
                AlarmName=alarm["AlarmName"],
                StateValue=state,
                StateReason="a drill: nothing is wrong",
            )
        _say(f"{name}: told {', '.join(alarm['AlarmActions']) or 'nobody, because it has no action'}")
    return len(found) == len(names)


def alarms_of(cloudwatch: Any, names: list[str], *, prefix: str) -> dict[str, Any]:
    """Find the deployed alarms by their names in the table; one that is missing is said."""
    kinds = ["MetricAlarm", "CompositeAlarm"]
    pages = cloudwatch.get_paginator("describe_alarms").paginate(AlarmTypes=kinds, AlarmNamePrefix=prefix)
    listed = [each for page in pages for each in page["MetricAlarms"] + page["CompositeAlarms"]]
    found = {}
    for name in names:
        ours = re.compile(rf"Alarms{name}[0-9A-F]{{8}}")
        deployed = [each for each in listed if ours.search(each["AlarmName"])]
        if deployed:
            found[name] = deployed[0]
        else:
            _say(f"{name}: is not deployed")
    return found


def _parser() -> argparse.ArgumentParser:
    parser = parser_for("drill", __doc__, parents=[common_options()])
    parser.add_argument(
        "--alarm", action="append", choices=NAMES, metavar="NAME", help="only this one; may be given again"
    )
    return parser


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
