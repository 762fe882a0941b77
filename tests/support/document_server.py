"""A real HTTP server that answers well, or in one of the ways in which servers fail."""

from __future__ import annotations

import socket
import ssl
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.support.keys import pair

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@dataclass
class DocumentServer:
    """Answers every request with `answer`; remembers the requests."""

    url: str
    answer: Callable[[socket.socket], None]
    context: ssl.SSLContext | None = None
    requests: list[str] = field(default_factory=list)
    ended: Event = field(default_factory=Event)

    def serve(self, listener: socket.socket) -> None:
        while not self.ended.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with suppress(OSError), connection, self._secured(connection) as secured:
            request = secured.recv(65_536)
            if request:
                self.requests.append(request.decode())
                self.answer(secured)

    def _secured(self, connection: socket.socket) -> socket.socket:
        return self.context.wrap_socket(connection, server_side=True) if self.context else connection


@contextmanager
def serving(
    answer: Callable[[socket.socket], None], *, certificate: Path | None = None
) -> Iterator[DocumentServer]:
    """Serve on a free port of this machine; with a certificate, over TLS."""
    context = None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        scheme = "https" if context else "http"
        url = f"{scheme}://127.0.0.1:{listener.getsockname()[1]}/keys"
        server = DocumentServer(url, answer, context)
        thread = Thread(target=server.serve, args=(listener,), daemon=True)
        thread.start()
        yield server
        server.ended.set()
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        thread.join(1)


def good(body: bytes, *, status: str = "200 OK", headers: str = "") -> Callable[[socket.socket], None]:
    """An answer with a length."""
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode()
    return raw(head + body)


def raw(data: bytes) -> Callable[[socket.socket], None]:
    """Exactly these bytes, and the end."""
    return lambda connection: connection.sendall(data)


def silent(connection: socket.socket) -> None:
    """No answer, ever."""
    connection.settimeout(20)
    connection.recv(1)


def stuck_after(head: bytes) -> Callable[[socket.socket], None]:
    """A beginning, and then nothing."""

    def stick(connection: socket.socket) -> None:
        connection.sendall(head)
        silent(connection)

    return stick


def dripping(head: bytes) -> Callable[[socket.socket], None]:
    """A byte now and then, so that no time-out of a socket ever passes."""

    def drip(connection: socket.socket) -> None:
        connection.sendall(head)
        for _ in range(200):
            time.sleep(0.1)
            connection.sendall(b"x")

    return drip


def endless(connection: socket.socket) -> None:
    """As much as is taken."""
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        connection.sendall(b" " * 65_536)


def self_signed(host: str, path: Path) -> Path:
    """Write a certificate for a host, and its key."""
    key = pair("P-256", "a server")
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, SHA256())
    )
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(secret + certificate.public_bytes(Encoding.PEM))
    return path
