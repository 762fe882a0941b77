"""API Gateway's management API over real HTTP on this machine: it remembers posts and knows who is gone."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class Gateway:
    """What happened to which connection."""

    url: str = ""
    posts: list[tuple[str, bytes]] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)
    broken: bool = False


@contextmanager
def serving() -> Iterator[Gateway]:
    """Serve a gateway until the test is over."""
    gateway = Gateway()

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(200)

        def do_POST(self) -> None:
            data = self.rfile.read(int(self.headers["Content-Length"]))
            if self._is_well:
                gateway.posts.append((self._connection_id, data))
            self._answer(200)

        def do_DELETE(self) -> None:
            if self._is_well:
                gateway.closed.append(self._connection_id)
            self._answer(204)

        @property
        def _connection_id(self) -> str:
            return unquote(self.path.rpartition("/")[2])

        @property
        def _is_well(self) -> bool:
            return not gateway.broken and self._connection_id not in gateway.gone

        def _answer(self, status: int) -> None:
            self.send_response(status if self._is_well else 500 if gateway.broken else 410)
            if not self._is_well:
                self.send_header("x-amzn-ErrorType", "InternalError" if gateway.broken else "GoneException")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing: tests read what we remember."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        gateway.url = f"http://127.0.0.1:{server.server_port}"
        Thread(target=server.serve_forever, args=(0.005,), daemon=True).start()
        yield gateway
        server.shutdown()
