"""The routes of the HTTP API."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import unquote

from functions.generate import responses
from functions.generate.pages import page_of
from functions.generate.problems import BadRequest, MethodNotAllowed, NotFound
from functions.generate.read_limit import ReadLimit
from functions.generate.requests import request_from
from functions.shared.connections.tickets import lifetime
from functions.shared.errors import Forbidden, Unauthenticated, naming
from functions.shared.gateway_events import bearer_token
from functions.shared.times import rfc3339

if TYPE_CHECKING:
    from datetime import datetime

    from functions.generate.submission import Submission
    from functions.generate.ticket_issuer import TicketIssuer
    from functions.shared.connections.user_connections import UserConnections
    from functions.shared.generations.model import Generation
    from functions.shared.origins import OriginAllowList
    from functions.shared.tokens.verifier import Bearer, TokenVerifier

_ID = r"(?P<id>[0-9a-f]{32})"
_CONNECTION_ID = r"(?P<id>[A-Za-z0-9_=%-]{1,128})"
_IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_OFFSET = re.compile(r"[0-9]{1,10}")


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: HTTP status and JSON body."""

    status: int
    body: dict[str, Any] = field(repr=False)


class Texts(Protocol):
    """Where the text of an answer is read."""

    def pieces(self, generation: Generation, offset: int) -> Iterator[tuple[int, str]]: ...

    def length(self, generation: Generation) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """Answers HTTP requests."""

    submission: Submission
    ticket_issuer: TicketIssuer
    user_connections: UserConnections
    connections_per_user: int
    texts: Texts
    tokens: TokenVerifier
    origins: OriginAllowList
    max_prompt_bytes: int
    websocket_url: str
    read_limit: ReadLimit = field(default_factory=ReadLimit)

    def reply(self, event: dict[str, Any], *, now: datetime) -> Reply:
        """Answer one event of the HTTP API (payload 2.0).

        Raises:
            Problem: If the request cannot be carried out as it is.
            Refused: If the caller may not do this, or something that we depend on is down.
        """
        route, parameters = _route(event["requestContext"]["http"]["method"], event["rawPath"])
        if not self.origins.allows(event["headers"].get("origin")):
            raise Forbidden("origin")
        if route is Api.health:
            return self.health(now=now)
        bearer = self._bearer_of(event, now)
        with naming(bearer.user_id):
            return route(self, event, bearer, now=now, **parameters)

    def health(self, *, now: datetime) -> Reply:
        """Say that the function runs."""
        return Reply(200, {"status": "ok", "timestamp": rfc3339(now)})

    def generate(self, event: dict[str, Any], bearer: Bearer, *, now: datetime) -> Reply:
        """Accept a prompt."""
        request = request_from(event, max_prompt_bytes=self.max_prompt_bytes)
        if request.user_id != bearer.user_id:
            raise Forbidden("user_id")
        generation = self.submission.submit(request, key=_idempotency_key(event["headers"]), now=now)
        return Reply(202, responses.accepted(generation))

    def read(self, event: dict[str, Any], bearer: Bearer, *, now: datetime, id: str) -> Reply:  # noqa: A002
        """Give a generation and its text from an offset on, as much as one reply may carry."""
        self.read_limit.admit(bearer.user_id, now=now)
        self.read_limit.charge(bearer.user_id, now=now)
        generation = self.submission.find(id, user_id=bearer.user_id, now=now)
        self.submission.requeue_if_stranded(generation, now=now)
        query = event.get("queryStringParameters") or {}
        offset = _whole_number(query, "offset", 0)
        if _whole_number(query, "attempt", generation.attempt) != generation.attempt:
            offset = 0
        page = page_of(self.texts.pieces(generation, offset), offset=offset)
        if page.has_more:
            page = replace(page, length=self.texts.length(generation))
        self.read_limit.charge(bearer.user_id, page.text, now=now)
        return Reply(200, responses.state(generation, page, offset=offset, now=now))

    def cancel(self, _event: dict[str, Any], bearer: Bearer, *, now: datetime, id: str) -> Reply:  # noqa: A002
        """Stop a generation."""
        user_id = bearer.user_id
        self.submission.cancel(id, user_id=user_id, now=now)
        return Reply(202, responses.cancelling(self.submission.find(id, user_id=user_id, now=now), now=now))

    def issue_ticket(self, event: dict[str, Any], bearer: Bearer, *, now: datetime) -> Reply:
        """Give a ticket for one socket."""
        secret = self.ticket_issuer.issue(bearer, origin=event["headers"].get("origin"), now=now)
        expires_in = lifetime(bearer.expires_at, now=now)
        return Reply(201, responses.ticket(secret, self.websocket_url, expires_in=expires_in))

    def list_connections(self, _event: dict[str, Any], bearer: Bearer, *, now: datetime) -> Reply:
        """List the user's open sockets."""
        user_id = bearer.user_id
        self.read_limit.admit(user_id, now=now)
        self.read_limit.charge(user_id, now=now)
        held = self.user_connections.of_user(user_id, now=now)
        return Reply(200, responses.connections(user_id, held, maximum=self.connections_per_user, now=now))

    def close_connections(self, _event: dict[str, Any], bearer: Bearer, *, now: datetime) -> Reply:
        """Close all of the user's sockets."""
        user_id = bearer.user_id
        return Reply(
            200, responses.closed(user_id, self.user_connections.close_all(user_id, now=now), now=now)
        )

    def close_connection(
        self,
        _event: dict[str, Any],
        bearer: Bearer,
        *,
        now: datetime,
        id: str,  # noqa: A002
    ) -> Reply:
        """Close one of the user's sockets."""
        user_id, connection_id = bearer.user_id, unquote(id)
        if not self.user_connections.close(connection_id, user_id=user_id, now=now):
            raise NotFound("There is no such connection.")
        return Reply(200, responses.closed(user_id, [connection_id], now=now))

    def _bearer_of(self, event: dict[str, Any], now: datetime) -> Bearer:
        token = bearer_token(event["headers"].get("authorization"))
        if not token:
            raise Unauthenticated("no_credential")
        return self.tokens.bearer(token, now=now)


Route = Callable[..., Reply]
ROUTES: tuple[tuple[str, str, Route], ...] = (
    ("GET", "/health", Api.health),
    ("POST", "/api/chat/generate-response", Api.generate),
    ("POST", "/api/chat/connection-tickets", Api.issue_ticket),
    ("GET", "/api/chat/connections", Api.list_connections),
    ("DELETE", "/api/chat/connections", Api.close_connections),
    ("DELETE", f"/api/chat/connections/{_CONNECTION_ID}", Api.close_connection),
    ("GET", f"/api/chat/generations/{_ID}", Api.read),
    ("POST", f"/api/chat/generations/{_ID}/cancel", Api.cancel),
)


def _route(method: str, path: str) -> tuple[Route, dict[str, str]]:
    """Find what answers a request; a trailing slash makes no difference."""
    plain = path.removesuffix("/") or "/"
    matches = [(verb, route, re.fullmatch(pattern, plain)) for verb, pattern, route in ROUTES]
    allowed = [verb for verb, _, match in matches if match]
    for verb, route, match in matches:
        if match and verb == method:
            return route, match.groupdict()
    if allowed:
        raise MethodNotAllowed(f"Use {' or '.join(allowed)} here.", allowed=allowed)
    raise NotFound("There is nothing at this path.")


def _idempotency_key(headers: Mapping[str, str]) -> str | None:
    key = headers.get("idempotency-key")
    if key is not None and not _IDEMPOTENCY_KEY.fullmatch(key):
        raise BadRequest("Idempotency-Key must be 1 to 255 printable ASCII characters without spaces.")
    return key


def _whole_number(query: Mapping[str, str], name: str, default: int) -> int:
    if name not in query:
        return default
    if not _OFFSET.fullmatch(query[name]):
        raise BadRequest(f"{name} must be a whole number, at least 0 and at most ten digits.")
    return int(query[name])
