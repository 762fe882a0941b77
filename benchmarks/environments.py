"""Environments for what the benchmarks need beside the project's own: the classic stack, and what draws."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from typing import TYPE_CHECKING

from local.paths import CACHE, PROGRAMS, REQUIREMENTS

if TYPE_CHECKING:
    from pathlib import Path


def python_of(group: str) -> Path:
    """Return the Python of the group's virtual environment, made if need be, and named after its lock."""
    lock = REQUIREMENTS / f"{group}.txt"
    depends_on = lock.read_bytes() + f"{sys.version_info[:3]} {sys.base_prefix}".encode()
    folder = CACHE / f"{group}-{hashlib.sha256(depends_on).hexdigest()[:12]}"
    python, complete = folder / "bin" / "python", folder / "complete"
    if not complete.exists():
        print(f"Installing what requirements/{lock.name} lists ...", flush=True)
        uv = str(PROGRAMS / "uv")
        venv = [uv, "venv", "--quiet", "--allow-existing", "--python", sys.executable, str(folder)]
        subprocess.run(venv, check=True)
        sync = [uv, "pip", "sync", "--quiet", "--python", str(folder), "--require-hashes", str(lock)]
        subprocess.run(sync, check=True)
        complete.touch()
    return python
