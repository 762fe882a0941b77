"""Why a socket ended or never opened, for the state machine and in a sentence."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from websockets.exceptions import ConnectionClosed, InvalidStatus, InvalidURI, WebSocketException

from framestream.api import NO_ORIGIN
from framestream.codes import ABNORMAL, BY_HANDSHAKE, PAUSING, TOKEN
from framestream.connection import ConnectionEvent, Event, HandshakeRefused
from framestream.errors import FrameStreamError
from framestream.wire import message_from

logger = logging.getLogger("framestream")

FORBIDDEN_STATUS = 403
NO_ANSWER = "The server does not answer."
BAD_ADDRESS = "The server named an address for sockets that is none."


@dataclass(frozen=True, slots=True)
class Ending:
    """Why a socket ended, or never opened."""

    reason: str = NO_ANSWER
    event: Event = ConnectionEvent.FAILED
    """What that is, if it never opened."""
    code: int = ABNORMAL
    """What it closed with, if it had."""


def ending_of(error: Exception, origin: str | None) -> Ending:
    """In a sentence, and without the socket's address, which has the ticket in it."""
    match error:
        case FrameStreamError():
            return _not_begun(error)
        case InvalidStatus():
            return _refusal(error, origin)
        case ConnectionClosed(rcvd=close) if close:
            return Ending(str(error), code=close.code)
        case OSError() | WebSocketException():  # TimeoutError is an OSError.
            return Ending(BAD_ADDRESS if isinstance(error, InvalidURI) else str(error) or NO_ANSWER)
    logger.error("the connection failed in an unforeseen way", exc_info=error)
    return Ending("The client failed in an unforeseen way; its log says how.")


def _not_begun(error: FrameStreamError) -> Ending:
    if isinstance(error.code, int) or error.code in PAUSING:
        return Ending(str(error), HandshakeRefused(error.code, error.retry_after))
    return Ending(str(error))


def _refusal(error: InvalidStatus, origin: str | None) -> Ending:
    """Why a handshake failed. A ticket that was refused may have come too late, so another may do."""
    status = error.response.status_code
    said = message_from(bytes(error.response.body or b"").decode(errors="replace")) or {}
    code = said.get("code") or BY_HANDSHAKE.get(status)
    reason = str(said.get("message") or f"The server refused the socket ({status}).")
    if status == FORBIDDEN_STATUS and not origin:
        reason += NO_ORIGIN
    if isinstance(code, int) and code != TOKEN:
        return Ending(reason, HandshakeRefused(code))
    return Ending(reason)
