"""Look at everything that a first deployment must show, with a sentence for each finding.

It asks the model twice, in the name of the token's user, and opens a few sockets. The token comes from
--token-command or --token, or their variables (FRAMESTREAM_TOKEN_COMMAND, FRAMESTREAM_TOKEN); the local
system issues its own. What cannot be seen here is said to be so. The status is 0 if no check failed.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import asdict
from typing import TYPE_CHECKING

from framestream.errors import FrameStreamError
from framestream.terminal.credentials import token_from
from functions.shared.errors import SettingsError
from tools import command_line
from tools.output import printable, say, say_json
from tools.smoke.findings import Finding, Outcome
from tools.smoke.running import findings
from tools.smoke.site import Site
from tools.smoke.table import CHECKS

if TYPE_CHECKING:
    import argparse

MOST_PATIENCE = 3600


def main(arguments: list[str]) -> int:
    """Do what was asked. Returns 0, or 1 if something is not as it must be."""
    parser = command_line.parser_for("smoke", __doc__, parents=[command_line.common_options()])
    environ = os.environ
    token = parser.add_mutually_exclusive_group()
    token.add_argument(
        "--token", help="a user's token (better: FRAMESTREAM_TOKEN, which other users do not see)"
    )
    token.add_argument(
        "--token-command",
        metavar="COMMAND",
        default=environ.get("FRAMESTREAM_TOKEN_COMMAND"),
        help="a program that prints one",
    )
    parser.add_argument("--user", metavar="ID", help="the token's user, if its claim is not sub or user_id")
    parser.add_argument("--origin", help="a page of yours (default: the first of allowed_origins)")
    parser.add_argument(
        "--patience",
        type=float,
        default=180,
        metavar="S",
        help="seconds to wait for logs, metrics and alarms",
    )
    names = ", ".join(CHECKS)
    parser.add_argument("--only", action="append", default=[], metavar="CHECK", help=f"one of: {names}")
    parser.add_argument("--without", action="append", default=[], metavar="CHECK", help="leave one out")
    parser.set_defaults(run=show)
    return command_line.run(parser, arguments)


def show(options: argparse.Namespace) -> bool:
    """Make the checks and say what they found. Returns whether none failed.

    Raises:
        SettingsError: If the deployment, the token or the page cannot be told, or a check's name is unknown.
    """
    for name in (*options.only, *options.without):
        if name not in CHECKS:
            raise SettingsError(f"There is no check {name!r}; there are: {', '.join(CHECKS)}.")
    if not 0 <= options.patience <= MOST_PATIENCE:
        raise SettingsError(f"--patience must be from 0 to {MOST_PATIENCE} seconds.")
    try:
        found = asyncio.run(_made(options))
    except FrameStreamError as error:
        raise SettingsError(str(error)) from error
    failed = [finding.check for finding in found if finding.outcome is Outcome.FAILED]
    if options.json:
        say_json({"passed": not failed, "findings": [asdict(finding) for finding in found]})
    else:
        say(f"\n{_summary(found)}")
    return not failed


async def _made(options: argparse.Namespace) -> list[Finding]:
    site = await _site(options)
    found = []
    try:
        async for finding in findings(site, only=options.only, without=options.without):
            found.append(finding)
            if not options.json:
                say(f"{finding.outcome:<20}{finding.check:<20}{printable(finding.sentence)}")
    finally:
        await site.http.aclose()
    return found


async def _site(options: argparse.Namespace) -> Site:
    given = {"patience": options.patience}
    if options.local is not None and options.stack is None:
        if options.token or options.user or options.origin:
            raise SettingsError(
                "--token, --user and --origin belong to --stack; the local system has its own."
            )
        return Site.of_local(options.local, **given)
    deployment = command_line.deployment_of(options)
    chosen = {"origin": options.origin, "user_id": options.user}
    return await Site.of_stack(deployment, token_from(options), **given, **chosen)


def _summary(found: list[Finding]) -> str:
    counts = {outcome: sum(each.outcome is outcome for each in found) for outcome in Outcome}
    told = ", ".join(f"{number} {outcome}" for outcome, number in counts.items() if number)
    return f"{told}." if found else "No check was made."
