"""Builds the demo page, and the client package before it, if something that goes into them has changed."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from local.demo_page import node
from local.paths import CACHE, PAGE, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CLIENT = ROOT / "clients" / "js"
DEMO = ROOT / "clients" / "demo"
# Everything else in the two folders is made, or only for tests.
SOURCES = ("*.json", "*.ts", "index.html", "src/**/*", "tools/*")
LEAST_URGENT = 19


def is_built() -> bool:
    """Whether the page is what its sources say."""
    with suppress(FileNotFoundError):
        return (PAGE / "index.html").exists() and _stamp().read_text() == _digest()
    return False


def build() -> None:
    """Make what is missing or outdated; the old page is served whole meanwhile.

    Raises:
        CalledProcessError: If npm or one of its programs fails; it has said why.
    """
    for package in (CLIENT, DEMO):
        if not node.is_installed(package):
            _run(node.npm_ci(package))
            node.mark_installed(package)
    if is_built():
        return
    digest = _digest()
    _run(_script(CLIENT, "build"))
    fresh = DEMO / "node_modules" / ".page"
    _run([*_script(DEMO, "build"), "--", "--outDir", str(fresh), "--emptyOutDir"])
    shutil.rmtree(PAGE, ignore_errors=True)
    fresh.rename(PAGE)
    _stamp().write_text(digest)


def reason(log: str) -> str:
    """Return the line of npm's output that says why it failed."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    likely = [line for line in lines if "error" in line.lower() and not line.endswith(":")]
    return next(iter([*likely, *lines]), "it said nothing")


def _script(package: Path, name: str) -> list[str]:
    return [node.npm(), "--prefix", str(package), "run", "--silent", name]


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, env=dict(os.environ) | {"PATH": node.search_path()})


def _stamp() -> Path:
    return DEMO / "node_modules" / ".page-made-from"


def _digest() -> str:
    digest = hashlib.sha256()
    for file in _sources():
        digest.update(f"{file.relative_to(ROOT)}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _sources() -> Iterator[Path]:
    for package in (CLIENT, DEMO):
        found = {file for pattern in SOURCES for file in package.glob(pattern) if file.is_file()}
        yield from sorted(found)


def main() -> None:
    """Build it while nothing more urgent is going on, and one at a time."""
    os.nice(LEAST_URGENT)
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "page.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            build()
        except subprocess.CalledProcessError as error:
            sys.exit(error.returncode)


if __name__ == "__main__":
    main()
