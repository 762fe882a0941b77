"""What a handshake asks for, read from API Gateway's event."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from functions.shared.errors import Malformed, Unauthenticated
from functions.shared.requests import bearer_token, only


@dataclass(frozen=True, slots=True, kw_only=True)
class Knock:
    """A handshake: which connection it would become, from which page, and who it says that it is."""

    connection_id: str
    origin: str | None
    user_id: str | None
    token: str = field(repr=False)


def knock_from(event: dict[str, Any]) -> Knock:
    """Read a `$connect` event.

    Raises:
        Malformed: If it names a credential twice, or a query token without `user_id`.
        Unauthenticated: If it names none.
    """
    query_token = only(event, "queryStringParameters", "token")
    header_token = bearer_token(only(event, "headers", "authorization"))
    user_id = only(event, "queryStringParameters", "user_id")
    tokens = [token for token in (query_token, header_token) if token is not None]
    if len(tokens) > 1:
        raise Malformed("two_credentials")
    if not tokens or not tokens[0]:
        raise Unauthenticated("no_credential")
    if query_token is not None and not user_id:
        raise Malformed("user_id_missing")
    return Knock(
        connection_id=event["requestContext"]["connectionId"],
        origin=only(event, "headers", "origin"),
        user_id=user_id,
        token=tokens[0],
    )
