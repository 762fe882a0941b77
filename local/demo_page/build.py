"""Builds the demo page, and the client package before it, if something that goes into them has changed."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from infra.bundling.cache import Made, exclusive, fingerprint
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
    return _page().is_from(fingerprint(_sources()))


def build() -> None:
    """Make what is missing or outdated; the old page is served whole meanwhile.

    Raises:
        CalledProcessError: If npm or one of its programs fails; it has said why.
    """
    for package in (CLIENT, DEMO):
        if not node.is_installed(package):
            _run(node.npm_ci(package))
            node.mark_installed(package)
    _page().once(fingerprint(_sources()), _make)


def reason(log: str) -> str:
    """Return the line of npm's output that says why it failed."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    likely = [line for line in lines if "error" in line.lower() and not line.endswith(":")]
    return next(iter([*likely, *lines]), "it said nothing")


def _page() -> Made:
    return Made(PAGE, workshop=DEMO / "node_modules" / ".page")


def _make(fresh: Path) -> None:
    _run(_script(CLIENT, "build"))
    _run([*_script(DEMO, "build"), "--", "--outDir", str(fresh), "--emptyOutDir"])


def _script(package: Path, name: str) -> list[str]:
    return [node.npm(), "--prefix", str(package), "run", "--silent", name]


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, env=dict(os.environ) | {"PATH": node.search_path()})


def _sources() -> Iterator[Path]:
    for package in (CLIENT, DEMO):
        found = {file for pattern in SOURCES for file in package.glob(pattern) if file.is_file()}
        yield from sorted(found)


def main() -> None:
    """Build it while nothing more urgent is going on, and one at a time."""
    os.nice(LEAST_URGENT)
    with exclusive(CACHE, "page.lock"):
        try:
            build()
        except subprocess.CalledProcessError as error:
            sys.exit(error.returncode)


if __name__ == "__main__":
    main()
