"""What the worker's core costs: CPU per 1,000 tokens and evenness of frames, by answers side by side.

    python -m benchmarks.core --answers 10 50 --rate 80 --interval 100
    python -m benchmarks.core --compare ../other-worktree     # alternates with that tree in one run

Model server and gateway are other processes, so that their CPU is not counted. The result is JSON.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import platform
import statistics
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
LIMIT = 300  # seconds for one run
PACKAGES = ("aiohttp", "botocore", "httpx2", "openai")


@contextlib.contextmanager
def server(*arguments: str) -> Iterator[str]:
    """Start a server of benchmarks/core_servers.py and yield its address."""
    command = [sys.executable, "-m", "benchmarks.core_servers", *arguments]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.terminate()


def run(tree: Path, answers: int, options: argparse.Namespace) -> dict[str, Any]:
    """Measure one tree once, with servers of its own."""
    with (
        server("model", "--rate", str(options.rate), "--tokens", str(options.tokens)) as model,
        server("gateway", "--latency", str(options.latency)) as gateway,
    ):
        command = [
            _python_of(tree), str(ROOT / "benchmarks" / "core_worker.py"), "--tree", str(tree),
            "--answers", str(answers), "--tokens", str(options.tokens), "--interval", str(options.interval),
            "--model", model, "--gateway", gateway, "--seed", str(options.seed),
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=False, cwd=tree)
    if done.returncode != 0:
        raise SystemExit(done.stderr)
    return {"tree": tree.name, "answers": answers, **json.loads(done.stdout)}


def _python_of(tree: Path) -> str:
    own = tree / ".venv" / "bin" / "python"
    return str(own) if own.exists() else sys.executable


def summary(runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The median and the spread of each tree at each number of answers."""
    groups: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for one in runs:
        groups.setdefault((one["tree"], one["answers"]), []).append(one)
    return [
        {
            "tree": tree,
            "answers": answers,
            "runs": len(group),
            **{
                name: {
                    "median": round(statistics.median(one[name] for one in group), 4),
                    "min": min(one[name] for one in group),
                    "max": max(one[name] for one in group),
                }
                for name in ("cpu_s_per_1000_tokens", "cpu_share", "gap_p50_ms", "gap_p95_ms")
            },
        }
        for (tree, answers), group in groups.items()
    ]


def _versions(tree: Path) -> dict[str, str]:
    probe = (
        "import json, platform, importlib.metadata as m; "
        f"print(json.dumps({{'python': platform.python_version()}} | "
        f"{{d.name: d.version for d in m.distributions() if d.name in {PACKAGES}}}))"
    )
    done = subprocess.run([_python_of(tree), "-c", probe], capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))


def _commit_of(tree: Path) -> str:
    command = ["git", "-C", str(tree), "describe", "--always", "--dirty"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def main() -> None:
    """Measure as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--answers", type=int, nargs="+", default=[10, 50], help="side by side")
    parser.add_argument("--rate", type=float, default=80, help="tokens a second of each answer")
    parser.add_argument("--tokens", type=int, default=800, help="of each answer")
    parser.add_argument("--interval", type=int, default=100, help="milliseconds between frames")
    parser.add_argument("--latency", type=float, default=10, help="milliseconds until a post is answered")
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--compare", type=Path, nargs="*", default=[], help="other working trees")
    parser.add_argument("--output", type=Path, help="where to write the JSON; standard output otherwise")
    options = parser.parse_args()
    trees = [tree.resolve() for tree in (ROOT, *options.compare)]
    runs = [
        run(tree, answers, options)
        for _ in range(options.repeat)
        for answers in options.answers
        for tree in trees
    ]
    result = {
        "benchmark": "core",
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {
            "system": platform.platform(),
            "processor": _processor(),
            "architecture": platform.machine(),
        },
        "trees": {tree.name: {"commit": _commit_of(tree), **_versions(tree)} for tree in trees},
        "options": {
            name: value for name, value in vars(options).items() if name not in {"compare", "output"}
        },
        "summary": summary(runs),
        "runs": runs,
    }
    text = json.dumps(result, indent=2)
    if options.output:
        options.output.write_text(text + "\n", encoding="utf-8")
    else:
        sys.stdout.write(text + "\n")


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.exists() else []
    return next(
        (line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.processor()
    )


if __name__ == "__main__":
    main()
