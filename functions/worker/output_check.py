"""Judges whether an answer has the form that its prompt asked for."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from functions.shared.errors import FramestreamError
from functions.shared.generations.failures import Failure
from functions.shared.generations.model import Outcome, Status
from functions.shared.log import Log
from functions.worker import output_process

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from functions.shared.generations.response_format import ResponseFormat

IsValid: TypeAlias = "Callable[[str, ResponseFormat], Awaitable[bool]]"

logger = Log(__name__)

CUT = {"length", "max_tokens"}
"""Words for an answer that would have gone on."""
LONGEST = 30
"""Seconds that the process may take, most of it for its start on a machine that has much to do."""
OUT_OF_TIME = {-signal.SIGXCPU, -signal.SIGKILL}


class NotJudged(FramestreamError):
    """The process that judges did not say what it thinks."""


async def judged(outcome: Outcome, text: str, wanted: ResponseFormat | None, is_valid: IsValid) -> Outcome:
    """Return how an answer ended: one that is complete, and not in the form that was wanted, has failed."""
    if wanted is None or outcome.status is not Status.COMPLETED:
        return outcome
    try:
        has_form = outcome.finish_reason not in CUT and await is_valid(text, wanted)
    except (NotJudged, OSError) as error:
        logger.warning("an answer's form could not be judged", error=str(error))
        return replace(outcome, status=Status.FAILED, failure=Failure.INTERNAL)
    if has_form:
        return outcome
    return replace(outcome, status=Status.FAILED, failure=Failure.INVALID_OUTPUT)


async def is_valid(text: str, wanted: ResponseFormat) -> bool:
    """Ask a process of its own, while other answers go on. What it does not finish in time is not valid.

    Raises:
        NotJudged: If the process failed.
    """
    return await asyncio.to_thread(_is_valid, text, wanted)


def _is_valid(text: str, wanted: ResponseFormat) -> bool:
    asked = json.dumps({"schema": wanted.schema, "text": text}).encode()
    # It gets no credentials, and finds the packages where this process has found them.
    libraries = {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}
    environment = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **libraries}
    command = [sys.executable, "-S", "-m", output_process.__name__]
    try:
        ended = subprocess.run(  # noqa: S603  a command of ours alone
            command, input=asked, capture_output=True, check=False, env=environment, timeout=LONGEST
        )
    except subprocess.TimeoutExpired:
        return False
    if ended.returncode in OUT_OF_TIME:
        return False
    if ended.returncode not in {output_process.VALID, output_process.INVALID}:
        raise NotJudged(f"the process ended with {ended.returncode}")
    return ended.returncode == output_process.VALID
