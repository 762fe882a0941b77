"""Where the project's own files are."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HOME = ROOT / ".local"  # The state directory unless another one is given.
CACHE = ROOT / ".local" / "cache"  # What every state directory may share.
PROGRAMS = Path(sys.executable).parent  # The environment's programs: uv, npm.
REQUIREMENTS = ROOT / "requirements"
PAGE = ROOT / "clients" / "demo" / "dist"  # The demo page, as it is served.


def shown(path: Path) -> str:
    """Return the path as a person in the project's folder would type it."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
