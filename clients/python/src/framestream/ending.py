"""Why a socket closed or never opened: as an event of the state machine, and in a sentence."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from websockets.exceptions import ConnectionClosed, InvalidStatus, InvalidURI, WebSocketException

from framestream.api import NO_ORIGIN
from framestream.codes import ABNORMAL, BY_HANDSHAKE, PAUSING, TOKEN
from framestream.connection_events import ConnectionEvent, Event, HandshakeRefused
from framestream.errors import FrameStreamError, Unreachable
from framestream.websocket_messages import message_from

logger = logging.getLogger("framestream")

FORBIDDEN_STATUS = 403
NO_ANSWER = "The server does not answer."
BAD_ADDRESS = "The server named an address for sockets that is none."


@dataclass(frozen=True, slots=True)
class Ending:
    """Why a socket closed, or never opened."""

    reason: str = NO_ANSWER
    event: Event = ConnectionEvent.FAILED
    """The event, if the socket never opened."""
    code: int = ABNORMAL
    """The close code, if the socket was open."""
    is_offline: bool = False
    """Nothing could be reached, so there was no ticket."""


def ending_of(error: Exception, origin: str | None) -> Ending:
    """Describe an end. The reason never contains the URL, because the ticket is in it."""
    match error:
        case FrameStreamError():
            return _without_ticket(error)
        case InvalidStatus():
            return _refused_handshake(error, origin)
        case ConnectionClosed(rcvd=close) if close:
            return Ending(str(error), code=close.code)
        case OSError() | WebSocketException():  # TimeoutError is an OSError.
            return Ending(BAD_ADDRESS if isinstance(error, InvalidURI) else str(error) or NO_ANSWER)
    logger.error("the connection failed in an unforeseen way", exc_info=error)
    return Ending("The client failed in an unforeseen way; its log says how.")


def _without_ticket(error: FrameStreamError) -> Ending:
    if isinstance(error.code, int) or error.code in PAUSING:
        return Ending(str(error), HandshakeRefused(error.code, error.retry_after))
    return Ending(str(error), is_offline=type(error) is Unreachable)


def _refused_handshake(error: InvalidStatus, origin: str | None) -> Ending:
    """Why a handshake failed. A refused ticket may have expired, so a retry takes a new one."""
    status = error.response.status_code
    body = message_from(bytes(error.response.body or b"").decode(errors="replace")) or {}
    code = body.get("code") or BY_HANDSHAKE.get(status)
    reason = str(body.get("message") or f"The server refused the socket ({status}).")
    if status == FORBIDDEN_STATUS and not origin:
        reason += NO_ORIGIN
    if isinstance(code, int) and code != TOKEN:
        return Ending(reason, HandshakeRefused(code))
    return Ending(reason)
