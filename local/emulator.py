"""The emulator of AWS: an environment of its own, and a server that checks permissions as AWS does.

Its packages are kept apart from ours because it pins an exact botocore, and because it runs the functions
with its own interpreter: what is not in a function's zip is not there, as on AWS.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from infra.bundling.cache import Stamp, fingerprint
from local.aws import bare_environ
from local.paths import CACHE, PROGRAMS, REQUIREMENTS, ROOT
from local.processes.services import running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from local.processes.services import Service
    from local.state_dir import StateDir

LOCK = REQUIREMENTS / "emulator.txt"
PROGRAM = ROOT / "local" / "counted_emulator.py"


def environment() -> Path:
    """Return the virtual environment's folder, named after all that it depends on."""
    return CACHE / f"emulator-{_depends_on()[:12]}"


def is_installed() -> bool:
    return _stamp().says(_depends_on())


def install_commands() -> list[list[str]]:
    """Return the commands that make the environment."""
    uv, folder = str(PROGRAMS / "uv"), str(environment())
    return [
        [uv, "venv", "--quiet", "--allow-existing", "--python", sys.executable, folder],
        [uv, "pip", "sync", "--python", folder, "--require-hashes", str(LOCK)],
    ]


def mark_installed() -> None:
    """Remember that the environment is whole."""
    _stamp().write(_depends_on())


@contextmanager
def emulator(*, state_dir: StateDir, port: int) -> Iterator[Service]:
    """Run it on this machine's own address for as long as the context lasts."""
    environ = bare_environ() | {
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "AUTH": "true",
        "TMPDIR": str(state_dir.scratch),
        "S3_DATA_DIR": str(state_dir.scratch / "s3"),
        "STATE_DIR": str(state_dir.scratch / "state"),
    }
    python = environment() / "bin" / "python"
    command = [str(python), str(PROGRAM)]
    with running("The emulator", command, state_dir=state_dir, name="emulator", environ=environ) as service:
        service.wait_until_it_answers(f"http://127.0.0.1:{port}/_ministack/health")
        yield service


def _stamp() -> Stamp:
    return Stamp(environment() / "complete")


def _depends_on() -> str:
    return fingerprint([LOCK], f"{sys.version_info[:3]} {sys.base_prefix}")
