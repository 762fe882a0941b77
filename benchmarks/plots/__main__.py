"""Draws every picture whose result is there, in an environment of its own with what draws."""

from __future__ import annotations

import importlib.util
import subprocess

from benchmarks.environments import python_of
from benchmarks.report import RESULTS, ROOT, read_result

PICTURES = ROOT / "docs" / "img"


def main() -> None:
    """Draw here, or where there is something to draw with."""
    if importlib.util.find_spec("matplotlib") is None:
        subprocess.run([str(python_of("plots")), "-m", "benchmarks.plots"], cwd=ROOT, check=True)
        return
    from benchmarks.plots.drawings import DRAWINGS

    PICTURES.mkdir(parents=True, exist_ok=True)
    for name, (result, draw) in DRAWINGS.items():
        if not (RESULTS / f"{result}.json").exists():
            print(f"{name}: no result yet; make it with python -m benchmarks.{result}")
            continue
        path = PICTURES / f"{name}.svg"
        draw(read_result(result)).savefig(path, metadata={"Date": None})
        print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
