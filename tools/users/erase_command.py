"""Erase all that is stored of one user, after closing connections and stopping answers under way."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tools import command_line
from tools.connections.command import user_connections
from tools.output import printable, say, say_json
from tools.users.command_data import nothing_is_stored, user_data

if TYPE_CHECKING:
    import argparse

REMAINS = (
    "What remains for a time: point-in-time recovery can bring the items back for 35 days; logs name the "
    "user and the addresses of the connections for log_retention_days; what is uploaded with a form that was "
    "given within the last ten minutes stays for retention_days and a day; the provider of the model keeps "
    "what its terms say."
)


def main(arguments: list[str]) -> int:
    """Do what was asked. Returns 0, or 1 if not all of it could be done."""
    parser = command_line.parser_for(
        "erase", f"{__doc__}\n\n{REMAINS}", parents=[command_line.common_options()]
    )
    parser.add_argument("user", metavar="USER", help="the user's id, as tokens name it")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.set_defaults(run=erase)
    return command_line.run(parser, arguments)


def erase(options: argparse.Namespace) -> bool:
    """Erase, if that is confirmed.

    Raises:
        Impossible: If nothing is stored of the user, or an answer does not stop.
    """
    deployment = command_line.deployment_of(options)
    question = f"Erase all data of {printable(options.user)}? It cannot be undone."
    if not command_line.confirmed(question, yes=options.yes):
        return False
    closed = user_connections(deployment).close_all(options.user, now=datetime.now(UTC))
    data = user_data(deployment, options.user)
    if left := data.stop_answers():
        names = ", ".join(generation.generation_id for generation in left)
        raise command_line.Impossible(
            f"Nothing is erased yet: these answers have not stopped ({names}). Look at each with "
            "`python -m tools generation ID`, and run this again."
        )
    number = data.erase()
    if not number and not closed:
        raise nothing_is_stored(options.user)
    if options.json:
        say_json({"user_id": options.user, "closed_connections": closed, "erased_items": number})
    else:
        say(f"{len(closed)} connections closed, {number} items erased.")
        say(REMAINS)
    return True
