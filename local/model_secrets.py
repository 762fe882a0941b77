"""The secrets that rows of the models table name, made in the emulator before anything asks for them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from infra.config.fields import PREFIX, Config
from infra.models import secrets_of
from local.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

NO_KEY = "none"
"""What a server is shown for which the environment has no key."""


def named_secrets(
    settings: Mapping[str, str], environ: Mapping[str, str], *, root: Path = ROOT
) -> dict[str, str]:
    """Return a value for each secret that the settings name: of `router/key`, the variable ROUTER_KEY."""
    context: dict[str, Any] = json.loads((root / "cdk.json").read_text())["context"]
    config = Config.from_context(context | {f"{PREFIX}.{name}": value for name, value in settings.items()})
    names = [name for name in secrets_of(config) if not name.startswith("arn:")]
    return {name: environ.get(re.sub(r"\W", "_", name).upper(), NO_KEY) for name in names}


def store(vault: Any, values: Mapping[str, str]) -> None:
    """Make these secrets."""
    for name, value in values.items():
        try:
            vault.create_secret(Name=name, SecretString=value)
        except vault.exceptions.ResourceExistsException:
            vault.put_secret_value(SecretId=name, SecretString=value)
