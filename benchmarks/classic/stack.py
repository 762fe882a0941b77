"""Runs the classic stack on this machine: redis-server, uvicorn and a Celery worker."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from benchmarks.environments import python_of
from benchmarks.load.stack import Stack
from local.errors import ServiceDied
from local.paths import ROOT
from local.processes.services import READY_WITHIN, port_for, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from local.state_dir import StateDir

PACKAGES = (
    "django",
    "channels",
    "channels-redis",
    "celery",
    "redis",
    "hiredis",
    "uvicorn",
    "uvloop",
    "openai",
)
CONCURRENCY = 100
"""Answers at once that the worker takes. They wait most of the time, so there is no reason to take fewer."""
ORIGIN = "http://localhost:5173"


class RedisMissing(Exception):
    """This machine has no redis-server."""

    def __str__(self) -> str:
        return (
            "The classic stack needs redis-server, and it is not on the PATH: install it "
            "(`apt-get install redis-server`, `brew install redis`), or leave the classic stack out "
            "with --without classic."
        )


@contextmanager
def classic(state_dir: StateDir, model_url: str) -> Iterator[Stack]:
    """Bring it up, and end it with the context.

    Raises:
        RedisMissing: If there is no Redis to run.
    """
    redis = shutil.which("redis-server")
    if redis is None:
        raise RedisMissing
    programs = python_of("classic").parent
    state_dir.make()
    ready = state_dir.directory / "worker-is-ready"
    redis_port, port, secret = port_for(None, ""), port_for(None, ""), secrets.token_urlsafe(48)
    environ = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "DJANGO_SETTINGS_MODULE": "benchmarks.classic.settings",
        "CLASSIC_JWT_SECRET": secret,
        "CLASSIC_ORIGIN": ORIGIN,
        "CLASSIC_REDIS_URL": f"redis://127.0.0.1:{redis_port}/0",
        "LLM_BASE_URL": f"{model_url}/v1",
        "CLASSIC_READY_FILE": str(ready),
        "NO_PROXY": "127.0.0.1",
    }
    commands = {
        "redis": [redis, "--bind", "127.0.0.1", "--port", str(redis_port), "--save", ""],
        "web": [
            *[str(programs / "uvicorn"), "benchmarks.classic.asgi:application", "--port", str(port)],
            *["--log-level", "warning", "--no-access-log"],
        ],
        "worker": [
            *[str(programs / "celery"), "-A", "benchmarks.classic.tasks", "worker", "--pool", "threads"],
            *[
                "--concurrency",
                str(CONCURRENCY),
                "--without-gossip",
                "--without-mingle",
                "--loglevel",
                "warning",
            ],
        ],
    }
    with ExitStack() as stack:
        for name, command in commands.items():
            service = running(f"Classic {name}", command, state_dir=state_dir, name=name, environ=environ)
            started = stack.enter_context(service)
            if name == "web":
                started.wait_until_it_answers(f"http://127.0.0.1:{port}/health")
        _wait_for(ready)
        yield Stack(
            name="classic",
            websocket_url=f"ws://127.0.0.1:{port}/ws",
            http_url=f"http://127.0.0.1:{port}",
            origin=ORIGIN,
            jwt_secret=secret,
            parts={process.pid: name for name, process in state_dir.processes().items()},
        )


def _wait_for(file: Path) -> None:
    give_up = time.monotonic() + READY_WITHIN
    while not file.exists():
        if time.monotonic() > give_up:
            raise ServiceDied("The Celery worker", file.parent / "logs" / "worker.log")
        time.sleep(0.05)


def versions() -> dict[str, str]:
    """Return the versions of what it consists of."""
    ask = "import importlib.metadata as m, sys; print(*[m.version(name) for name in sys.argv[1:]])"
    python = str(python_of("classic"))
    found = subprocess.run([python, "-c", ask, *PACKAGES], capture_output=True, text=True, check=True)
    server = subprocess.run(["redis-server", "--version"], capture_output=True, text=True, check=True)
    return dict(zip(PACKAGES, found.stdout.split(), strict=True)) | {
        "redis-server": server.stdout.split("v=")[1].split()[0]
    }
