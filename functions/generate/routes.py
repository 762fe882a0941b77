"""How a route of the HTTP API is declared: for the dispatcher, and for the documents of the API."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any, TypeAlias, TypedDict, TypeVar, Unpack, overload

from functions.generate.problems import (
    BadRequest,
    Invalid,
    MethodNotAllowed,
    NotFound,
    PromptTooLarge,
    UnsupportedMediaType,
)
from functions.shared.errors import Forbidden, Unauthenticated, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime
    from types import ModuleType

    from functions.generate.api import Api
    from functions.generate.parameters import Parameter
    from functions.shared.cors import Method
    from functions.shared.errors import ReportedError
    from functions.shared.tokens.verifier import Bearer
    from functions.shared.trace_context import TraceContext

Taken = TypeVar("Taken")
Returned = TypeVar("Returned")
Refusals: TypeAlias = "tuple[type[ReportedError], ...]"

CALLER: Refusals = (Unauthenticated, Forbidden, Unavailable)
"""What may be wrong with any call that needs a token."""
BODY: Refusals = (BadRequest, PromptTooLarge, UnsupportedMediaType, Invalid)
"""What may be wrong with any body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request, as a route sees it."""

    event: dict[str, Any] = field(repr=False)
    path: Mapping[str, str] = field(repr=False)
    """The parameters in the path."""
    now: datetime
    caller: Bearer | None
    trace: TraceContext

    @property
    def bearer(self) -> Bearer:
        """The user who calls; a public route has none."""
        assert self.caller is not None
        return self.caller

    @property
    def user_id(self) -> str:
        """The caller's id."""
        return self.bearer.user_id

    @property
    def headers(self) -> Mapping[str, str]:
        """By names in lower case."""
        headers: Mapping[str, str] = self.event["headers"]
        return headers

    @property
    def request_id(self) -> str:
        """The gateway's name of the request."""
        return str(self.event["requestContext"].get("requestId", ""))

    @property
    def query(self) -> Mapping[str, str]:
        """The parameters in the query."""
        return self.event.get("queryStringParameters") or {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """What serves one method of one path, and what it takes, answers and refuses."""

    method: Method
    path: str
    """A pattern; its named groups are parameters."""
    serve: Callable[..., Any]
    """Its name and the first line of its docstring name and describe the route in the documents."""
    returns: type
    status: int = 200
    takes: type[Any] | None = None
    parameters: tuple[Parameter, ...] = ()
    refuses: Refusals = ()
    """Besides what any call, body or parameter may be refused for."""
    is_public: bool = False
    links: Mapping[str, str] = field(default_factory=dict)
    """Which routes the answer leads to, by `operationId`, and where in it their `id` stands."""

    def refusals(self) -> Refusals:
        """All that the route may refuse a call with, each once."""
        body = BODY if self.takes else ()
        parameters = (BadRequest,) if self.parameters else ()
        caller = (Forbidden,) if self.is_public else CALLER
        return tuple(dict.fromkeys((*caller, *body, *parameters, *self.refuses)))


class Declared(TypedDict, total=False):
    """What a route may declare besides method, path, body and answer: see `Route`."""

    status: int
    parameters: tuple[Parameter, ...]
    refuses: Refusals
    is_public: bool
    links: Mapping[str, str]


@overload
def route(
    method: Method, path: str, *, returns: type[Returned], **declared: Unpack[Declared]
) -> Callable[[Callable[[Api, Call], Returned]], Route]: ...
@overload
def route(
    method: Method, path: str, *, takes: type[Taken], returns: type[Returned], **declared: Unpack[Declared]
) -> Callable[[Callable[[Api, Call, Taken], Returned]], Route]: ...
def route(method: Method, path: str, **declared: Any) -> Callable[[Callable[..., Any]], Route]:
    """Declare that a function serves a route: it gets the API, the call and, with `takes`, the body.

    The type checker compares what it gets and returns with what is declared.
    """
    return lambda serve: Route(method=method, path=path, serve=serve, **declared)


def routes_in(package: ModuleType) -> tuple[Route, ...]:
    """Collect the routes of all modules of a package, in the order in which they stand there."""
    names = sorted(found.name for found in iter_modules(package.__path__))
    modules = [import_module(f"{package.__name__}.{name}") for name in names]
    return tuple(one for module in modules for one in vars(module).values() if isinstance(one, Route))


def find(routes: Iterable[Route], method: str, path: str) -> tuple[Route, dict[str, str]]:
    """Find what serves a request, and its parameters in the path; a trailing slash makes no difference.

    Raises:
        NotFound: If there is nothing at this path.
        MethodNotAllowed: If there is, and for other methods.
    """
    plain = path.removesuffix("/") or "/"
    matches = [(one, match) for one in routes if (match := re.fullmatch(one.path, plain))]
    for one, match in matches:
        if one.method == method:
            return one, match.groupdict()
    if not matches:
        raise NotFound("There is nothing at this path.")
    allowed: list[str] = [one.method for one, _ in matches]
    raise MethodNotAllowed(f"Use {' or '.join(allowed)} here.", allowed=allowed)
