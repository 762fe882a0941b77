"""A user's open sockets: list them, or close them all, as after a log-out or an abuse."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from functions.shared.connections.sockets import Sockets
from functions.shared.connections.store import ConnectionStore
from functions.shared.connections.user_connections import UserConnections
from functions.shared.errors import FramestreamError
from functions.shared.times import rfc3339
from local.errors import LocalError
from tools.deployment import LOCAL, Deployment
from tools.sdk import CLIENT

INTERRUPTED = 130  # What a shell expects of a program that Ctrl-C ended.


def main(arguments: list[str]) -> int:
    """Do what was asked. Returns 0, or 1 if it could not be done."""
    options = _parser().parse_args(arguments)
    try:
        local = options.local is not None
        deployment = Deployment.of_local(options.local) if local else Deployment.of_stack(options.stack)
        options.run(_user_connections(deployment), options.user)
    except (FramestreamError, LocalError, BotoCoreError, ClientError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


def show(user_connections: UserConnections, user_id: str) -> None:
    """List them, a line each."""
    held = user_connections.of_user(user_id, now=datetime.now(UTC))
    for connection in held:
        since, until = rfc3339(connection.connected_at), rfc3339(connection.expires_at)
        _say(f"{connection.connection_id}  since {since}  until {until}  {connection.origin or '(no page)'}")
    _say(f"{len(held)} open.")


def close(user_connections: UserConnections, user_id: str) -> None:
    """Tell each, and close it."""
    closed = user_connections.close_all(user_id, now=datetime.now(UTC))
    for connection_id in closed:
        _say(connection_id)
    _say(f"{len(closed)} closed.")


def _user_connections(deployment: Deployment) -> UserConnections:
    session = deployment.session
    table = session.client("dynamodb", endpoint_url=deployment.endpoint_url, config=CLIENT)
    sockets = session.client(
        "apigatewaymanagementapi", endpoint_url=deployment.output("ManagementEndpoint"), config=CLIENT
    )
    registry = ConnectionStore(table, deployment.output("TableName"))
    return UserConnections(registry=registry, sockets=Sockets(sockets))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.sockets", description=__doc__, allow_abbrev=False)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("user", metavar="USER", help="the user's id, as tokens name it")
    which = shared.add_mutually_exclusive_group(required=True)
    which.add_argument("--stack", metavar="NAME", help="a CloudFormation stack, usually framestream")
    which.add_argument(
        "--local", nargs="?", const=LOCAL, type=Path, metavar="DIR", help=f"the local system ({LOCAL})"
    )
    for name, run, purpose in (
        ("list", show, "list a user's open sockets"),
        ("close", close, "tell and close all of a user's sockets"),
    ):
        command = commands.add_parser(name, help=purpose, description=purpose, parents=[shared])
        command.set_defaults(run=run)
    return parser


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
