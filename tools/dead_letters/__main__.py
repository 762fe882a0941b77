"""Dead messages: list them, show one, give one or all to the workers again, or give up on them."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from functions.shared.errors import FramestreamError, SettingsError
from local.errors import LocalError
from tools.dead_letters import commands
from tools.dead_letters.target import Target
from tools.deployment import LOCAL, Deployment, session_of

INTERRUPTED = 130  # What a shell expects of a program that Ctrl-C ended.


def main(arguments: list[str]) -> int:
    """Do what was asked. Returns 0, or 1 if not all of it could be done."""
    options = _parser().parse_args(arguments)
    try:
        with commands.opened(_site(options)) as opened:
            done: bool = options.run(opened, options)
    except (FramestreamError, LocalError, BotoCoreError, ClientError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0 if done else 1


def _site(options: argparse.Namespace) -> Target:
    named = (options.queue_url, options.dead_letter_queue_url, options.table)
    ways = [options.stack is not None, options.local is not None, any(named)]
    if sum(ways) != 1 or (any(named) and not all(named)):
        raise SettingsError(
            "Say which system is meant: --stack NAME, or --local, "
            "or --queue-url, --dead-letter-queue-url and --table together."
        )
    if options.stack is not None:
        return Target.of(Deployment.of_stack(options.stack))
    if options.local is not None:
        return Target.of(Deployment.of_local(options.local))
    return Target(
        queue_url=options.queue_url,
        dead_letter_queue_url=options.dead_letter_queue_url,
        table=options.table,
        session=session_of(os.environ),
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.dead_letters", description=__doc__, allow_abbrev=False
    )
    subcommands = parser.add_subparsers(required=True, metavar="COMMAND")
    site = argparse.ArgumentParser(add_help=False)
    which = site.add_argument_group("which system (one of these)")
    which.add_argument("--stack", metavar="NAME", help="a CloudFormation stack, usually framestream")
    which.add_argument(
        "--local", nargs="?", const=LOCAL, type=Path, metavar="DIR", help=f"the local system ({LOCAL})"
    )
    which.add_argument("--queue-url", metavar="URL", help="the queue that workers read, and with it ...")
    which.add_argument("--dead-letter-queue-url", metavar="URL", help="... its dead-letter queue ...")
    which.add_argument("--table", metavar="NAME", help="... and the table")

    def command(name: str, run: object, purpose: str) -> argparse.ArgumentParser:
        made = subcommands.add_parser(name, help=purpose, description=purpose, parents=[site])
        made.set_defaults(run=run)
        return made

    command("list", commands.show_all, "list all dead letters")
    show = command("show", commands.show, "say all that is known of some")
    show.add_argument("ids", nargs="+", metavar="ID", help="of a message, or of a generation")
    _choose(command("redrive", commands.redrive, "let workers have them again"))
    discard = command("discard", commands.discard, "delete them, and fail their generations if need be")
    _choose(discard)
    discard.add_argument("--yes", action="store_true", help="with --all: do not ask")
    return parser


def _choose(command: argparse.ArgumentParser) -> None:
    choice = command.add_mutually_exclusive_group(required=True)
    choice.add_argument("--all", action="store_true", help="every dead letter")
    choice.add_argument("ids", nargs="*", default=[], metavar="ID", help="of a message, or of a generation")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
