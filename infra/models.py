"""What the models of a deployment need: their table in the zips, and the secrets that the worker reads."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from functions.shared.models.row import OPENAI
from functions.shared.models.table import FILE, Models

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra.config.fields import Config

READERS = ("generate", "worker")
"""The functions that read the table."""


def table_files(config: Config) -> dict[str, Mapping[str, str]]:
    """Return the file that goes into a function's zip, by function and name."""
    if not config.models:
        return {}
    text = json.dumps(Models().in_json(config.models), ensure_ascii=False, indent=1)
    return {name: {FILE: f"{text}\n"} for name in READERS}


def needs_key(config: Config) -> bool:
    """Whether any model is asked at `llm_base_url`, with its key."""
    return not config.models or any(
        row.provider == OPENAI and not row.base_url and not row.key_secret for row in config.models
    )


def without_key(config: Config) -> tuple[str, ...]:
    """Return the models that are asked at a server of their own and show it no secret."""
    return tuple(
        row.name
        for row in config.models
        if row.base_url and not row.key_secret and not any(header.secret for header in row.headers)
    )


def secrets_of(config: Config) -> tuple[str, ...]:
    """Return the existing secrets that requests to models need, by name or ARN."""
    is_asked = not config.models or any(row.provider == OPENAI and not row.base_url for row in config.models)
    headers = [*(config.llm_headers if is_asked else ()), *(h for row in config.models for h in row.headers)]
    keys = [row.key_secret for row in config.models]
    return tuple(sorted({name for name in (*keys, *(header.secret for header in headers)) if name}))
