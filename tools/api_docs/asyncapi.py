"""The socket as AsyncAPI 3: what a client may send, the replies, and what the server sends unasked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from functions.connect.handshake import BEARER_PROTOCOL, SUBPROTOCOL
from tools.api_docs.contract import ANSWERS, CLIENT_MESSAGES, NEWS, REPLIES
from tools.api_docs.schemas import COMPONENT, definitions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tools.api_docs.contract import Model

CHANNEL = {"$ref": "#/channels/socket"}
CREDENTIALS: dict[str, dict[str, str]] = {
    "ticket": {
        "type": "httpApiKey",
        "in": "query",
        "name": "ticket",
        "description": "A single-use ticket of POST /api/chat/connection-tickets.",
    },
    "queryToken": {
        "type": "httpApiKey",
        "in": "query",
        "name": "token",
        "description": "A JWT, with its user as `user_id` beside it.",
    },
    "headerToken": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    "subprotocolToken": {
        "type": "httpApiKey",
        "in": "header",
        "name": "Sec-WebSocket-Protocol",
        "description": f"Offers `{SUBPROTOCOL}` and `{BEARER_PROTOCOL}<JWT>`; answered with the first.",
    },
}


def document() -> dict[str, Any]:
    """Describe the socket, as the server sees it: it receives keep-alives and sends answers."""
    every = (*CLIENT_MESSAGES, *REPLIES, *ANSWERS, *NEWS)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "framestream",
            "version": "1",
            "description": "Answers come over this socket; prompts go to the API of openapi.json.",
            "license": {"name": "MIT"},
        },
        "defaultContentType": "application/json",
        "servers": {"aws": _server()},
        "channels": {"socket": {"address": "/", **_channel(every)}},
        "operations": {
            "hearSignOfLife": {
                "action": "receive",
                "channel": CHANNEL,
                "messages": _in_channel(CLIENT_MESSAGES),
                "reply": {"channel": CHANNEL, "messages": _in_channel(REPLIES)},
            },
            "tellAnswer": {"action": "send", "channel": CHANNEL, "messages": _in_channel(ANSWERS)},
            "tellNews": {"action": "send", "channel": CHANNEL, "messages": _in_channel(NEWS)},
        },
        "components": {
            "messages": {model.__name__: _message(model) for model in every},
            "schemas": definitions(every, ref=COMPONENT),
            "securitySchemes": CREDENTIALS,
        },
    }


def _server() -> dict[str, Any]:
    return {
        "host": "{api}.execute-api.{region}.amazonaws.com",
        "pathname": "/prod",
        "protocol": "wss",
        "description": "The stack's output WebSocketUrl. Exactly one of the credentials.",
        "variables": {"api": {"default": "api"}, "region": {"default": "us-east-1"}},
        "security": [{"$ref": f"#/components/securitySchemes/{name}"} for name in CREDENTIALS],
    }


def _channel(models: Iterable[Model]) -> dict[str, Any]:
    named = {model.__name__: {"$ref": f"#/components/messages/{model.__name__}"} for model in models}
    user = {"type": "string", "description": "Must be the credential's user."}
    query = {"type": "object", "properties": {"user_id": user}}
    return {"messages": named, "bindings": {"ws": {"method": "GET", "query": query}}}


def _message(model: Model) -> dict[str, Any]:
    return {
        "name": model.__name__,
        "summary": (model.__doc__ or "").partition("\n")[0],
        "payload": {"$ref": COMPONENT.format(model=model.__name__)},
    }


def _in_channel(models: Iterable[Model]) -> list[dict[str, str]]:
    return [{"$ref": f"#/channels/socket/messages/{model.__name__}"} for model in models]
