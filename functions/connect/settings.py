"""The environment of the connect function."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from functions.shared import environment
from functions.shared.tokens import TokenRules

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectSettings:
    """What a deployment decides about admission."""

    table: str
    token_secret_arn: str
    token_rules: TokenRules
    allowed_origins: frozenset[str]
    allow_missing_origin: bool
    connections_per_user: int
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
            token_secret_arn=environment.text(environ, "TOKEN_SECRET_ARN"),
            token_rules=TokenRules.from_env(environ),
            allowed_origins=frozenset(environment.texts(environ, "ALLOWED_ORIGINS")),
            allow_missing_origin=environment.truth(environ, "ALLOW_MISSING_ORIGIN"),
            connections_per_user=environment.whole_number(environ, "CONNECTIONS_PER_USER"),
            connection_lifetime=environment.seconds(environ, "CONNECTION_LIFETIME_SECONDS"),
            token_grace=environment.seconds(environ, "TOKEN_GRACE_SECONDS", minimum=0),
        )
