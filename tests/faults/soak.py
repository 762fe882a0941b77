"""Hours of bad luck in minutes: hundreds of generations under a random mix of faults, judged at the end.

    python -m tests.faults.soak --seed 42 --generations 300
    python -m tests.faults.soak --together 40 --workers 2    # workers that carry twenty answers

Every user has a budget. At the end nothing may be held, each counter must be the sum of its ledger lines, and
every line must be what the model's server has counted, or be marked as an estimate.

The seed is printed, and decides prompts, model faults, proxy faults, kills, freezes, duplicates, cancels and
reconnects (but not how they fall together in time).
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import random
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from websockets.exceptions import InvalidStatus

from tests.support.canaries import traces
from tests.support.heard import FINAL
from tests.support.history import Asked, History
from tests.support.lab import ROOT, SETTINGS, Lab, laboratory
from tests.support.ledger_judge import PARTITION, LedgerJudge, Totals
from tests.support.listener import Unavailable
from tests.support.plain_http import plain_client

THROTTLED = {"error": {"code": "ProvisionedThroughputExceededException"}}
LOST = {"response": {"abort_bytes": 0}}
TOO_MANY = {"error": {"code": "LimitExceededException", "status": 429}}
DOWN = {"error": {"code": "InternalServerError", "status": 500}}
PROXY_FAULTS: dict[str, tuple[str, dict[str, Any]]] = {
    "table throttled": ("dynamodb", THROTTLED),
    "table reply lost": ("dynamodb", LOST),
    "table reset": ("dynamodb", {"reset": True}),
    "table slow": ("dynamodb", {"latency": 1500}),
    "post throttled": ("apigatewaymanagementapi", TOO_MANY),
    "post failed": ("apigatewaymanagementapi", DOWN),
    "post reply lost": ("apigatewaymanagementapi", LOST),
    "post slow": ("apigatewaymanagementapi", {"latency": 2000}),
    "queue reply lost": ("sqs", LOST),
    "queue failed": ("sqs", DOWN),
}
MODEL_FAULTS: list[dict[str, Any]] = [
    {"kind": "cut", "after": 8},
    {"kind": "end", "after": 5},
    {"kind": "stall", "after": 3},
    {"kind": "malformed", "after": 4},
    {"kind": "error_object", "after": 6},
    {"kind": "status", "code": 429, "retry_after": 0.5},
    {"kind": "status", "code": 503, "retry_after": 0.2},
]
BUDGET: dict[str, int | str] = {
    "llm_prices": "stand-in=0.25/0.025/2",
    "llm_max_output_tokens": 500,
    "user_budget": "month_usd=100",
}
USERS = 12
ALPHABET = ["otter ", "👩‍👩‍👧 ", "e\u0301 ", "שלום ", "\u2028", "Ж", '"\\', "\n"]


@dataclass(slots=True)
class Soak:
    """One run."""

    lab: Lab
    history: History
    chance: random.Random
    generations: int
    together: int
    pause: float = 2.0
    """Seconds between two faults, at most."""
    counts: Counter[str] = field(default_factory=Counter)
    kills: int = 0
    done: int = 0
    totals: Totals = field(default_factory=Totals)

    async def run(self) -> None:
        """Ask, disturb, and wait for every end."""
        for number in range(USERS):
            await self._listen(f"user_{number}")
        stop = asyncio.Event()
        chaos = asyncio.create_task(self._disturb(stop))
        slots = asyncio.Semaphore(self.together)
        await asyncio.gather(*(self._one(slots) for _ in range(self.generations)))
        stop.set()
        await chaos
        self.counts.update(f"{event['service']} {event['action']}" for event in self.lab.proxy.fired())
        self.lab.proxy.calm()
        self.lab.signal_workers(signal.SIGCONT)

    async def _listen(self, user_id: str) -> None:
        """Open a socket; a machine that is busy may ask to come again (1013), as it asks a browser."""
        for _ in range(10):
            with contextlib.suppress(InvalidStatus):
                await self.history.listen(user_id)
                return
            await asyncio.sleep(1)
        raise AssertionError("a handshake was refused for 10 s")

    async def _one(self, slots: asyncio.Semaphore) -> None:
        async with slots:
            faults = [self.chance.choice(MODEL_FAULTS)] if self.chance.random() < 0.25 else []
            for fault in faults:
                self.counts[f"model {fault['kind']}"] += 1
            asked = await self._ask(faults)
            if self.chance.random() < 0.1:
                await asyncio.sleep(self.chance.random())
                self.counts["cancel"] += 1
                await self._cancel(asked)
            if self.chance.random() < 0.15:
                self.counts["duplicate delivery"] += 1
                await asyncio.to_thread(self.lab.deliver_again, asked.generation_id)
            await self._until_final(asked)
            self.done += 1
            if self.done % 10 == 0:
                print(f"{self.done} of {self.generations} have ended", flush=True)

    async def _ask(self, faults: list[dict[str, Any]]) -> Asked:
        key = f"{self.chance.getrandbits(64):x}"
        user_id = f"user_{self.chance.randrange(USERS)}"
        deltas = [self.chance.choice(ALPHABET) for _ in range(self.chance.randint(1, 80))]
        rate = self.chance.choice([0, 20, 60])
        for _ in range(30):  # The same request each time: an earlier one may have been accepted unheard.
            with contextlib.suppress(AssertionError, httpx.TransportError):
                return await self.history.ask(
                    user_id,
                    deltas=deltas,
                    rate=rate,
                    faults=list(faults),
                    endings="completed failed cancelled",
                    key=key,
                    calls=1,
                    overlapping=True,
                    counts_bytes=True,
                )
            await asyncio.sleep(0.5)
        raise AssertionError("a prompt was refused for 15 s")

    async def _cancel(self, asked: Asked) -> None:
        with contextlib.suppress(httpx.TransportError):
            await self.history.http.post(
                f"{self.lab.site.http_url}/api/chat/generations/{asked.generation_id}/cancel",
                headers=self.lab.site.headers(asked.user_id),
            )

    async def _until_final(self, asked: Asked) -> None:
        async with asyncio.timeout(600):  # Several deaths in a row, on a machine that others use, too.
            while True:
                with contextlib.suppress(Unavailable, httpx.TransportError):
                    if (await self.history.read(asked))["status"] in FINAL:
                        return
                await asyncio.sleep(0.5)

    async def _disturb(self, stop: asyncio.Event) -> None:
        acts: list[Callable[[], Any]] = [self._proxy_fault] * 8 + [self._kill, self._freeze]
        while not stop.is_set():
            await self.chance.choice(acts)()
            await asyncio.sleep(self.chance.uniform(self.pause / 4, self.pause))

    async def _proxy_fault(self) -> None:
        name = self.chance.choice(sorted(PROXY_FAULTS))
        service, fault = PROXY_FAULTS[name]
        await asyncio.to_thread(self.lab.proxy.rule, service, times=self.chance.randint(1, 6), **fault)

    async def _kill(self) -> None:
        self.counts["kill"] += 1
        self.kills += 1
        await asyncio.to_thread(self.lab.signal_workers, signal.SIGKILL)

    async def _freeze(self) -> None:
        self.counts["freeze"] += 1
        self.kills += 1  # A frozen worker may lose its generation as a killed one does.
        await asyncio.to_thread(self.lab.signal_workers, signal.SIGSTOP)
        await asyncio.sleep(self.chance.choice([2, 14]))
        await asyncio.to_thread(self.lab.signal_workers, signal.SIGCONT)

    def judge_ledger(self) -> None:
        """Compare the ledger with the model's own count.

        Raises:
            AssertionError: If they differ.
        """
        items = [item for item in table_of(self.lab) if item["pk"]["S"].startswith(PARTITION)]
        calls = self.lab.calls()
        ours = {
            asked.generation_id: [call for call in calls if call["key"] == asked.key]
            for asked in self.history.asked
        }
        self.totals = LedgerJudge(items).judge(ours)


async def soak(lab: Lab, seed: int, generations: int, together: int, pause: float) -> Soak:
    """Run and judge. Raises AssertionError if an invariant is broken."""
    async with plain_client(timeout=30) as http:
        chance = random.Random(seed)  # noqa: S311  a seed
        run = Soak(lab, History(lab, http, patience=600), chance, generations, together, pause)
        try:
            async with run.history:
                await run.run()
                for asked in run.history.asked:
                    asked.calls += run.kills
            run.judge_ledger()
        except Exception:
            keep(lab, seed)
            raise
        assert len(run.history.asked) == generations
    return run


def keep(lab: Lab, seed: int) -> None:
    """Write down what is needed to understand a run that failed."""
    folder = ROOT / ".local" / "soak"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{seed}.log").write_text("\n".join(text for _, text in traces(lab.site, lab.state)))
    (folder / f"{seed}.items").write_text("\n".join(map(json.dumps, table_of(lab))))
    (folder / f"{seed}.calls").write_text(json.dumps(lab.calls()))
    print(f"The run failed: its logs and items are in {folder}", flush=True)


def table_of(lab: Lab) -> list[dict[str, Any]]:
    """Every item of the table."""
    pages = lab.aws("dynamodb").get_paginator("scan").paginate(TableName=lab.site.table_name)
    return [item for page in pages for item in page["Items"]]


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--generations", type=int, default=300)
    parser.add_argument("--together", type=int, default=10, help="generations under way at once")
    parser.add_argument("--pause", type=float, default=2.0, help="seconds between two faults, at most")
    parser.add_argument("--workers", type=int, default=SETTINGS["worker_max_concurrency"])
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    began = time.monotonic()
    settings: dict[str, int | str] = {"max_receive_count": 50, "worker_max_concurrency": options.workers}
    with tempfile.TemporaryDirectory() as state, laboratory(Path(state), **settings, **BUDGET) as lab:
        run = asyncio.run(soak(lab, options.seed, options.generations, options.together, options.pause))
    ends = Counter(asked.final["status"] for asked in run.history.asked)
    print(f"{options.generations} generations in {time.monotonic() - began:.0f} s: {dict(ends)}")
    print(f"0 lost, 0 duplicated, 0 garbled; faults that fired: {dict(run.counts)}")
    print(f"ledger: {run.totals}")


if __name__ == "__main__":
    main()
