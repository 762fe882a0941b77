"""Lets the stacks take the loads in turn, round after round, so that what disturbs one disturbs all."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.load.runs import Row, Run, play, summary, wait_until_quiet

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.load.plan import Load, Step
    from benchmarks.load.stack import Stack


@dataclass(frozen=True, slots=True)
class Model:
    """The running model server."""

    url: str
    pid: int


@dataclass(slots=True, kw_only=True)
class Measurement:
    """The stacks that are up, and what they have been seen to do."""

    up: dict[str, Stack]
    model: Model
    seed: int
    runs: int = 0

    def rounds(self, plan: Sequence[Step], repetitions: int) -> Iterator[tuple[int, list[Row]]]:
        """Play the plan again and again, and yield all that is known after each time."""
        samples = []
        for name in self.up:
            largest = max((step.load for step in plan if name in step.variants), key=lambda load: load.users)
            run = self._play(largest, name)
            _say("first", name, largest, run)
            samples.append(summary(name, largest, [run], first=True))
        turns = [(step.load, name) for step in plan for name in step.variants]
        seen: dict[tuple[Load, str], list[Run]] = defaultdict(list)
        for repetition in range(1, repetitions + 1):
            for load, name in turns:
                run = self._play(load, name)
                seen[load, name].append(run)
                _say(f"{repetition}/{repetitions}", name, load, run)
            yield (
                repetition,
                [*samples, *(summary(name, load, each) for (load, name), each in seen.items())],
            )

    def _play(self, load: Load, name: str) -> Run:
        self.runs += 1
        wait_until_quiet(self.up.values())
        scripts = load.scripts(seed=self.seed, run=self.runs)
        return play(self.up[name], load, scripts, model_url=self.model.url, model_pid=self.model.pid)


def _say(turn: str, name: str, load: Load, run: Run) -> None:
    row = summary(name, load, [run])
    first, token, frames = row["first_text"], row["token"], row["frames"]
    parts = [
        f"{turn:5}  {load.users:2} users, {load.sockets} sockets, {load.rate}/s  {name:15}",
        f"first text +{first.get('p50', 0):.3f} / +{first.get('p99', 0):.3f} s",
        f"token {token.get('p50', 0):.3f} / {token.get('p95', 0):.3f} s",
        f"{frames.get('mean', 0):.0f} frames",
        f"{row['completed']} of {row['sockets_seen']} whole, faults {sum(row['characters'].values())}",
        "CPU " + " ".join(f"{part} {spent:.1f}" for part, spent in row["cpu"].items()),
    ]
    print("  ".join(parts), flush=True)
