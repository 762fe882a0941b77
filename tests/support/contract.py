"""Judges what is sent by the schemas that are published under docs/api."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

SCHEMA = Path(__file__).parents[2] / "docs" / "api" / "schema.json"


class BreaksContract(AssertionError):
    """Something was sent that the published schemas do not allow."""


def check_message(message: Mapping[str, Any]) -> None:
    """Check a message of the server. API Gateway's own have no type, and no contract.

    Raises:
        BreaksContract: If it is none.
    """
    if "type" in message:
        _check("", message)


def check_body(name: str, body: Mapping[str, Any]) -> None:
    """Check a body of the HTTP API, or a message by its name.

    Raises:
        BreaksContract: If it is not one of these.
    """
    _check(f"/$defs/{name}", body)


def _check(pointer: str, document: Mapping[str, Any]) -> None:
    try:
        _validators()[f"#{pointer}"].validate(document)
    except jsonschema_rs.ValidationError as error:
        raise BreaksContract(f"{error.message} in {document}") from None


@cache
def _validators() -> jsonschema_rs.ValidatorMap:
    return jsonschema_rs.validator_map_for(json.loads(SCHEMA.read_text()))
