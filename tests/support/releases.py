"""Makes a later release out of a built one, and deploys either with the real command line of the CDK.

The later one writes more than this one knows, as any release may by the rule of docs/deploying.md.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from pathlib import Path
from zipfile import ZipFile

from local.deployment import Cdk
from local.state_dir import StateDir
from tests.support import writes_more
from tests.support.writes_more import LATER

WRITES_MORE = Path(writes_more.__file__).read_text() + "\n\nwrite_more()\n"
FIRST_IMPORTED = "functions/__init__.py"
HASH = re.compile(r"\b[0-9a-f]{64}\b")
VERSION = re.compile(r"(CurrentVersion[0-9A-F]{8})([0-9a-f]{32})")


def make_later_release(built: StateDir, later: StateDir) -> None:
    """Build what another release's code would give: other zips, and so other names of zips and versions."""
    later.make()
    shutil.copytree(built.assembly, later.assembly)
    for archive in list(later.assembly.glob("asset.*.zip")):
        _rewrite(archive, later.assembly / HASH.sub(_renamed, archive.name))
    for file in later.assembly.glob("*.json"):
        text = HASH.sub(_renamed, file.read_text())
        file.write_text(VERSION.sub(lambda found: found[1] + _renamed(found)[:32], text))


def deploy(release: StateDir, *, endpoint: str) -> None:
    """Deploy over whatever is there."""
    Cdk(state_dir=release, endpoint=endpoint).deploy()


def _rewrite(archive: Path, renamed: Path) -> None:
    with ZipFile(archive) as read, ZipFile(renamed, "x") as written:
        assert FIRST_IMPORTED in read.namelist()
        for entry in read.infolist():
            if not re.match("functions/__pycache__/__init__", entry.filename):
                content = read.read(entry)
                written.writestr(entry, WRITES_MORE if entry.filename == FIRST_IMPORTED else content)
    archive.unlink()


def _renamed(found: re.Match[str]) -> str:
    return hashlib.sha256(f"{LATER} {found[0]}".encode()).hexdigest()
