"""What may be added to requests to the model server: headers and query parameters, no key in the open."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import NamedTuple

from functions.shared.setting_rules import Rule

NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
VALUE = re.compile(r"[!-~](?:[ -~]{0,254}[!-~])?")
HOLDS_A_KEY = re.compile(
    r"authori[sz]ation|api-?_?key|token|secret|password|passwd|credential|cookie|signature|^sig$|^auth$|^code$"
    r"|(^|[-_])(key|auth)$",
    re.IGNORECASE,
)
SET_BY_HTTP = {
    *("host", "connection", "accept", "accept-encoding"),
    *("content-length", "content-type", "transfer-encoding"),
}
SECRET = re.compile(
    r"[A-Za-z0-9/_+=.@-]{1,512}"
    r"|arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]{1,512}-[A-Za-z0-9]{6}"
)
MOST = 10


class Header(NamedTuple):
    """One header, with its value or with the secret that holds it."""

    name: str
    value: str = ""
    secret: str = ""


class Headers(Rule[tuple[Header, ...]]):
    """Headers by name. What carries a key is given as the name of a secret, and never repeated."""

    hides = ""
    allowed = (
        f'an object of up to {MOST} headers, each a text or {{"secret": "the name or ARN of a secret"}}; '
        "one that carries a key (authorization, api-key, x-api-key and the like) must name a secret"
    )

    def parse(self, given: object) -> tuple[Header, ...]:
        if isinstance(given, tuple):
            return given  # Read before.
        headers = tuple(_header(name, value) for name, value in _pairs(given))
        if len({header.name.lower() for header in headers}) < len(headers):
            raise ValueError("a header stands twice")
        return headers

    def text_of(self, value: tuple[Header, ...]) -> str:
        return json.dumps(self.in_json(value)) if value else ""

    def in_json(self, value: tuple[Header, ...]) -> object:
        return {header.name: {"secret": header.secret} if header.secret else header.value for header in value}


class Parameters(Rule[tuple[tuple[str, str], ...]]):
    """Query parameters by name. None carries a key: addresses end up in logs."""

    hides = ""
    allowed = f"an object of up to {MOST} query parameters, each a text; a key goes into llm_headers"

    def parse(self, given: object) -> tuple[tuple[str, str], ...]:
        if isinstance(given, tuple):
            return given  # Read before.
        parameters = tuple((name, value) for name, value in _pairs(given) if isinstance(value, str))
        if len(parameters) < len(_pairs(given)):
            raise ValueError("a value is no text")
        for name, value in parameters:
            if HOLDS_A_KEY.search(name) or not VALUE.fullmatch(value):
                raise ValueError(name)
        return parameters

    def text_of(self, value: tuple[tuple[str, str], ...]) -> str:
        return json.dumps(self.in_json(value)) if value else ""

    def in_json(self, value: tuple[tuple[str, str], ...]) -> object:
        return dict(value)


def _pairs(given: object) -> list[tuple[str, object]]:
    if isinstance(given, str):
        given = json.loads(given) if given else {}
    if not isinstance(given, Mapping) or len(given) > MOST:
        raise ValueError("not an object, or a large one")
    pairs = list(given.items())
    if not all(isinstance(name, str) and NAME.fullmatch(name) for name, _ in pairs):
        raise ValueError("a name that HTTP does not know")
    return pairs


def _header(name: str, value: object) -> Header:
    if isinstance(value, Mapping) and set(value) == {"secret"}:
        value, is_secret = value["secret"], True
    else:
        is_secret = False
    pattern = SECRET if is_secret else VALUE
    if not isinstance(value, str) or not pattern.fullmatch(value) or name.lower() in SET_BY_HTTP:
        raise ValueError(name)
    if is_secret:
        return Header(name, secret=value)
    if HOLDS_A_KEY.search(name):
        raise ValueError(name)
    return Header(name, value=value)
