"""The contract's messages and bodies, as the code declares them."""

from __future__ import annotations

from dataclasses import is_dataclass
from typing import Any, TypeAlias, get_args

from functions.generate.api import ROUTES
from functions.shared.wire import bodies, chat_bodies, messages, problems

Model: TypeAlias = "type[Any]"
"""A TypedDict of `functions.shared.wire`, or a dataclass that a request is read into."""

UNIONS: dict[str, tuple[Model, ...]] = {
    name: get_args(getattr(messages, name))
    for name in ("GenerationMessage", "SystemMessage", "Message", "ClientMessage")
}
ANSWERS = UNIONS["GenerationMessage"]
SERVER_MESSAGES = UNIONS["Message"]
REPLIES: tuple[Model, ...] = (*UNIONS["SystemMessage"], messages.Pong)
NEWS = tuple(model for model in SERVER_MESSAGES if model not in {*ANSWERS, *REPLIES})
"""Those that are neither about an answer nor of the connection itself."""
CLIENT_MESSAGES = UNIONS["ClientMessage"]

BODIES: tuple[Model, ...] = tuple(
    dict.fromkeys(
        [
            *(model for route in ROUTES for model in (route.takes, route.returns) if model),
            chat_bodies.Chats,
            chat_bodies.ChatMessages,
            chat_bodies.ChatQueueChanged,
            chat_bodies.ChatDeleted,
            bodies.UserUsage,
            problems.ProblemDetails,
            problems.GatewayMessage,
        ]
    )
)


def is_open(model: Model) -> bool:
    """Whether fields may be added to it: that goes for all that the server says."""
    return model not in CLIENT_MESSAGES and not is_dataclass(model)
