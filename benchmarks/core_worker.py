"""The worker's core in one process: many answers side by side, with a table in memory. Reports its own CPU.

It is the handler's own wiring; only what would speak to AWS's control planes is replaced: table, list of
connections, queue, and secret. `benchmarks/core.py` starts it, for this tree or for another commit's.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import resource
import sys
import time
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import Any

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "benchmark",
    "AWS_SECRET_ACCESS_KEY": "benchmark",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_REGION": "us-east-1",
    "TABLE_NAME": "benchmark",
    "QUEUE_URL": "http://127.0.0.1:9/queue",
    "REMINDERS_URL": "http://127.0.0.1:9/reminders",
    "LLM_KEY_SECRET_ARN": "key",
    "LLM_SYSTEM_PROMPT": "",
    "POWERTOOLS_LOG_LEVEL": "ERROR",
    "POWERTOOLS_METRICS_DISABLED": "true",
}


class Table:
    """Everything that is stored, in memory: any call succeeds at once, whatever its arguments are."""

    def __init__(self, *_: object) -> None:
        pass

    def claim(self, generation_id: str, **how: Any) -> Any:
        from functions.shared.generations.claims import Claim
        from functions.shared.generations.model import Generation, Status

        now = datetime.now(UTC)
        generation = Generation(
            generation_id=generation_id,
            user_id=f"user-{generation_id}",
            chat_id="chat",
            model="bench-model",
            status=Status.PROCESSING,
            attempt=1,
            created_at=now,
            start_by=now + timedelta(minutes=5),
            expires_at=now + timedelta(days=1),
            request_hash="",
            owner=how["owner"],
            lease_until=how["lease_until"],
        )
        return Claim(generation, is_ours=True)

    def prompt(self, *_: object) -> str:
        return "Tell me about otters"

    def finish(self, *_: object, **__: object) -> Any:
        try:
            from functions.shared.chats.model import Ended
        except ImportError:  # A tree from before chats were kept.
            return None
        return Ended()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *_, **__: False


class Registry(Table):
    """One connection for every user, named by it."""

    def of_user(self, user_id: str, *, now: datetime) -> list[Any]:
        from functions.shared.connections.model import Connection

        past, future = now - timedelta(hours=1), now + timedelta(hours=1)
        return [
            Connection(connection_id=f"{user_id}=", user_id=user_id, connected_at=past, expires_at=future)
        ]


class KnownSecret:
    """The model's key."""

    def __init__(self, **_: object) -> None:
        pass

    def values(self, **_: object) -> tuple[str, ...]:
        return ("key",)


def _delivery(number: int) -> Any:
    from functions.worker.delivery import Delivery

    body = json.dumps({"version": 1, "generation_id": f"g{number}"})
    return Delivery(message_id=f"m{number}", receipt_handle="r", body=body, receive_count=1, queue=Table())


async def _answers(dispatcher: Any, numbers: range, *, spread: float, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311  no secret
    until = asyncio.get_running_loop().time() + 600

    async def answer(number: int) -> None:
        await asyncio.sleep(chance.random() * spread)
        await dispatcher.handle(_delivery(number), until=until)

    await asyncio.gather(*map(answer, numbers))


def _report(endpoint: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{endpoint}/report") as reply:  # noqa: S310  our own server
        return dict(json.load(reply))


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Make one answer to warm up, then all of them at once, and say what that took."""
    began, cpu = time.monotonic(), _cpu()
    from functions.worker import handler, wiring

    imported = {"import_s": round(time.monotonic() - began, 3), "import_cpu_s": round(_cpu() - cpu, 3)}
    replacements = {
        "AttemptStore": Table,
        "GenerationReader": Table,
        "ConnectionRegistry": Registry,
        "Secret": KnownSecret,
        "count_end": lambda _, **_how: None,
    }
    for name, replacement in replacements.items():
        setattr(wiring, name, replacement)
    endpoint = os.environ["AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI"]
    loop = handler.event_loop()

    async def run(numbers: range) -> None:
        await _answers(wiring.dispatcher(), numbers, spread=options.spread, seed=options.seed)

    loop.run(run(range(1)))
    _report(endpoint)
    cpu, began = _cpu(), time.monotonic()
    loop.run(run(range(1, options.answers + 1)))
    cpu, took = _cpu() - cpu, time.monotonic() - began
    report = _report(endpoint)
    tokens = options.answers * options.tokens
    return {
        **imported,
        "tokens": tokens,
        "cpu_s_per_1000_tokens": round(cpu / tokens * 1000, 4),
        "cpu_share": round(cpu / took, 3),
        "seconds": round(took, 2),
        "max_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        **report,
        "frames_per_answer": round(report["frames"] / options.answers, 1),
    }


def _take_defaults() -> None:
    """Set what is not set above to the defaults of the tree that is measured."""
    from dataclasses import MISSING, fields

    from functions.shared.settings import variable
    from functions.worker.settings import WorkerSettings

    for each in fields(WorkerSettings):
        if each.default is not MISSING and each.default not in ("", ()):
            text = str(each.default).lower() if isinstance(each.default, bool) else str(each.default)
            os.environ.setdefault(variable(each.name), text)


def main() -> None:
    """Measure as the command line says; print JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tree", required=True, help="where functions/ is")
    parser.add_argument("--answers", type=int, required=True)
    parser.add_argument("--tokens", type=int, required=True)
    parser.add_argument("--interval", type=int, required=True, help="milliseconds between frames")
    parser.add_argument("--model", required=True, help="the model server's address")
    parser.add_argument("--gateway", required=True, help="the gateway's address")
    parser.add_argument("--spread", type=float, default=0.5, help="seconds within which answers begin")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    sys.path.insert(0, options.tree)
    os.environ.update(ENVIRONMENT)
    os.environ["LLM_BASE_URL"] = f"{options.model}/v1"
    os.environ["AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI"] = options.gateway
    os.environ["FRAME_INTERVAL_MILLISECONDS"] = str(options.interval)
    os.environ["FIRST_FRAME_INTERVAL_MILLISECONDS"] = str(options.interval)
    _take_defaults()
    sys.stdout.write(json.dumps(measure(options)) + "\n")


if __name__ == "__main__":
    main()
