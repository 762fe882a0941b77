"""Runs the emulator so that Lambda logs and measures each invocation, and starts functions fast, in turns.

By itself the emulator measures only what is invoked through Lambda's own API, writes no log of what a
WebSocket invokes, and unpacks a function's zip for each new environment: up to a second of a processor while
the caller waits, which on AWS is done before anybody calls. And twenty requests at once start twenty
processes, a second of a processor each, beside which nothing answers in time; a request that waits for a
process that is up is served within milliseconds. Each of them would import botocore before its function, to
count how often functions call each other: a third of a second of a processor, and ours call none. After a
reply the emulator would wait for up to 50 ms whether more lines of its log come; a last line tells it.
And whatever is measured, it would look through all that was measured before for what is two weeks old.

Its version is pinned (requirements/emulator.txt), so that its functions can be wrapped. This program runs in
the emulator's environment, where nothing of ours is but this file.
"""

from __future__ import annotations

import hashlib
import queue
import shutil
import tempfile
import threading
import time
import uuid
import zipfile
from collections import defaultdict
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from ministack.app import main
from ministack.core import lambda_runtime
from ministack.services import cloudwatch, lambda_svc

Result = dict[str, Any]

AT_ONCE = 6
"""Requests that one function answers side by side here; further ones wait for their turn."""
LONGEST_TURN = 60
"""Seconds that such a function may run. A worker runs longer; its event source decides how many there are."""

_lease = lambda_runtime.get_or_create_worker
_dispatch = lambda_svc._execute_function_dispatch
_measure = lambda_svc._emit_lambda_metrics


class LoggedWorker:
    """A function's process, as a WebSocket invokes it; each invocation is logged and measured."""

    def __init__(self, worker: Any, config: Result) -> None:
        self._worker, self._config = worker, config

    def invoke(self, event: Any, request_id: str) -> Result:
        """Run one invocation."""
        began = time.time()
        result: Result = self._worker.invoke(event, request_id)
        milliseconds = (time.time() - began) * 1000
        failed = result.get("status") == "error"
        number = str(uuid.uuid4())
        lambda_svc._emit_lambda_logs(self._config, number, result.get("log", ""), failed, int(milliseconds))
        _measure(self._config["FunctionName"], duration_ms=milliseconds, error=failed, throttle=False)
        return result


def lease(name: str, config: Result, code: bytes, qualifier: str = "$LATEST") -> LoggedWorker:
    """Take a process for one invocation; only WebSockets ask here."""
    return LoggedWorker(_lease(name, config, code, qualifier), config)


_turns: defaultdict[str, threading.Semaphore] = defaultdict(lambda: threading.Semaphore(AT_ONCE))


def dispatch(func: Result, config: Result, event: Any, request_id: str, started: float) -> Result:
    """Run an invocation of every other trigger, and measure it."""
    takes_turns = config["Timeout"] <= LONGEST_TURN
    with _turns[config["FunctionName"]] if takes_turns else nullcontext():
        started = time.time() if takes_turns else started
        result: Result = _dispatch(func, config, event, request_id, started)
    milliseconds = (time.time() - started) * 1000
    failed = bool(result.get("error"))
    _measure(config["FunctionName"], duration_ms=milliseconds, error=failed, throttle=False)
    return result


def measure(name: str, duration_ms: float, error: bool, throttle: bool) -> None:  # noqa: FBT001 - its form.
    """Leave out what `dispatch` has measured; what was throttled never got there."""
    if throttle:
        _measure(name, duration_ms=duration_ms, error=error, throttle=throttle)


_unpacking = threading.Lock()
_folders: dict[str, Path] = {}


class UnpackedOnce:
    """A function's zip: all its environments share one folder of its files, as they share an image on AWS."""

    def __init__(self, file: str) -> None:
        self._file = Path(file)

    def __enter__(self) -> UnpackedOnce:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is open."""

    def extractall(self, path: str) -> None:
        """Put a link to the shared folder where an empty one is."""
        digest = hashlib.sha256(self._file.read_bytes()).hexdigest()
        with _unpacking:
            if digest not in _folders:
                folder = Path(tempfile.mkdtemp(prefix="ministack-code-"))
                with zipfile.ZipFile(self._file) as archive:
                    archive.extractall(folder)
                _folders[digest] = folder
        shutil.rmtree(path)
        Path(path).symlink_to(_folders[digest])


LAST_LINE = "-- end of the invocation --"
LINES_WAIT = 0.25
"""Seconds in which the lines of an invocation come through the pipe, once it has replied."""


def without_botocore_and_with_a_last_line(script: str) -> str:
    """Change the program that a function's process runs."""
    counts_calls, replies = "    _ms_install_invoke_depth()\n", "        _real_stdout.flush()\n\nrun()\n"
    assert script.count(counts_calls) == script.count(replies) == 1
    says_so = f"        sys.stderr.write({LAST_LINE + chr(10)!r})\n        sys.stderr.flush()\n"
    return script.replace(counts_calls, "").replace(replies, says_so + replies)


def drain_log(worker: Any) -> str:
    """Take what an invocation has logged, and what an earlier one had whose last line came too late."""
    lines: list[str] = []
    give_up = time.monotonic() + LINES_WAIT
    while (left := give_up - time.monotonic()) > 0:
        try:
            line = worker._stderr_queue.get(timeout=left)
        except queue.Empty:
            break
        if line != LAST_LINE:
            lines.append(line)
        elif worker._stderr_queue.empty():
            break
    return "\n".join(lines)


lambda_runtime._PYTHON_WORKER_SCRIPT = without_botocore_and_with_a_last_line(
    lambda_runtime._PYTHON_WORKER_SCRIPT
)
lambda_runtime.Worker._drain_stderr_bounded = drain_log
lambda_runtime.zipfile = SimpleNamespace(
    ZipFile=UnpackedOnce, BadZipFile=zipfile.BadZipFile, LargeZipFile=zipfile.LargeZipFile
)
lambda_runtime.get_or_create_worker = lease
lambda_svc._execute_function_dispatch = dispatch
lambda_svc._emit_lambda_metrics = measure
cloudwatch._evict_old_metrics = lambda: None

if __name__ == "__main__":
    main()
