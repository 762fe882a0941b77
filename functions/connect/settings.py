"""The environment of the connect function."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from functions.shared import environment
from functions.shared.connections.model import POLICIES
from functions.shared.origins import allowed_origins
from functions.shared.tokens.keys import KeySource
from functions.shared.tokens.verifier import TokenRules

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectSettings:
    """What a deployment decides about admission."""

    table: str
    token_keys: KeySource
    token_rules: TokenRules
    allowed_origins: frozenset[str]
    edge_secret_arn: str
    """How the edge proves itself; empty where there is none."""
    allow_missing_origin: bool
    connections_per_user: int
    evicts_oldest: bool
    """Whether a user's new connection takes the place of the oldest one, instead of being refused."""
    connection_lifetime: timedelta
    token_grace: timedelta
    """How much longer than its token a socket may live."""

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        """Read the settings.

        Raises:
            SettingsError: If a variable is missing or not usable.
        """
        return cls(
            table=environment.text(environ, "TABLE_NAME"),
            token_keys=KeySource.from_env(environ),
            token_rules=TokenRules.from_env(environ),
            allowed_origins=allowed_origins(environ),
            edge_secret_arn=environment.optional_text(environ, "EDGE_SECRET_ARN"),
            allow_missing_origin=environment.truth(environ, "ALLOW_MISSING_ORIGIN"),
            connections_per_user=environment.whole_number(environ, "CONNECTIONS_PER_USER"),
            evicts_oldest=environment.choice(environ, "CONNECTION_POLICY", POLICIES) == "evict_oldest",
            connection_lifetime=environment.seconds(environ, "CONNECTION_LIFETIME_SECONDS"),
            token_grace=environment.seconds(environ, "TOKEN_GRACE_SECONDS", minimum=0),
        )
