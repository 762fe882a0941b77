"""What the HTTP API's routes take and give. A route that is not in this table fails the build of the docs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from functions.generate.api import Api
from functions.generate.problems import (
    BadRequest,
    Invalid,
    KeyReused,
    NotFound,
    OriginRequired,
    Problem,
    PromptTooLarge,
    TooManyAtOnce,
    TooManyThisMinute,
    UnsupportedMediaType,
)
from functions.shared.errors import Forbidden, Refused, TooManyConnections, Unauthenticated, Unavailable
from tools.api_docs.bodies import (
    Accepted,
    Cancelling,
    Connections,
    ConnectionsClosed,
    GenerateRequest,
    GenerationState,
    Health,
    TicketIssued,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel

    from functions.generate.api import Route

ApiError: TypeAlias = "type[Problem] | type[Refused]"
CALLER: tuple[ApiError, ...] = (Unauthenticated, Forbidden, Unavailable)
"""What may be wrong with any call that needs a token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One route, without its method and path. Its name and summary are those of the method that serves it."""

    answer: tuple[int, type[BaseModel] | None]
    body: type[BaseModel] | None = None
    parameters: tuple[Mapping[str, Any], ...] = ()
    errors: tuple[ApiError, ...] = CALLER
    is_public: bool = False
    links: Mapping[str, str] = field(default_factory=dict)
    """Which operations the answer leads to, by `operationId`, and where in it their `id` stands."""


def _whole_number(name: str, description: str) -> dict[str, Any]:
    schema = {"type": "integer", "minimum": 0, "maximum": 9_999_999_999}
    return {"name": name, "in": "query", "description": description, "schema": schema}


KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Makes a repetition safe: the same user and key is the same generation.",
    "schema": {"type": "string", "pattern": "^[\\x21-\\x7e]{1,255}$"},
}
POSITION = (
    _whole_number("offset", "Give the text from this many Unicode code points on."),
    _whole_number("attempt", "The attempt that `offset` is of; with another than the current one it is 0."),
)
OPERATIONS: dict[Route, Operation] = {
    Api.health: Operation(answer=(200, Health), errors=(Forbidden,), is_public=True),
    Api.generate: Operation(
        answer=(202, Accepted),
        body=GenerateRequest,
        parameters=(KEY,),
        errors=(
            *CALLER,
            BadRequest,
            PromptTooLarge,
            UnsupportedMediaType,
            Invalid,
            KeyReused,
            TooManyThisMinute,
            TooManyAtOnce,
        ),
        links={"read": "/generation_id", "cancel": "/generation_id"},
    ),
    Api.issue_ticket: Operation(
        answer=(201, TicketIssued), errors=(*CALLER, OriginRequired, TooManyConnections, TooManyThisMinute)
    ),
    Api.list_connections: Operation(
        answer=(200, Connections),
        errors=(*CALLER, TooManyThisMinute),
        links={"closeConnection": "/connections/0/connection_id"},
    ),
    Api.close_connections: Operation(answer=(200, ConnectionsClosed)),
    Api.close_connection: Operation(answer=(200, ConnectionsClosed), errors=(*CALLER, NotFound)),
    Api.read: Operation(
        answer=(200, GenerationState),
        parameters=POSITION,
        errors=(*CALLER, NotFound, BadRequest, TooManyThisMinute),
    ),
    Api.cancel: Operation(answer=(202, Cancelling), errors=(*CALLER, NotFound)),
}


def operation_of(route: Route) -> Operation:
    """Look a route up.

    Raises:
        LookupError: If it is not described what it takes and gives.
    """
    if route not in OPERATIONS:
        raise LookupError(f"Describe {route.__qualname__} in tools/api_docs/operations.py.")
    return OPERATIONS[route]
