"""What both kinds of API Gateway events have in common: headers and query, read strictly."""

from __future__ import annotations

from typing import Any

from functions.shared.errors import Malformed

BEARER = "bearer "


def only(event: dict[str, Any], kind: str, name: str) -> str | None:
    """Return the only value of a header or query parameter, None when there is none.

    Args:
        event: A WebSocket `$connect` event of API Gateway.
        kind: `headers` or `queryStringParameters`.
        name: In lower case; header names are compared without regard to case (RFC 9110 §5.1).

    Raises:
        Malformed: If there are several.
    """
    several = event.get(f"multiValue{kind[0].upper()}{kind[1:]}") or {}
    single = event.get(kind) or {}
    source = several or {key: [value] for key, value in single.items()}
    found = [value for key, values in source.items() if _same(kind, key, name) for value in values]
    if len(found) > 1:
        raise Malformed(f"{name.replace('-', '_')}_repeated")
    return found[0] if found else None


def socket_ids(event: dict[str, Any]) -> dict[str, str | None]:
    """Return how API Gateway names a WebSocket event: for the log, and for its access log."""
    context = event["requestContext"]
    return {"connection_id": context.get("connectionId"), "request_id": context.get("requestId")}


def _same(kind: str, key: str, name: str) -> bool:
    return (key.lower() if kind == "headers" else key) == name


def bearer_token(authorization: str | None) -> str | None:
    """Take the token out of an Authorization header (RFC 6750 §2.1); other schemes are no credential."""
    if authorization is None or not authorization.lower().startswith(BEARER):
        return None
    return authorization[len(BEARER) :]
