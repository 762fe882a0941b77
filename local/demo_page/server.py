"""The demo page's server, for this machine alone."""

from __future__ import annotations

import argparse
import re
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from local.demo_page.page import HEADERS, Page, Request
from local.paths import PAGE
from local.state_dir import StateDir

if TYPE_CHECKING:
    from socketserver import BaseServer


class Exchange(BaseHTTPRequestHandler):
    """One connection: requests in, replies out."""

    protocol_version = "HTTP/1.1"
    server_version = "framestream"
    sys_version = ""
    timeout = 30  # Seconds that a connection may say nothing.

    def __init__(self, request: Any, client: Any, server: BaseServer, *, page: Page) -> None:
        self._page = page
        super().__init__(request, client, server)

    def handle_one_request(self) -> None:
        """Let a browser leave whenever it likes."""
        try:
            super().handle_one_request()
        except ConnectionError:
            self.close_connection = True

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        body = self._body()
        if body is None:
            self.send_error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return
        headers = {name.lower(): ", ".join(self.headers.get_all(name, [])) for name in self.headers}
        path = unquote(urlsplit(self.path).path)
        asked = Request(method=self.command, path=path, headers=headers, body=body)
        reply = self._page.answer(asked, now=datetime.now(UTC))
        self.send_response(reply.status)
        told = {**HEADERS, "Content-Type": reply.kind, "Content-Length": str(len(reply.body))}
        for name, value in told.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body)

    def _body(self) -> bytes | None:
        """Return the body; nothing if it is too long, or has no length."""
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not _SHORT.fullmatch(length):
            return None
        return self.rfile.read(int(length))


_SHORT = re.compile(r"[0-9]{1,3}", re.ASCII)  # More digits than a token request's length has.


class Server(ThreadingHTTPServer):
    """Listens on this machine's own address."""

    def __init__(self, page: Page) -> None:
        super().__init__(("127.0.0.1", page.port), partial(Exchange, page=page))


def main() -> None:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser(prog="python -m local.demo_page.server", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--state", type=Path, required=True)
    options = parser.parse_args()
    Server(Page(port=options.port, files=PAGE, state_dir=StateDir(options.state))).serve_forever()


if __name__ == "__main__":
    main()
