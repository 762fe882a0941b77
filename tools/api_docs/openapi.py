"""The HTTP API as OpenAPI 3.1: the paths are those that the function serves, read from its own routes."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from functions.generate.api import ROUTES
from functions.generate.problems import MEDIA_TYPE
from tools.api_docs.operations import Operation, operation_of
from tools.api_docs.schemas import BODIES, COMPONENT, DIALECT, definitions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from functions.generate.api import Route
    from tools.api_docs.operations import ApiError

GROUP = re.compile(r"\(\?P<(?P<name>\w+)>(?P<pattern>[^)]+)\)")
"""A parameter, as a route's path writes it."""
GATEWAY = "An answer of API Gateway itself: too many requests (429), or a fault (5xx)."


def document() -> dict[str, Any]:
    """Describe every route."""
    paths: dict[str, dict[str, Any]] = {}
    for method, path, route in ROUTES:
        paths.setdefault(GROUP.sub(r"{\g<name>}", path), {})[method.lower()] = _operation(path, route)
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


def _operation(path: str, route: Route) -> dict[str, Any]:
    operation = operation_of(route)
    described: dict[str, Any] = {
        "operationId": re.sub(r"_(\w)", lambda match: match[1].upper(), route.__name__),
        "summary": (route.__doc__ or "").partition("\n")[0],
    }
    if operation.is_public:
        described["security"] = []
    if parameters := [*_path_parameters(path), *operation.parameters]:
        described["parameters"] = parameters
    if operation.body:
        described["requestBody"] = {"required": True, "content": _content(operation.body.__name__)}
    return {**described, "responses": dict(_responses(operation))}


def _path_parameters(path: str) -> Iterator[dict[str, Any]]:
    for group in GROUP.finditer(path):
        schema = {"type": "string", "pattern": f"^{group['pattern']}$"}
        yield {"name": group["name"], "in": "path", "required": True, "schema": schema}


def _responses(operation: Operation) -> Iterator[tuple[str, Any]]:
    status, model = operation.answer
    content = {"content": _content(model.__name__)} if model else {}
    links = {"links": {name: _link(name, place) for name, place in operation.links.items()}}
    described = {"description": HTTPStatus(status).phrase, **content}
    yield str(status), described | (links if operation.links else {})
    by_status: dict[HTTPStatus, list[ApiError]] = {}
    for error in operation.errors:
        by_status.setdefault(error.status, []).append(error)
    for code, errors in sorted(by_status.items()):
        sentences = [f"`{error.code}`: {error.__doc__}" for error in errors]
        yield (
            str(code.value),
            {
                "description": " ".join(sentences),
                "content": _content("ProblemDetails", MEDIA_TYPE),
            },
        )
    yield "default", {"description": GATEWAY, "content": _content("GatewayMessage")}


def _link(operation_id: str, place: str) -> dict[str, Any]:
    return {"operationId": operation_id, "parameters": {"id": f"$response.body#{place}"}}


def _content(name: str, media_type: str = "application/json") -> dict[str, Any]:
    return {media_type: {"schema": {"$ref": COMPONENT.format(model=name)}}}
