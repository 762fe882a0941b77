"""The HTTP API as OpenAPI 3.1: the paths are those that the function serves, read from its own routes."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from functions.generate.api import ROUTES
from functions.generate.responses import PROBLEM
from functions.shared.wire.problems import GatewayMessage, ProblemDetails
from tools.api_docs.contract import BODIES
from tools.api_docs.schemas import COMPONENT, DIALECT, definitions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from functions.generate.routes import Route
    from functions.shared.errors import ReportedError

GROUP = re.compile(r"\(\?P<(?P<name>\w+)>(?P<pattern>[^)]+)\)")
"""A parameter, as a route's path writes it."""
GATEWAY = "An answer of API Gateway itself: too many requests (429), or a fault (5xx)."


def document() -> dict[str, Any]:
    """Describe every route."""
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        paths.setdefault(GROUP.sub(r"{\g<name>}", route.path), {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": DIALECT,
        "info": {
            "title": "framestream",
            "version": "1",
            "summary": "Prompts go in here; the answers come over the socket that asyncapi.json describes.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [
            {
                "url": "https://{api}.execute-api.{region}.amazonaws.com",
                "description": "The stack's output HttpUrl.",
                "variables": {"api": {"default": "api"}, "region": {"default": "us-east-1"}},
            }
        ],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": definitions(BODIES, ref=COMPONENT),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


def _operation(route: Route) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": re.sub(r"_(\w)", lambda match: match[1].upper(), route.serve.__name__),
        "summary": (route.serve.__doc__ or "").partition("\n")[0],
    }
    if route.is_public:
        described["security"] = []
    of_head_and_query = (parameter.described() for parameter in route.parameters)
    if parameters := [*_path_parameters(route.path), *of_head_and_query]:
        described["parameters"] = parameters
    if route.takes:
        described["requestBody"] = {"required": True, "content": _content(route.takes.__name__)}
    return {**described, "responses": dict(_responses(route))}


def _path_parameters(path: str) -> Iterator[dict[str, Any]]:
    for group in GROUP.finditer(path):
        schema = {"type": "string", "pattern": f"^{group['pattern']}$"}
        yield {"name": group["name"], "in": "path", "required": True, "schema": schema}


def _responses(route: Route) -> Iterator[tuple[str, Any]]:
    links = {"links": {name: _link(name, place) for name, place in route.links.items()}}
    described = {
        "description": HTTPStatus(route.status).phrase,
        "content": _content(route.returns.__name__),
    }
    yield str(route.status), described | (links if route.links else {})
    by_status: dict[HTTPStatus, list[type[ReportedError]]] = {}
    for error in route.refusals():
        by_status.setdefault(error.status, []).append(error)
    for code, errors in sorted(by_status.items()):
        sentences = [f"`{error.code}`: {error.__doc__}" for error in errors]
        content = _content(ProblemDetails.__name__, PROBLEM)
        yield str(code.value), {"description": " ".join(sentences), "content": content}
    yield "default", {"description": GATEWAY, "content": _content(GatewayMessage.__name__)}


def _link(operation_id: str, place: str) -> dict[str, Any]:
    return {"operationId": operation_id, "parameters": {"id": f"$response.body#{place}"}}


def _content(name: str, media_type: str = "application/json") -> dict[str, Any]:
    return {media_type: {"schema": {"$ref": COMPONENT.format(model=name)}}}
