"""What a browser must be told, so that our own pages may read our answers (CORS, in the Fetch standard).

API Gateway does this by itself where each allowed origin is named, and then drops what is said here. It knows
no wildcard sub-domains: a deployment with one leaves CORS to this function.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from functions.shared.cors import EXPOSED, HEADERS, MAX_AGE, METHODS

if TYPE_CHECKING:
    from functions.shared.origins import OriginAllowList


def preflight(event: dict[str, Any], origins: OriginAllowList) -> dict[str, Any] | None:
    """Answer what a browser asks before a request; None if this is no such question, or not of our page."""
    asks = event["requestContext"]["http"]["method"] == "OPTIONS"
    if not (asks and "access-control-request-method" in event["headers"] and _permission(event, origins)):
        return None
    headers = {
        "Access-Control-Allow-Methods": ",".join(METHODS),
        "Access-Control-Allow-Headers": ",".join(HEADERS),
        "Access-Control-Max-Age": str(int(MAX_AGE.total_seconds())),
        "Cache-Control": "no-store",
    }
    return {"statusCode": HTTPStatus.NO_CONTENT.value, "headers": headers, "body": ""}


def readable(answer: dict[str, Any], event: dict[str, Any], origins: OriginAllowList) -> dict[str, Any]:
    """Let the page that asked read the answer, if it is one of ours."""
    return answer | {"headers": answer["headers"] | _permission(event, origins)}


def _permission(event: dict[str, Any], origins: OriginAllowList) -> dict[str, str]:
    origin = event["headers"].get("origin")
    if origin is None or not origins.allows(origin):
        return {}
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Expose-Headers": ",".join(EXPOSED),
        "Vary": "Origin",
    }
