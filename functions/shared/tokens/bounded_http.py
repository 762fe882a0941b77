"""A small document from the web, within a time and a size, or not at all.

Time-outs of sockets start again with every byte, and none covers the name look-up. So the question is asked
in a thread, and its caller waits no longer than a second.
"""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from queue import Empty, SimpleQueue
from threading import Thread
from urllib.parse import urlsplit

WITHIN_SECONDS = 1.0
MOST_BYTES = 100_000


class Unreachable(Exception):
    """There was no answer in time, or not one that we take."""


def fetch(url: str) -> bytes:
    """Get a document. Redirects are not followed, and nothing is unpacked.

    Raises:
        Unreachable: If it does not come in time, is too large, or has another status than 200.
    """
    parts = urlsplit(url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=WITHIN_SECONDS)
    target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    answers: SimpleQueue[bytes | None] = SimpleQueue()
    Thread(target=_ask, args=(connection, target, answers), name="bounded-http", daemon=True).start()
    try:
        answer = answers.get(timeout=WITHIN_SECONDS)
    except Empty:
        answer = None
        _hang_up(connection)
    if answer is None:
        raise Unreachable
    return answer


def _ask(connection: HTTPConnection, target: str, answers: SimpleQueue[bytes | None]) -> None:
    until = time.monotonic() + WITHIN_SECONDS
    try:
        with suppress(OSError, HTTPException, ValueError, Unreachable):
            connection.request("GET", target, headers={"Accept": "application/json", "Connection": "close"})
            answers.put(_body(connection.getresponse(), until))
    finally:
        answers.put(None)
        connection.close()


def _body(response: HTTPResponse, until: float) -> bytes:
    if response.status != 200:
        raise Unreachable
    body = b""
    while piece := response.read1(MOST_BYTES + 1):
        body += piece
        if len(body) > MOST_BYTES or time.monotonic() > until:
            raise Unreachable
    return body


def _hang_up(connection: HTTPConnection) -> None:
    """Wake the thread, so that it does not listen for ever to a server that sends a byte now and then."""
    with suppress(OSError):
        if connection.sock is not None:
            connection.sock.shutdown(socket.SHUT_RDWR)
