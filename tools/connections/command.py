"""List a user's open connections, or close them all, as after a log-out or an abuse."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from functions.shared import aws
from functions.shared.connections.sockets import Sockets
from functions.shared.connections.store import ConnectionStore
from functions.shared.connections.user_connections import UserConnections
from functions.shared.times import rfc3339
from tools import command_line
from tools.output import printable, say, say_json

if TYPE_CHECKING:
    import argparse

    from functions.shared.connections.model import Connection
    from tools.deployment import Deployment


def main(arguments: list[str]) -> int:
    """Do what was asked. Returns 0, or 1 if it could not be done."""
    parser = command_line.parser_for("connections", __doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, run, purpose in (
        ("list", show, "list a user's open connections"),
        ("close", close, "tell and close all of a user's connections"),
    ):
        parents = [command_line.common_options()]
        command = commands.add_parser(name, help=purpose, description=purpose, parents=parents)
        command.add_argument("user", metavar="USER", help="the user's id, as tokens name it")
        command.set_defaults(run=run)
        if run is close:
            command.add_argument("--yes", action="store_true", help="do not ask")
    return command_line.run(parser, arguments)


def show(options: argparse.Namespace) -> bool:
    """List them, a line each."""
    held = user_connections(command_line.deployment_of(options)).of_user(options.user, now=datetime.now(UTC))
    if options.json:
        say_json([_facts(connection) for connection in held])
        return True
    for connection in held:
        facts = _facts(connection)
        since, until = facts["connected_at"], facts["expires_at"]
        origin = printable(connection.origin) if connection.origin else "(no page)"
        say(f"{connection.connection_id}  since {since}  until {until}  {origin}")
    say(f"{len(held)} open.")
    return True


def close(options: argparse.Namespace) -> bool:
    """Tell each, and close it."""
    connections = user_connections(command_line.deployment_of(options))
    question = f"Close all connections of {printable(options.user)}?"
    if not command_line.confirmed(question, yes=options.yes):
        return False
    closed = connections.close_all(options.user, now=datetime.now(UTC))
    if options.json:
        say_json({"closed": closed})
        return True
    for connection_id in closed:
        say(connection_id)
    say(f"{len(closed)} closed.")
    return True


def _facts(connection: Connection) -> dict[str, str]:
    return {
        "connection_id": connection.connection_id,
        "connected_at": rfc3339(connection.connected_at),
        "expires_at": rfc3339(connection.expires_at),
        "origin": connection.origin,
    }


def user_connections(deployment: Deployment) -> UserConnections:
    """Return the connections of a deployment's users."""
    management = deployment.output("ManagementEndpoint")
    sockets = deployment.session.client("apigatewaymanagementapi", endpoint_url=management, config=aws.CLIENT)
    registry = ConnectionStore(deployment.dynamodb(), deployment.output("TableName"))
    return UserConnections(registry=registry, sockets=Sockets(sockets))
