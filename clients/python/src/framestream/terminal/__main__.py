"""Ask a model and watch the answer arrive, or watch everything that a user is told."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.console import Console

from framestream.errors import FrameStreamError, Unreachable
from framestream.sync import SyncFrameStreamClient
from framestream.terminal import credentials
from framestream.terminal.following import follow
from framestream.terminal.listings import chat_line, usage_lines
from framestream.terminal.plain import Plain
from framestream.terminal.screen import Screen
from framestream.terminal.session import LISTED, Session
from framestream.terminal.silent import Silent
from framestream.terminal.watching import line_of

if TYPE_CHECKING:
    from framestream.connection import Phase
    from framestream.result import Result
    from framestream.terminal.following import Presenter

TOKEN_TIMEOUT = 120.0  # A command may open a page to sign in.
INTERRUPTED = 130  # What a shell expects of a program that Ctrl-C ended.


def run() -> None:
    """The command `framestream`."""
    sys.exit(main(sys.argv[1:]))


def main(arguments: list[str]) -> int:
    """Run a command. Returns the exit code; an error is one sentence on standard error."""
    options = _parser().parse_args(arguments)
    try:
        with _client(options) as client:
            options.run(options, client)
    except FrameStreamError as error:
        _report(error, as_json=options.json)
        return 1
    except TimeoutError as error:
        _report(Unreachable(str(error)), as_json=options.json)
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


def _client(options: argparse.Namespace) -> SyncFrameStreamClient:
    aside = Console(stderr=True, style="dim", highlight=False, markup=False)

    def on_state(_phase: Phase, code: int | str | None, reason: str) -> None:
        if code not in {None, 1000}:
            aside.print(f"connection: {reason} ({code})")

    return SyncFrameStreamClient(
        credentials.url_from(options),
        credentials.token_from(options),
        user_id=options.user,
        origin=options.origin,
        token_timeout=TOKEN_TIMEOUT,
        on_state=on_state,
    )


def _chat(options: argparse.Namespace, client: SyncFrameStreamClient) -> None:
    if options.prompt is not None:
        _ask(options.prompt, options, client)
    elif not sys.stdin.isatty():
        _ask(sys.stdin.read(), options, client)
    else:
        Session(
            client=client,
            chat_id=options.chat,
            presenter=lambda: _presenter(options),
            model=options.model,
            timeout=options.timeout,
        ).run()


def _ask(prompt: str, options: argparse.Namespace, client: SyncFrameStreamClient) -> None:
    generation = client.generate(options.chat, prompt, model=options.model, timeout=options.timeout)
    result = follow(generation, _presenter(options))
    if options.json:
        _print(_fields_of(result))


def _fields_of(result: Result) -> dict[str, Any]:
    fields = {name: getattr(result, name) for name in result.__slots__ if name != "parts"}
    if all(part.kind == "text" for part in result.parts):
        return fields
    return {**fields, "parts": [asdict(part) for part in result.parts]}


def _chats(options: argparse.Namespace, client: SyncFrameStreamClient) -> None:
    for number, chat in enumerate(client.chats.list(limit=LISTED).chats, start=1):
        if options.json:
            _print({name: getattr(chat, name) for name in chat.__slots__})
        else:
            print(chat_line(chat, number))  # noqa: T201


def _usage(options: argparse.Namespace, client: SyncFrameStreamClient) -> None:
    usage = client.usage()
    if options.json:
        _print(usage)
    else:
        print("\n".join(usage_lines(usage)))  # noqa: T201


def _presenter(options: argparse.Namespace) -> Presenter:
    if options.json:
        return Silent()
    return Screen() if sys.stdout.isatty() else Plain()


def _watch(options: argparse.Namespace, client: SyncFrameStreamClient) -> None:
    for message in client.messages():
        if options.json:
            _print(message)
        else:
            print(line_of(message), flush=True)  # noqa: T201


def _print(content: dict[str, Any]) -> None:
    print(json.dumps(content, ensure_ascii=False), flush=True)  # noqa: T201


def _report(error: FrameStreamError, *, as_json: bool) -> None:
    if as_json:
        _print({"error": {"code": error.code, "message": str(error), "retryable": error.retryable}})
    else:
        sys.stderr.write(f"{error} ({error.code})\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="framestream", description=__doc__, allow_abbrev=False)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    shared = argparse.ArgumentParser(add_help=False)
    credentials.describe(shared)
    shared.add_argument("--json", action="store_true", help="for scripts: JSON on standard output")

    def command(name: str, run: object, purpose: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=purpose, description=purpose, parents=[shared])
        made.set_defaults(run=run)
        return made

    chat = command("chat", _chat, "ask, and see the answer arrive; Ctrl-C stops it")
    chat.add_argument("prompt", nargs="?", help="what to ask; without it, what is piped in, or a session")
    chat.add_argument("--chat", default="terminal", metavar="ID", help="the conversation (%(default)s)")
    chat.add_argument(
        "--timeout",
        type=float,
        metavar="SECONDS",
        help="give up if the prompt is not accepted in time (it is tried until then, or for ever)",
    )
    chat.add_argument("--model", help="one of the deployment's models")
    command("chats", _chats, "list your chats, those with the latest activity first")
    command("usage", _usage, "see what you have used of your budget")
    command("watch", _watch, "see every message of a user's answers")
    return parser


if __name__ == "__main__":
    run()
