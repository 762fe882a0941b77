"""Requests to one server on kept connections, over the standard library's HTTP client.

A connection is in use by one thread at a time, and goes back when its reply is read. Environment variables
for proxies are not looked at, and no redirect is followed.
"""

from __future__ import annotations

import select
import socket
import ssl
from dataclasses import dataclass, field
from functools import cache
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from botocore.exceptions import (
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from http.client import HTTPMessage

CONNECT, READ = 1.0, 3.0
"""Seconds. The SDK's own are 60, longer than API Gateway waits for a handshake."""
DEFAULT_PORTS = {"http": 80, "https": 443}


class Reply(NamedTuple):
    """A reply that was read to its end."""

    status: int
    body: bytes
    error_type: str
    """What the header `x-amzn-errortype` says, which services send that have no place for it in the body."""
    headers: HTTPMessage | Mapping[str, str] = MappingProxyType({})
    """What it says besides; looked up in lower case."""


@dataclass(slots=True)
class HttpConnections:
    """The connections to one origin."""

    origin: str
    """`https://dynamodb.eu-west-1.amazonaws.com`, without a path."""
    connect: float = CONNECT
    read: float = READ
    _idle: list[HTTPConnection] = field(default_factory=list, repr=False)

    def request(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        """Send one request, and read its reply.

        Raises:
            EndpointConnectionError: If no connection can be made.
            ConnectTimeoutError: If that takes too long.
            ReadTimeoutError: If the reply does.
            ConnectionClosedError: If the connection ends before the reply does, or what comes is no HTTP.
        """
        connection = self._kept() or self._opened()
        try:
            connection.request(method, path, body, dict(headers))
            response = connection.getresponse()
            error_type = response.headers.get("x-amzn-errortype", "")
            reply = Reply(response.status, response.read(), error_type, response.headers)
        except TimeoutError as error:
            connection.close()
            raise ReadTimeoutError(endpoint_url=self.origin, error=error) from error
        except (HTTPException, OSError) as error:
            connection.close()
            raise ConnectionClosedError(endpoint_url=self.origin, error=error) from error
        self._idle.append(connection)
        return reply

    def _kept(self) -> HTTPConnection | None:
        """Return an idle connection that its server has not ended meanwhile."""
        while self._idle:
            try:
                connection = self._idle.pop()
            except IndexError:  # Another thread was faster.
                break
            if connection.sock is not None and not _says_something(connection.sock):
                return connection
            connection.close()
        return None

    def _opened(self) -> HTTPConnection:
        address = urlsplit(self.origin)
        host, port = str(address.hostname), address.port
        connection = (
            HTTPSConnection(host, port, timeout=self.connect, context=tls())
            if address.scheme == "https"
            else HTTPConnection(host, port, timeout=self.connect)
        )
        try:
            connection.connect()
        except TimeoutError as error:
            raise ConnectTimeoutError(endpoint_url=self.origin, error=error) from error
        except OSError as error:
            raise EndpointConnectionError(endpoint_url=self.origin, error=error) from error
        connection.sock.settimeout(self.read)
        connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        return connection


def host_of(origin: str) -> str:
    """Return the Host header for an origin: with its port, unless that is the scheme's own."""
    address = urlsplit(origin)
    is_default = address.port in {None, DEFAULT_PORTS[address.scheme]}
    return str(address.hostname) if is_default else f"{address.hostname}:{address.port}"


def _says_something(sock: socket.socket) -> bool:
    """Say whether there is anything to read: on an idle connection that is its end."""
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))


@cache
def tls() -> ssl.SSLContext:
    """Reading the certificates costs more than a handshake, so it is done once."""
    return ssl.create_default_context()
