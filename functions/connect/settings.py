"""The settings of the connect function."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from functions.shared.connections.options import ConnectionOptions
from functions.shared.origins import OriginOptions
from functions.shared.setting_rules import Whole
from functions.shared.settings import setting
from functions.shared.tokens.options import TokenOptions, TokenSettings


@dataclass(frozen=True, kw_only=True)
class ConnectOptions(TokenOptions, ConnectionOptions, OriginOptions, section="admission"):
    """What a deployment decides about admission."""

    connection_lifetime_seconds: int = setting(
        7200,
        Whole(60, 7200),
        "after this long a socket's slot is free again; AWS itself closes a socket after 2 hours",
    )
    token_grace_seconds: int = setting(
        60,
        Whole(0, 3600),
        "how much longer than its token a socket lives, so that its client can come back with a new one",
    )

    @property
    def connection_lifetime(self) -> timedelta:
        """How long a socket may live."""
        return timedelta(seconds=self.connection_lifetime_seconds)

    @property
    def token_grace(self) -> timedelta:
        """How much longer than its token."""
        return timedelta(seconds=self.token_grace_seconds)


@dataclass(frozen=True, kw_only=True)
class ConnectSettings(ConnectOptions, TokenSettings):
    """The environment of the connect function."""

    table_name: str
    edge_secret_arn: str = ""
    """How the edge proves itself; empty where there is none."""
