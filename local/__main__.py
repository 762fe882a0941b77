"""The system on this machine: bring it up, look at it, ask it something, end it."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path

from local import paths
from local.chat import ask
from local.dashboard.command import DashboardOptions, watch_dashboard, write_dashboard
from local.endpoints import Endpoints
from local.errors import LocalError
from local.options import UpOptions
from local.state_dir import StateDir
from local.status import down, status
from local.tokens import token_for
from local.up import USER, up, up_detached

INTERRUPTED = 130  # What a shell expects of a program that Ctrl-C ended.
HIGHEST_PORT = 65535


def main(argv: list[str]) -> int:
    """Do what was asked, or say in one sentence why not."""
    arguments = _parser().parse_args(argv)
    try:
        arguments.run(arguments, StateDir(arguments.state.resolve()))
    except LocalError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


def _up(arguments: argparse.Namespace, state_dir: StateDir) -> None:
    if arguments.detach:
        again = [word for word in sys.argv[2:] if word != "--detach"]
        up_detached(state_dir, [*again, "--state", str(state_dir.directory)])
        return
    options = UpOptions(
        port=arguments.port,
        llm_port=arguments.llm_port,
        page_port=arguments.page_port,
        with_page=arguments.page,
        provider=arguments.provider,
        settings=dict(arguments.set),
        aws_endpoint_url=arguments.aws_endpoint_url,
        ends_with=arguments.ends_with,
    )
    up(state_dir, options, prompt=arguments.ask, quiet=arguments.quiet)


def _down(_options: argparse.Namespace, state_dir: StateDir) -> None:
    print("Down." if down(state_dir) else "Nothing was up.")


def _status(_options: argparse.Namespace, state_dir: StateDir) -> None:
    print(status(state_dir))


def _show(arguments: argparse.Namespace, state_dir: StateDir) -> None:
    print(getattr(Endpoints.of(state_dir), arguments.name))


def _token(arguments: argparse.Namespace, state_dir: StateDir) -> None:
    secret = Endpoints.of(state_dir).jwt_secret
    lifetime = timedelta(seconds=arguments.ttl)
    print(token_for(arguments.user, secret=secret, now=datetime.now(UTC), lifetime=lifetime))


def _chat(arguments: argparse.Namespace, state_dir: StateDir) -> None:
    ask(arguments.prompt, user=arguments.user, endpoints=Endpoints.of(state_dir))


def _dashboard(arguments: argparse.Namespace, state_dir: StateDir) -> None:
    options = DashboardOptions(
        minutes=arguments.minutes, period=arguments.period, output=arguments.output, watch=arguments.watch
    )
    print(write_dashboard(state_dir, options))
    if arguments.watch:
        watch_dashboard(state_dir, options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__, allow_abbrev=False)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    shared = argparse.ArgumentParser(add_help=False)
    state = os.environ.get("FRAMESTREAM_LOCAL_DIR") or paths.HOME
    shared.add_argument(
        "--state", type=Path, default=state, metavar="DIR", help="its directory (%(default)s)"
    )

    def command(name: str, run: object, purpose: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=purpose, description=purpose, parents=[shared])
        made.set_defaults(run=run)
        return made

    _describe_up(command("up", _up, "bring the system up, and end it with Ctrl-C"))
    command("down", _down, "end the system")
    command("status", _status, "say whether it is up, and where")
    show = command("show", _show, "print one of the addresses, for scripts")
    show.add_argument("name", choices=[field.name for field in fields(Endpoints) if field.repr])
    token = command("token", _token, "print a token for a user")
    token.add_argument("--user", required=True, metavar="ID")
    token.add_argument("--ttl", type=int, default=3600, metavar="SECONDS", help="its lifetime (%(default)s)")
    chat = command("chat", _chat, "ask something, and show the answer as it arrives")
    chat.add_argument("prompt", nargs="?", help="what to ask; without it, a session begins")
    chat.add_argument("--user", default=USER, metavar="ID", help="who asks (%(default)s)")
    _describe_dashboard(
        command("dashboard", _dashboard, "write the stack's dashboard, with this system's metrics, as a page")
    )
    return parser


def _describe_dashboard(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--minutes", type=_at_least_one, default=15, metavar="N", help="how far back (%(default)s)"
    )
    parser.add_argument(
        "--period",
        type=_at_least_one,
        default=10,
        metavar="SECONDS",
        help="what a point stands for (%(default)s)",
    )
    parser.add_argument("--output", type=Path, metavar="FILE", help="where to (dashboard.html in --state)")
    parser.add_argument("--watch", action="store_true", help="keep it current, until Ctrl-C")


def _describe_up(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--detach", action="store_true", help="return when it is up, and leave it running")
    parser.add_argument("--quiet", action="store_true", help="say nothing more once it is up")
    parser.add_argument("--ask", metavar="PROMPT", help="once it is up, ask this and show the answer")
    parser.add_argument("--port", type=_port, metavar="N", help="the emulator's port (a free one)")
    parser.add_argument("--llm-port", type=_port, metavar="N", help="the stand-in model's port (a free one)")
    parser.add_argument(
        "--page-port", type=_port, metavar="N", help="the demo page's port (5173, or a free one)"
    )
    parser.add_argument("--no-page", dest="page", action="store_false", help="leave the demo page out")
    parser.add_argument(
        "--provider",
        choices=["openai", "bedrock"],
        default="openai",
        help="whose API the stand-in model is asked with (%(default)s)",
    )
    parser.add_argument("--ends-with", type=int, metavar="PID", help="end as soon as this process is gone")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        type=_setting,
        metavar="NAME=VALUE",
        help="a deployment setting, as in cdk.json; may be given again",
    )
    parser.add_argument(
        "--aws-endpoint-url",
        metavar="URL",
        help="where functions look for AWS, such as a proxy (the emulator)",
    )


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= HIGHEST_PORT:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: give a number from 1 to {HIGHEST_PORT}")
    return int(text)


def _at_least_one(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is too little: give a whole number from 1")
    return int(text)


def _setting(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
