"""What each function imports when an environment starts, and what that costs, with and without bytecode."""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

from benchmarks.report import RESULTS, spread, write_result
from infra.bundling.build import FUNCTIONS, build
from local import emulator

if TYPE_CHECKING:
    from collections.abc import Sequence

REPETITIONS = {"short": 5, "full": 20}
SHOWN = 6
"""Packages that a row names: the costliest."""
IMPORTED = re.compile(r"^import time:\s+(?P<self>\d+) \|\s+\d+ \|\s*(?P<module>\S+)$", re.MULTILINE)
ASK = (
    "import time; began = time.process_time(); import functions.{name}.handler; "
    "print(time.process_time() - began)"
)

Row = dict[str, Any]


def main(words: Sequence[str]) -> None:
    """Measure and write down."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cold_start", description=__doc__)
    parser.add_argument("--size", choices=REPETITIONS, default="short")
    parser.add_argument("--results", type=Path, default=RESULTS, help="the folder to write to")
    options = parser.parse_args(words)
    _install_the_runtime()
    repetitions = REPETITIONS[options.size]
    zips = build("local", report=lambda line: print(line, file=sys.stderr))
    with tempfile.TemporaryDirectory(prefix="framestream-benchmark-") as folder:
        samples = [row for name in FUNCTIONS for row in _measure(name, zips[name], Path(folder), repetitions)]
    path = write_result(
        "cold_start",
        {"size": options.size},
        samples,
        repetitions=repetitions,
        packages=["aws-lambda-powertools", "aiohttp", "pyjwt"],
        directory=options.results,
    )
    print(f"Written to {path}")


def _measure(name: str, archive: Path, folder: Path, repetitions: int) -> list[Row]:
    """Return a row with bytecode and one without; their repetitions alternate."""
    forms = {True: folder / name / "with", False: folder / name / "without"}
    for with_bytecode, place in forms.items():
        _unpack(archive, place, with_bytecode=with_bytecode)
    seconds: dict[bool, list[float]] = defaultdict(list)
    for _ in range(repetitions):
        for with_bytecode, place in forms.items():
            seconds[with_bytecode].append(float(_python(place, "-c", ASK.format(name=name)).stdout))
    rows = [
        {
            "function": name,
            "bytecode": with_bytecode,
            "cpu_seconds": spread(seconds[with_bytecode]),
            "zip_bytes": archive.stat().st_size,
            **imports(_python(place, "-X", "importtime", "-c", f"import functions.{name}.handler").stderr),
        }
        for with_bytecode, place in forms.items()
    ]
    for row in rows:
        kind = "with bytecode" if row["bytecode"] else "without"
        print(
            f"{name:10}  {kind:13}  {row['cpu_seconds']['median']:.3f} s  {row['modules']} modules",
            flush=True,
        )
    return rows


def imports(said: str) -> Row:
    """Sum up what Python said of its imports: how many, and the seconds of the costliest packages."""
    found = [(each["module"], int(each["self"]) / 1e6) for each in IMPORTED.finditer(said)]
    packages: dict[str, float] = defaultdict(float)
    for module, seconds in found:
        packages[module.partition(".")[0]] += seconds
    costliest = sorted(packages.items(), key=lambda item: -item[1])[:SHOWN]
    return {"modules": len(found), "packages": dict(costliest)}


def _unpack(archive: Path, place: Path, *, with_bytecode: bool) -> None:
    with ZipFile(archive) as zipped:
        zipped.extractall(place)
    for cache in [] if with_bytecode else list(place.rglob("__pycache__")):
        shutil.rmtree(cache)
    if with_bytecode:
        # A zip may hold none, and what was unpacked is newer than what was compiled for it.
        _python(place, "-m", "compileall", "-q", ".")


def _python(place: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the emulator's Python on the unpacked zip: like Lambda's it has boto3, and nothing else of ours."""
    writes = {} if words[:2] == ("-m", "compileall") else {"PYTHONDONTWRITEBYTECODE": "1"}
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(place), **writes}
    python = str(emulator.environment() / "bin" / "python")
    return subprocess.run(
        [python, *words], cwd=place, env=environ, capture_output=True, text=True, check=True
    )


def _install_the_runtime() -> None:
    if not emulator.is_installed():
        for command in emulator.install_commands():
            subprocess.run(command, check=True)
        emulator.mark_installed()


if __name__ == "__main__":
    main(sys.argv[1:])
