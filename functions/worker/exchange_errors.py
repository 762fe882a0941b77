"""Tells what it means that an exchange with a model server failed, before or after its answer began."""

from __future__ import annotations

import zlib

import aiohttp

from functions.shared.generations.failures import Failure
from functions.worker.model import ModelFailed

EXCHANGE = (aiohttp.ClientError, OSError, zlib.error)


def unreachable(error: Exception) -> ModelFailed:
    """Make the failure of a request that was not answered."""
    # A server that takes no connection is down; one that takes it and says nothing is late.
    is_late = isinstance(error, aiohttp.SocketTimeoutError)
    return ModelFailed(
        Failure.TIMEOUT if is_late else Failure.UNAVAILABLE,
        broke_off=False,
        worth_retrying=not isinstance(error, aiohttp.InvalidURL),
        error=type(error).__name__,
    )


def broken_off(error: Exception) -> ModelFailed:
    """Make the failure of an answer that did not end."""
    return ModelFailed(Failure.INCOMPLETE, broke_off=True, worth_retrying=True, error=type(error).__name__)
