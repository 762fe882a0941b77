"""Users at once: ours with three frame intervals, and Channels, Celery and Redis, alternating in one run."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.classic import stack as classic_stack
from benchmarks.load.framestream import framestream
from benchmarks.load.measurement import Measurement, Model
from benchmarks.load.plan import CLASSIC, SETTINGS, VARIANTS, Load, Step, steps
from benchmarks.report import RESULTS, write_result
from local.processes.services import port_for, running
from local.state_dir import StateDir

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager

    from benchmarks.load.stack import Stack

SEED = 20_261_127
REPETITIONS = {"short": 2, "full": 3}
PACKAGES = ("openai", "websockets", "httpx", "boto3", "ministack")


def main(words: Sequence[str]) -> None:
    """Measure what was asked for, and write it down."""
    options = _parser().parse_args(words)
    without = tuple(options.without)
    plan = [Step(load=Load(users=users), variants=_left(without)) for users in options.users] or [
        *steps(options.size, without=without)
    ]
    settings = dict(word.split("=", 1) for word in options.set)
    wanted = [name for name in VARIANTS if any(name in step.variants for step in plan)]
    params = {
        "size": options.size,
        "variants": {name: SETTINGS.get(name, {}) for name in wanted},
        "settings": settings,
        "classic": classic_stack.versions() if CLASSIC in wanted else {},
    }
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="framestream-benchmark-")))
        model = stack.enter_context(_model(folder))
        up = {name: stack.enter_context(_up(name, folder, model, settings)) for name in wanted}
        measurement = Measurement(up=up, model=model, seed=options.seed)
        for done, samples in measurement.rounds(plan, options.repetitions or REPETITIONS[options.size]):
            path = write_result(
                "load",
                params,
                samples,
                seed=options.seed,
                repetitions=done,
                packages=PACKAGES,
                directory=options.results,
            )
    print(f"Written to {path}")


@contextmanager
def _model(folder: Path) -> Iterator[Model]:
    state_dir, port = StateDir(folder / "model"), port_for(None, "")
    state_dir.make()
    command = [sys.executable, "-m", "benchmarks.model.server", "--port", str(port)]
    server = running("The model", command, state_dir=state_dir, name="model", environ=os.environ)
    with server as service:
        url = f"http://127.0.0.1:{port}"
        service.wait_until_it_answers(f"{url}/v1/models")
        yield Model(url, state_dir.processes()["model"].pid)


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
    parser.add_argument("--size", choices=REPETITIONS, default="short")
    parser.add_argument(
        "--users", type=int, nargs="*", default=[], help="these loads alone, with one socket each"
    )
    parser.add_argument("--without", nargs="*", default=[], choices=VARIANTS, help="variants to leave out")
    parser.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE", help="settings of all of ours")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--repetitions", type=int, help="rounds (2 of the short size, 3 of the full)")
    parser.add_argument("--results", type=Path, default=RESULTS, help="the folder to write to")
    return parser


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # It clears up as after Ctrl-C.
    main(sys.argv[1:])
