"""Plays one load on one stack, and sums up what its repetitions have seen."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import defaultdict
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from benchmarks.cpu import Meter, metered
from benchmarks.load.framestream import part_of
from benchmarks.report import distribution, spread
from local.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from benchmarks.load.plan import Load
    from benchmarks.load.stack import Stack
    from benchmarks.model.script import Script

PATIENCE = 60
"""Seconds until the client stops to wait for ends."""
QUIET = 0.1
"""Seconds of processor time in half a second below which all stacks count as idle."""
SETTLE_WITHIN = 20.0
FAULTS = ("lost", "doubled", "disordered", "foreign")

Row = dict[str, Any]
UNANSWERED: Row = {"status": -1, "ending": None, "frames": 0, "gaps": 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one repetition has seen: a row for each socket, and seconds by part."""

    rows: list[Row]
    cpu: Mapping[str, float]

    @property
    def first_texts(self) -> list[float]:
        return [row["first_text"] for row in self.rows if "first_text" in row]


def play(stack: Stack, load: Load, scripts: Sequence[Script], *, model_url: str, model_pid: int) -> Run:
    """Let a client of its own process play the load."""
    plan = {
        "stack": stack.for_client(),
        "scripts": [asdict(script) for script in scripts],
        "sockets": load.sockets,
        "model_url": model_url,
        "seconds": PATIENCE,
    }
    command = [sys.executable, "-m", "benchmarks.load.client"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as client:
        parts = {**stack.parts, client.pid: "client", model_pid: "model"}
        with metered(parts, part_of) as meter:
            output = _talk(client, json.dumps(plan).encode())
    unanswered = [dict(UNANSWERED) for _ in range(load.users * load.sockets)]
    return Run(rows=unanswered if client.returncode else json.loads(output), cpu=meter.spent())


def _talk(client: subprocess.Popen[bytes], plan: bytes) -> bytes:
    """Return what the client has seen. One that takes far too long is ended: its load went unanswered."""
    try:
        output, _ = client.communicate(plan, timeout=3 * PATIENCE)
    except subprocess.TimeoutExpired:
        client.kill()
        output, _ = client.communicate()
    return output


def wait_until_quiet(stacks: Iterable[Stack]) -> None:
    """Wait until no stack is busy with what is over, so that none disturbs the next."""
    roots = {pid: stack.name for stack in stacks for pid in stack.parts}
    give_up = time.monotonic() + SETTLE_WITHIN
    while time.monotonic() < give_up:
        meter = Meter(roots, lambda _command: None)
        meter.start()
        time.sleep(0.5)
        meter.look()
        if sum(meter.spent().values()) < QUIET:
            return


def summary(variant: str, load: Load, runs: Sequence[Run], *, first: bool = False) -> Row:
    """Return what is written down of one variant under one load, over all its repetitions.

    Args:
        first: Whether this was the stack's first load after it had come up, with no environment warm.
    """
    rows = [row for run in runs for row in run.rows]
    delays = [delay for row in rows for delay in row.get("delays", [])]
    medians = [distribution(run.first_texts) for run in runs if run.first_texts]
    return {
        "variant": variant,
        **asdict(load),
        "first_round": first,
        "sockets_seen": len(rows),
        "completed": sum(row["ending"] == "completed" for row in rows),
        "first_text": distribution(text for run in runs for text in run.first_texts),
        "first_text_spread": {
            share: spread(each[share] for each in medians) for share in ("p50", "p99") if medians
        },
        "token": distribution(delays),
        "frames": distribution(row["frames"] for row in rows),
        "attempts": max((row.get("attempt", 0) for row in rows), default=0),
        "characters": {fault: sum(row.get(fault, 0) for row in rows) for fault in FAULTS},
        "cpu": _mean(run.cpu for run in runs),
    }


def _mean(spent: Iterable[Mapping[str, float]]) -> dict[str, float]:
    found: dict[str, list[float]] = defaultdict(list)
    count = 0
    for parts in spent:
        count += 1
        for part, seconds in parts.items():
            found[part].append(seconds)
    return {part: sum(seconds) / count for part, seconds in sorted(found.items())}
