"""List dead letters, show one, give one or all to the workers again, or give up on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.shared.errors import SettingsError
from tools import command_line
from tools.dead_letters import commands
from tools.dead_letters.target import Target

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from tools.dead_letters.commands import DeadLetterCommands

    Run = Callable[[DeadLetterCommands, argparse.Namespace], bool]


def main(arguments: list[str]) -> int:
    """Do what was asked. Returns 0, or 1 if not all of it could be done."""
    parser = command_line.parser_for("dead-letters", __doc__)
    subcommands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Run, purpose: str) -> argparse.ArgumentParser:
        parents = [command_line.common_options()]
        made = subcommands.add_parser(name, help=purpose, description=purpose, parents=parents)
        _add_queues(made)
        made.set_defaults(run=lambda options: _with_letters(run, options))
        return made

    command("list", commands.show_all, "list all dead letters")
    show = command("show", commands.show, "say all that is known of some")
    show.add_argument("ids", nargs="+", metavar="ID", help="of a message, or of a generation")
    _choose(command("redrive", commands.redrive, "let workers have them again"))
    discard = command("discard", commands.discard, "delete them, and fail their generations if need be")
    _choose(discard)
    discard.add_argument("--yes", action="store_true", help="with --all: do not ask")
    return command_line.run(parser, arguments)


def _with_letters(run: Run, options: argparse.Namespace) -> bool:
    with commands.opened(_site(options)) as opened:
        return run(opened, options)


def _site(options: argparse.Namespace) -> Target:
    named = (options.queue_url, options.dead_letter_queue_url, options.table)
    if not any(named):
        return Target.of(command_line.deployment_of(options))
    if options.stack or options.local or not all(named):
        raise SettingsError(
            "Say which deployment is meant: --stack NAME, or --local, "
            "or --queue-url, --dead-letter-queue-url and --table together."
        )
    return Target(
        queue_url=options.queue_url,
        dead_letter_queue_url=options.dead_letter_queue_url,
        table=options.table,
        reminders_url=options.reminders_url or "",
        session=command_line.session(options),
    )


def _add_queues(parser: argparse.ArgumentParser) -> None:
    """Let queues be named that a deleted stack left behind."""
    which = parser.add_argument_group("or what a deleted stack left behind")
    which.add_argument("--queue-url", metavar="URL", help="the queue that workers read, and with it ...")
    which.add_argument("--dead-letter-queue-url", metavar="URL", help="... its dead-letter queue ...")
    which.add_argument("--table", metavar="NAME", help="... and the table")
    which.add_argument("--reminders-url", metavar="URL", help="and for deletions the queue of reminders")


def _choose(command: argparse.ArgumentParser) -> None:
    choice = command.add_mutually_exclusive_group(required=True)
    choice.add_argument("--all", action="store_true", help="every dead letter")
    choice.add_argument("ids", nargs="*", default=[], metavar="ID", help="of a message, or of a generation")
