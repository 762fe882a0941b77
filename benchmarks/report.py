"""Writes what a benchmark measured as JSON, with everything that another run is compared by."""

from __future__ import annotations

import json
import math
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results"
PERCENT = (50, 95, 99)
DIGITS = 6


def write_result(
    name: str,
    params: Mapping[str, Any],
    samples: Sequence[Mapping[str, Any]],
    *,
    seed: int | None = None,
    repetitions: int = 1,
    packages: Iterable[str] = (),
    directory: Path = RESULTS,
) -> Path:
    """Write `<name>.json` and return its path.

    Args:
        params: What was asked for: the size, the settings, the variants.
        samples: One mapping for each run or row. Times are in seconds unless the key says otherwise.
        packages: The distributions whose versions matter to the figures.
    """
    directory.mkdir(parents=True, exist_ok=True)
    result = {
        "benchmark": name,
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit(),
        "machine": machine(),
        "versions": versions(packages),
        "seed": seed,
        "repetitions": repetitions,
        "params": dict(params),
        "samples": [dict(sample) for sample in samples],
    }
    path = directory / f"{name}.json"
    path.write_text(json.dumps(_rounded(result), indent=1, sort_keys=False) + "\n")
    return path


def read_result(name: str, *, directory: Path = RESULTS) -> dict[str, Any]:
    """Read what `write_result` wrote."""
    result: dict[str, Any] = json.loads((directory / f"{name}.json").read_text())
    return result


def quantile(values: Iterable[float], percent: float) -> float:
    """Return the value below which this share of the values lies, interpolated between its two neighbours.

    Raises:
        ValueError: If there are no values: a share of nothing has no number.
    """
    ordered = sorted(values)
    if not ordered:
        raise ValueError("no values to take a quantile of")
    position = (len(ordered) - 1) * percent / 100
    below = math.floor(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - below)


def distribution(values: Iterable[float]) -> dict[str, float]:
    """Return count, mean, p50, p95, p99 and the largest of many values; the count alone of none."""
    found = list(values)
    if not found:
        return {"n": 0}
    shares = {f"p{percent}": quantile(found, percent) for percent in PERCENT}
    return {"n": len(found), "mean": sum(found) / len(found), **shares, "max": max(found)}


def spread(values: Iterable[float]) -> dict[str, float]:
    """Return the median of one figure over repetitions, and the lowest and highest: its spread."""
    found = list(values)
    return {"median": quantile(found, 50), "low": min(found), "high": max(found)}


def machine() -> dict[str, Any]:
    """Return what the figures depend on and no commit says."""
    return {
        "system": platform.system(),
        "processor": platform.machine(),
        "model": _processor(),
        "cpus": os.cpu_count(),
        "load_average": [round(load, 2) for load in os.getloadavg()],
    }


def versions(packages: Iterable[str]) -> dict[str, str]:
    """Return Python's version and those of the packages; one that is not installed is said to be so."""
    found = {"python": platform.python_version(), "implementation": sys.implementation.name}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def commit() -> str:
    """Return the commit that was measured, with a "+" where files had changed since."""
    try:
        head = _git("rev-parse", "--short=12", "HEAD")
        changed = _git(
            "status", "--porcelain", "--untracked-files=no", "--", ":!benchmarks/results", ":!docs"
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return f"{head}+" if changed else head


def _git(*words: str) -> str:
    done = subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def _rounded(value: Any) -> Any:
    """Keep six significant digits: more would be noise, and make every diff unreadable."""
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}")
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    return [_rounded(each) for each in value] if isinstance(value, (list, tuple)) else value
