"""One request to a model server, and the pieces that its answer brings or why there are none."""

from __future__ import annotations

import zlib
from contextlib import aclosing
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

import aiohttp

from functions.shared.generations.failures import Failure
from functions.worker.gathering import gather
from functions.worker.model import ModelFailed
from functions.worker.pieces import pieces_of
from functions.worker.response_bodies import chunks_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable
    from contextlib import AbstractAsyncContextManager

    from functions.worker.model import AnswerStream, Piece

BROKEN = (aiohttp.ClientError, OSError, zlib.error)


async def answer_to(
    ask: Callable[[], Awaitable[AbstractAsyncContextManager[aiohttp.ClientResponse]]],
    *,
    check: Callable[[aiohttp.ClientResponse], Awaitable[None]],
    stream: AnswerStream | None = None,
    tick: float,
) -> AsyncGenerator[Piece]:
    """Yield the pieces of an answer.

    Args:
        ask: Makes the request, which is sent once.
        check: Raises ModelFailed where the response is no answer.
        stream: Reads the answer; None: as a chat completion.
        tick: Seconds between two reads of a stream that brings text.

    Raises:
        ModelFailed: If there is no answer, or not all of it.
    """
    try:
        request = await ask()
    except ValueError as error:
        # A key or a prompt that HTTP or JSON cannot carry. The error may hold it, so it ends here.
        raise ModelFailed(Failure.REJECTED, broke_off=False, error=type(error).__name__) from None
    has_begun = False
    try:
        async with request as response:
            await check(response)
            has_begun = True
            gathered = pieces_of(chunks_of(response), stream=stream, gather=partial(gather, response, tick))
            async with aclosing(gathered) as pieces:
                async for piece in pieces:
                    yield piece
    except BROKEN as error:
        raise _broken_off(error) if has_begun else _unreachable(error) from error


def is_refused(response: aiohttp.ClientResponse) -> bool:
    """Whether the status says that there is no answer; redirects are not followed."""
    return not response.ok or response.status >= HTTPStatus.MULTIPLE_CHOICES


def _unreachable(error: Exception) -> ModelFailed:
    # A server that takes no connection is down; one that takes it and says nothing is late.
    is_late = isinstance(error, aiohttp.SocketTimeoutError)
    return ModelFailed(
        Failure.TIMEOUT if is_late else Failure.UNAVAILABLE,
        broke_off=False,
        worth_retrying=not isinstance(error, aiohttp.InvalidURL),
        error=type(error).__name__,
    )


def _broken_off(error: Exception) -> ModelFailed:
    return ModelFailed(Failure.INCOMPLETE, broke_off=True, worth_retrying=True, error=type(error).__name__)
