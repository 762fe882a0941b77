"""Users at once: ours with three frame intervals, and Channels, Celery and Redis, alternating in one run."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections import defaultdict
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.classic import stack as classic_stack
from benchmarks.load import runs
from benchmarks.load.framestream import framestream
from benchmarks.load.plan import CLASSIC, SETTINGS, VARIANTS, Load, Step, steps
from benchmarks.report import RESULTS, write_result
from local.paths import ROOT
from local.state_dir import StateDir

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager

    from benchmarks.load.stack import Stack

SEED = 20_261_127
REPETITIONS = 3
PACKAGES = ("openai", "websockets", "httpx", "boto3", "ministack")


@dataclass(frozen=True, slots=True)
class Model:
    """The running model server."""

    url: str
    pid: int


def main(words: Sequence[str]) -> None:
    """Measure what was asked for, and write it down."""
    options = _parser().parse_args(words)
    without = tuple(options.without)
    plan = [Step(load=Load(users=users), variants=_left(without)) for users in options.users] or [
        *steps(options.size, without=without)
    ]
    settings = dict(word.split("=", 1) for word in options.set)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="framestream-benchmark-")))
        model = stack.enter_context(_model())
        wanted = [name for name in VARIANTS if any(name in step.variants for step in plan)]
        up = {name: stack.enter_context(_up(name, folder, model, settings)) for name in wanted}
        samples = _measure(plan, up, model, seed=options.seed, repetitions=options.repetitions)
    versions = classic_stack.versions() if CLASSIC in wanted else {}
    path = write_result(
        "load",
        {"size": options.size, "settings": {**SETTINGS}, "set": settings, "classic": versions},
        samples,
        seed=options.seed,
        repetitions=options.repetitions,
        packages=PACKAGES,
        directory=options.results,
    )
    print(f"Written to {path}")


def _measure(
    plan: Sequence[Step], up: dict[str, Stack], model: Model, *, seed: int, repetitions: int
) -> list[runs.Row]:
    seen: dict[tuple[Load, str], list[runs.Run]] = defaultdict(list)
    number = 0

    def play(load: Load, name: str) -> runs.Run:
        nonlocal number
        number += 1
        runs.wait_until_quiet(up.values())
        scripts = load.scripts(seed=seed, run=number)
        return runs.play(up[name], load, scripts, model_url=model.url, model_pid=model.pid)

    for name in up:
        print(f"Warm {name} up with one answer", flush=True)
        play(Load(users=1), name)
    for repetition in range(repetitions):
        for step in plan:
            for name in step.variants:
                run = play(step.load, name)
                seen[step.load, name].append(run)
                _say(f"{repetition + 1}/{repetitions}", name, step.load, run)
    return [runs.summary(name, load, found) for (load, name), found in seen.items()]


def _say(turn: str, name: str, load: Load, run: runs.Run) -> None:
    row = runs.summary(name, load, [run])
    first, token, frames = row["first_text"], row["token"], row["frames"]
    parts = [
        f"{turn}  {load.users:2} users, {load.sockets} sockets, {load.rate}/s  {name:15}",
        f"first text +{first.get('p50', 0):.3f} / +{first.get('p99', 0):.3f} s",
        f"token {token.get('p50', 0):.3f} / {token.get('p95', 0):.3f} s",
        f"{frames.get('mean', 0):.0f} frames",
        f"{row['completed']} of {row['sockets_seen']} whole, faults {sum(row['characters'].values())}",
        "CPU " + " ".join(f"{part} {spent:.1f}" for part, spent in row["cpu"].items()),
    ]
    print("  ".join(parts), flush=True)


@contextmanager
def _model() -> Iterator[Model]:
    command = [sys.executable, "-m", "benchmarks.model.server"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        try:
            yield Model(f"http://127.0.0.1:{server.stdout.readline().strip()}", server.pid)
        finally:
            server.terminate()


def _up(name: str, folder: Path, model: Model, settings: dict[str, str]) -> AbstractContextManager[Stack]:
    print(f"Bring {name} up", flush=True)
    state_dir = StateDir(folder / name.replace(" ", "-"))
    if name == CLASSIC:
        return classic_stack.classic(state_dir, model.url)
    return framestream(name, state_dir, model.url, {**settings, **SETTINGS[name]})


def _left(without: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in VARIANTS if name not in without)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("--size", choices=["short", "full"], default="short")
    parser.add_argument(
        "--users", type=int, nargs="*", default=[], help="these loads alone, with one socket each"
    )
    parser.add_argument("--without", nargs="*", default=[], choices=VARIANTS, help="variants to leave out")
    parser.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE", help="settings of all of ours")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--repetitions", type=int, default=REPETITIONS)
    parser.add_argument("--results", type=Path, default=RESULTS, help="the folder to write to")
    return parser


if __name__ == "__main__":
    main(sys.argv[1:])
