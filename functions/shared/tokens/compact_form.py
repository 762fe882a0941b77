"""How a token is written: in exactly one way, the compact form of RFC 7515."""

from __future__ import annotations

import base64
import re
from typing import Any

from functions.shared.errors import Unauthenticated
from functions.shared.strict_json import read_object

LONGEST_TOKEN = 4096
_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", re.ASCII)


def parts_of(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Take header and claims out of a token whose signature has not been verified yet.

    Raises:
        Unauthenticated: If it could be read in two ways, or in none.
    """
    if len(token) > LONGEST_TOKEN or not _COMPACT.fullmatch(token):
        raise Unauthenticated("token_form")
    header, claims, _signature = (_decode(part) for part in token.split("."))
    return _object(header), _object(claims)


def _decode(part: str) -> bytes:
    try:
        data = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError:
        raise Unauthenticated("token_form") from None
    if base64.urlsafe_b64encode(data).rstrip(b"=").decode() != part:
        raise Unauthenticated("token_form")
    return data


def _object(data: bytes) -> dict[str, Any]:
    try:
        return read_object(data)
    except ValueError:
        raise Unauthenticated("token_json") from None
