"""Serves the demo page: static files, the system's URLs, and a token for any user id that the page names.

A token opens the local system, so only the page itself gets one. Another page in the same browser is known by
its Origin; one whose own name was made to point here (DNS rebinding) is known by the Host that it asks for.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, NoReturn

from local.endpoints import Endpoints
from local.errors import NotRunning
from local.tokens import token_for

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from local.state_dir import StateDir

LONGEST_USER_ID = 128
LIFETIME = 3600
LONGEST_LIFETIME = 86_400

# Nothing from elsewhere, and connections to this machine alone.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; connect-src 'self' http://127.0.0.1:* ws://127.0.0.1:*; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
KINDS = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
}
NOT_BUILT = """<!doctype html>
<html lang="en">
  <meta charset="utf-8"><meta http-equiv="refresh" content="1"><title>framestream</title>
  <p>The page is being built, and will show up here by itself. If it does not, the terminal says why.</p>
</html>
"""


class Refused(Exception):
    """A request that is not answered as it options; the sentence says why."""

    def __init__(self, status: HTTPStatus, sentence: str) -> None:
        self.status = status
        super().__init__(sentence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a browser asks; the names of headers are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What it is told."""

    status: HTTPStatus
    kind: str
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The page at one port, for the system of one state_dir."""

    port: int
    files: Path
    state_dir: StateDir

    def answer(self, request: Request, *, now: datetime) -> Reply:
        """Return what there is, or in one sentence why not."""
        try:
            self._check_host(request)
            match request.path:
                case "/framestream.json":
                    _allow(request, "GET")
                    return _json(HTTPStatus.OK, httpUrl=self._endpoints.http_url)
                case "/token":
                    _allow(request, "POST")
                    return self._token(request, now)
                case path:
                    _allow(request, "GET")
                    return self._file(path)
        except Refused as error:
            return _json(error.status, error=str(error))

    def _check_host(self, request: Request) -> None:
        if request.headers.get("host") not in self._hosts:
            raise Refused(HTTPStatus.MISDIRECTED_REQUEST, f"Only {' and '.join(self._hosts)} are answered.")

    @property
    def _hosts(self) -> tuple[str, str]:
        return f"localhost:{self.port}", f"127.0.0.1:{self.port}"

    @property
    def _endpoints(self) -> Endpoints:
        try:
            return Endpoints.of(self.state_dir)
        except NotRunning as error:
            raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, "The system is not up yet.") from error

    def _token(self, request: Request, now: datetime) -> Reply:
        if request.headers.get("origin") != f"http://{request.headers['host']}":
            raise Refused(HTTPStatus.FORBIDDEN, "Only this page gets tokens; see `python -m local token`.")
        if request.headers.get("content-type") != "application/json":
            raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "The content type must be application/json.")
        user_id, lifetime = _token_request(request.body)
        token = token_for(user_id, secret=self._endpoints.jwt_secret, now=now, lifetime=lifetime)
        return _json(HTTPStatus.OK, token=token)

    def _file(self, path: str) -> Reply:
        if not (self.files / "index.html").is_file():
            return Reply(status=HTTPStatus.SERVICE_UNAVAILABLE, kind=KINDS[".html"], body=NOT_BUILT.encode())
        there = {f"/{file.relative_to(self.files)}": file for file in self.files.rglob("*.*")}
        file = there.get("/index.html" if path == "/" else path)
        if not file or file.suffix not in KINDS:
            raise Refused(HTTPStatus.NOT_FOUND, "There is nothing here.")
        return Reply(status=HTTPStatus.OK, kind=KINDS[file.suffix], body=file.read_bytes())


def _token_request(body: bytes) -> tuple[str, timedelta]:
    """Read who a token is for, and how long it lives. Tests ask for some that have ended already."""
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refused(HTTPStatus.BAD_REQUEST, "The body must be JSON.") from error
    if not isinstance(asked, dict) or "userId" not in asked or asked.keys() - {"userId", "lifetime"}:
        _refuse('The body must be {"userId": "…"}, with a "lifetime" in seconds if you like.')
    user_id, lifetime = asked["userId"], asked.get("lifetime", LIFETIME)
    if not isinstance(user_id, str) or not user_id.isprintable() or not 0 < len(user_id) <= LONGEST_USER_ID:
        _refuse(f"userId must be a printable text of 1 to {LONGEST_USER_ID} characters.")
    if type(lifetime) is not int or not -LONGEST_LIFETIME <= lifetime <= LONGEST_LIFETIME:
        _refuse(f"lifetime must be a whole number from -{LONGEST_LIFETIME} to {LONGEST_LIFETIME}.")
    return user_id, timedelta(seconds=lifetime)


def _refuse(sentence: str) -> NoReturn:
    raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, sentence)


def _allow(request: Request, method: str) -> None:
    if request.method != method:
        raise Refused(HTTPStatus.METHOD_NOT_ALLOWED, f"{request.path} is for {method}.")


def _json(status: HTTPStatus, **content: str) -> Reply:
    return Reply(status=status, kind="application/json", body=json.dumps(content).encode())
