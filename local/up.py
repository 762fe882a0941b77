"""`up`: one system from its first step until it is ended."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, NoReturn

from rich.console import Console
from rich.markup import escape

from local.chat import ask
from local.demo_page.build import is_built
from local.demo_page.demo import build_of_page, demo
from local.endpoints import Endpoints
from local.errors import AlreadyRunning, CannotAsk, ServiceDied
from local.paths import HOME, ROOT, shown
from local.processes.parent_watch import end_with
from local.processes.process import Process
from local.progress import Steps
from local.system import System

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from local.demo_page.demo import Demo
    from local.options import UpOptions
    from local.processes.services import Service
    from local.state_dir import StateDir

USER = "user_123"
ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def up(state_dir: StateDir, options: UpOptions, *, prompt: str | None = None, quiet: bool = False) -> None:
    """Bring the system up, ask the prompt if there is one, and stay up until Ctrl-C or SIGTERM.

    Raises:
        LocalError: If it does not come up, or does not stay up.
    """
    console = Console(stderr=True)
    with _ended_by_signals(), state_dir.held(), ExitStack() as running:
        if options.ends_with:
            end_with(options.ends_with)
        page = (
            running.enter_context(demo(state_dir=state_dir, port=options.page_port))
            if options.with_page
            else None
        )
        steps = Steps(console)
        with steps.shown():
            servers = System(state_dir=state_dir, steps=steps, running=running, demo=page).come_up(options)
        if prompt:
            _ask(prompt, console, state_dir)
        if not quiet:
            _show_addresses(console, state_dir)
            console.print("\nUp. Ctrl-C ends it.")
        with suppress(KeyboardInterrupt):  # This is how it is meant to end.
            _stay_up(servers, page, console, state_dir)


def up_detached(state_dir: StateDir, arguments: Sequence[str]) -> None:
    """Bring the system up in a process of its own, and return when it is up.

    Raises:
        AlreadyRunning: If a system is up in this state directory.
        SystemExit: If it did not come up; it has said why.
    """
    if state_dir.is_held:
        raise AlreadyRunning(state_dir.directory)
    state_dir.make()
    with state_dir.log("up").open("wb") as output:
        command = [sys.executable, "-m", "local", "up", "--quiet", *arguments]
        child = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    try:
        _follow(child, state_dir)
    except KeyboardInterrupt:
        child.terminate()
        child.wait()
        raise
    _show_addresses(Console(stderr=True), state_dir)


def _follow(child: subprocess.Popen[bytes], state_dir: StateDir) -> None:
    """Show what it says until it is up or gone."""
    with state_dir.log("up").open() as said:
        while child.poll() is None and not _is_up(child, state_dir):
            sys.stderr.write(said.read())
            time.sleep(0.1)
        sys.stderr.write(said.read())
    if child.poll() is not None:
        raise SystemExit(child.returncode or 1)


def _is_up(child: subprocess.Popen[bytes], state_dir: StateDir) -> bool:
    holder = Process.recorded(state_dir.holder)
    return holder is not None and holder.pid == child.pid and state_dir.endpoints.exists()


def _ask(prompt: str, console: Console, state_dir: StateDir) -> None:
    """Show one answer; a system whose model fails is up all the same, and worth looking at."""
    console.print(f"\n[bold]{USER} asks:[/] {escape(prompt)}")
    try:
        ask(prompt, user=USER, endpoints=Endpoints.of(state_dir))
    except CannotAsk as error:
        console.print(str(error), style="red", markup=False)


def _stay_up(servers: list[Service], page: Demo | None, console: Console, state_dir: StateDir) -> None:
    """Build the page if need be, after all else is up, and wait for the end."""
    if page and not is_built():
        with build_of_page(state_dir) as build:
            _watch([*servers, page.server], until=build)
        console.print(page.news_of(build), highlight=False, markup=False, soft_wrap=True)
    _watch([*servers, page.server] if page else servers)


def _watch(servers: list[Service], *, until: Service | None = None) -> None:
    """Wait until that one has done its work, or else for ever: it ends with a signal, or with any server."""
    while not (until and until.has_ended):
        for server in servers:
            if server.has_ended:
                raise ServiceDied(server.title, server.log)
        time.sleep(0.5)


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Let a signal end us from within, once; a second one must not disturb the clearing up."""

    def end(_number: int, _frame: object) -> NoReturn:
        for number in ENDS:
            signal.signal(number, signal.SIG_IGN)
        sys.stderr.write("\nEnding ...\n")
        raise KeyboardInterrupt

    before = {number: signal.signal(number, end) for number in ENDS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _show_addresses(console: Console, state_dir: StateDir) -> None:
    endpoints = Endpoints.of(state_dir)
    state = "" if state_dir.directory == HOME else f" --state {shown(state_dir.directory)}"
    page = f"[bold]Page[/]       {endpoints.page_url}{'' if is_built() else ' (being built)'}\n"
    console.print(
        f"\n{page if endpoints.page_url else ''}"
        f"[bold]WebSocket[/]  {endpoints.websocket_url}\n"
        f"[bold]HTTP[/]       {endpoints.http_url}\n"
        f"[bold]Model[/]      {endpoints.llm_base_url}\n"
        f"[bold]Secret[/]     in {shown(state_dir.endpoints)}, with all the addresses\n"
        "\nTry, in another terminal:\n"
        f'  .venv/bin/python -m local chat "Tell me about otters" --user {USER}{state}\n'
        f"  .venv/bin/python -m local token --user {USER}{state}\n"
        f"  .venv/bin/python -m local dashboard{state}\n"
        f"  .venv/bin/python -m local status{state}",
        highlight=False,
        soft_wrap=True,
    )
