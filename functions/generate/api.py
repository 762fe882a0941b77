"""The HTTP API: which route serves a request, and for whom."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from functions.generate import endpoints
from functions.generate.body_reading import read_body
from functions.generate.read_limit import ReadLimit
from functions.generate.responses import Reply
from functions.generate.routes import Call, find, routes_in
from functions.shared.errors import Forbidden, Unauthenticated, naming
from functions.shared.gateway_events import bearer_token
from functions.shared.log_context import note

if TYPE_CHECKING:
    from datetime import datetime

    from functions.generate.chat_changes import ChatChanges
    from functions.generate.chat_deletion import ChatDeletion
    from functions.generate.chat_history import ChatHistory
    from functions.generate.chat_news import ChatNews
    from functions.generate.ports import Attaching, Chats, Standings, Texts
    from functions.generate.queueing import Queueing
    from functions.generate.routes import Route
    from functions.generate.settings import GenerateSettings
    from functions.generate.submission import Submission
    from functions.generate.ticket_issuer import TicketIssuer
    from functions.generate.user_generations import UserGenerations
    from functions.generate.waiting_prompts import WaitingPrompts
    from functions.shared.budgets.watch import BudgetWatch
    from functions.shared.connections.user_connections import UserConnections
    from functions.shared.origins import OriginAllowList
    from functions.shared.tokens.verifier import Bearer, TokenVerifier
    from functions.shared.trace_context import TraceContext

ROUTES = routes_in(endpoints)


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """Answers HTTP requests, with what its routes need."""

    submission: Submission
    queueing: Queueing
    user_generations: UserGenerations
    ticket_issuer: TicketIssuer
    user_connections: UserConnections
    texts: Texts
    attachments: Attaching
    chats: Chats
    chat_changes: ChatChanges
    chat_deletion: ChatDeletion
    chat_history: ChatHistory
    chat_news: ChatNews
    waiting_prompts: WaitingPrompts
    tokens: TokenVerifier
    origins: OriginAllowList
    ledger: Standings
    budget_watch: BudgetWatch
    settings: GenerateSettings
    read_limit: ReadLimit = field(default_factory=ReadLimit)

    def reply(self, event: dict[str, Any], *, trace: TraceContext, now: datetime) -> Reply:
        """Answer one event of the HTTP API (payload 2.0).

        Raises:
            Problem: If the request cannot be carried out as it is.
            Refused: If the caller may not do this, or something that we depend on is down.
        """
        route, path = find(ROUTES, event["requestContext"]["http"]["method"], event["rawPath"])
        if not self.origins.allows(event["headers"].get("origin")):
            raise Forbidden("origin")
        bearer = None if route.is_public else self._bearer_of(event, now)
        with naming(bearer.user_id if bearer else None):
            note(user_id=bearer.user_id if bearer else None)
            return self._served(route, Call(event=event, path=path, now=now, caller=bearer, trace=trace))

    def _served(self, route: Route, call: Call) -> Reply:
        if route.takes is None:
            return Reply(route.status, route.serve(self, call))
        body = read_body(call.event, route.takes, max_prompt_bytes=self.settings.max_prompt_bytes)
        return Reply(route.status, route.serve(self, call, body))

    def _bearer_of(self, event: dict[str, Any], now: datetime) -> Bearer:
        token = bearer_token(event["headers"].get("authorization"))
        if not token:
            raise Unauthenticated("no_credential")
        return self.tokens.bearer(token, now=now)
