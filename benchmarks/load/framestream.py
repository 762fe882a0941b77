"""Brings the local deployment up with other settings than its own, as `make dev` does."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from benchmarks.load.stack import Stack
from local.endpoints import Endpoints
from local.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from local.state_dir import StateDir

FUNCTION = re.compile(r"ministack-lambda-\S*?(Worker|Generate|Connect|Disconnect|Message)Function")


@contextmanager
def framestream(
    name: str, state_dir: StateDir, model_url: str, settings: Mapping[str, object]
) -> Iterator[Stack]:
    """Bring it up, and take it down with the context."""
    said = [word for key, value in settings.items() for word in ("--set", f"{key}={value}")]
    state = ["--state", str(state_dir.directory)]
    local = [sys.executable, "-m", "local"]
    up = [*local, "up", "--detach", "--no-page", *state, "--ends-with", str(os.getpid()), *said]
    environ = {**os.environ, "LLM_BASE_URL": f"{model_url}/v1", "LLM_MODEL": "scripted"}
    subprocess.run(
        up, cwd=ROOT, env=environ, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        endpoints = Endpoints.of(state_dir)
        yield Stack(
            name=name,
            websocket_url=endpoints.websocket_url,
            http_url=endpoints.http_url,
            origin=endpoints.origin,
            jwt_secret=endpoints.jwt_secret,
            parts={state_dir.processes()["emulator"].pid: "emulator"},
        )
    finally:
        subprocess.run([*local, "down", *state], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def part_of(command: str) -> str | None:
    """Name the function that a process of the emulator runs."""
    found = FUNCTION.search(command)
    return found[1].lower() if found else None
