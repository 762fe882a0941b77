"""Makes all runs and writes the results beside this file, and the documents' tables from them.

Without an argument everything is simulated again (two minutes). `--check` only compares the documents with
the results; tests/unit/benchmarks/ compares the results with the simulation.
"""

from __future__ import annotations

import json
import sys

from benchmarks.simulation.plot import waits
from benchmarks.simulation.runs import everything
from benchmarks.simulation.tables import PICTURE, RESULTS, blocks
from tools import marked

if __name__ == "__main__":
    if not sys.argv[1:]:
        RESULTS.write_text(json.dumps(everything(), indent=1) + "\n")
    results = json.loads(RESULTS.read_text())
    if "--check" not in sys.argv:
        PICTURE.write_text(waits(results["steady"]))
    sys.exit(marked.run("simulation", blocks(results), sys.argv[1:] or ["--write"]))
