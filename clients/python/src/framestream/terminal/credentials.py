"""Where a terminal's token comes from: an option, the environment, or a command that prints one."""

from __future__ import annotations

import asyncio
import os
import shlex
from typing import TYPE_CHECKING

from framestream.errors import FrameStreamError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Awaitable, Callable

    from framestream.tokens import TokenSource


class NotGiven(FrameStreamError):
    """The command line lacks something."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="not_given")


def describe(parser: argparse.ArgumentParser) -> None:
    """Add the options for the server, the user and the token."""
    environ = os.environ
    parser.add_argument(
        "--url",
        default=environ.get("FRAMESTREAM_URL"),
        help="the deployment's HTTP API (FRAMESTREAM_URL)",
    )
    parser.add_argument(
        "--origin",
        default=environ.get("FRAMESTREAM_ORIGIN"),
        help="an origin that the deployment allows (FRAMESTREAM_ORIGIN)",
    )
    parser.add_argument("--user", metavar="ID", help="the user (default: the token's user)")
    token = parser.add_mutually_exclusive_group()
    token.add_argument("--token", help="a token (FRAMESTREAM_TOKEN, where other users do not see it)")
    token.add_argument(
        "--token-command",
        metavar="COMMAND",
        default=environ.get("FRAMESTREAM_TOKEN_COMMAND"),
        help="prints a token; it is run again when one ran out (FRAMESTREAM_TOKEN_COMMAND)",
    )


def url_from(options: argparse.Namespace) -> str:
    """The server's URL.

    Raises:
        NotGiven: If it is not set.
    """
    if not options.url:
        raise NotGiven("Where is the server? Give --url, or set FRAMESTREAM_URL.")
    return str(options.url)


def token_from(options: argparse.Namespace) -> TokenSource:
    """The token of the option, of the command, or of the environment, in this order.

    Raises:
        NotGiven: If none is set.
    """
    if options.token:
        return str(options.token)
    if options.token_command:
        return _printed_by(shlex.split(options.token_command))
    if token := os.environ.get("FRAMESTREAM_TOKEN"):
        return token
    raise NotGiven("Who asks? Give --token-command or --token, or set FRAMESTREAM_TOKEN.")


def _printed_by(command: list[str]) -> Callable[[], Awaitable[str]]:
    async def token() -> str:
        process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        printed, _ = await process.communicate()
        if process.returncode or not printed.strip():
            raise NotGiven(f"`{shlex.join(command)}` printed no token (exit code {process.returncode}).")
        return printed.decode().strip()

    return token
