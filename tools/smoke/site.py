"""The deployment that is looked at, and the user in whose name."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import httpx

from framestream.client import REQUEST_TIMEOUT
from framestream.tokens import Tokens, user_of
from functions.shared.errors import SettingsError
from local.endpoints import Endpoints
from local.state_dir import StateDir
from local.tokens import token_for
from tools.deployed import DeployedFunction, functions_of
from tools.deployment import Deployment
from tools.sdk import CLIENT
from tools.smoke.findings import NotApplicableError

if TYPE_CHECKING:
    from pathlib import Path

    from framestream.tokens import TokenSource
    from tools.smoke.answers import Answered
    from tools.smoke.sockets import RefusedError

LOCAL_USER = "smoke"
FOREIGN_ORIGIN = "https://smoke.invalid"
"""No deployment allows it: no name ends in .invalid (RFC 2606)."""


@dataclass(slots=True, kw_only=True)
class Memory:
    """What one check did and others look at too."""

    answered: Answered | None = None
    refusals: dict[str, RefusedError] = field(default_factory=dict)


@dataclass(kw_only=True)
class Site:
    """Everything that checks need."""

    deployment: Deployment
    http_url: str
    websocket_url: str
    origin: str
    token: str = field(repr=False)
    user_id: str
    is_local: bool = False
    patience: float = 180
    """Seconds to wait for what AWS delivers late: log lines, metrics, the states of alarms."""
    pause: float = 5
    """Seconds between two looks."""
    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    memory: Memory = field(default_factory=Memory)
    http: httpx.AsyncClient = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.http = httpx.AsyncClient(
            base_url=self.http_url,
            headers={"Origin": self.origin},
            timeout=REQUEST_TIMEOUT,
            trust_env=not self.is_local,
        )

    @classmethod
    async def of_stack(cls, deployment: Deployment, tokens: TokenSource, **given: Any) -> Self:
        """Take addresses from the stack's outputs, and the page from the function's settings.

        Raises:
            SettingsError: If the token names no user, or no page can be told.
            FrameStreamError: If there is no token.
        """
        token = await Tokens(tokens).current()
        user_id = given.pop("user_id", None) or user_of(token)
        if not user_id:
            raise SettingsError(
                "The token does not say whose it is: give --user, as your tokens' claim has it."
            )
        origin = given.pop("origin", None) or _first_origin(functions_of(deployment)["generate"])
        return cls(
            deployment=deployment,
            http_url=deployment.output("HttpUrl"),
            websocket_url=deployment.output("WebSocketUrl"),
            origin=origin,
            token=token,
            user_id=user_id,
            **given,
        )

    @classmethod
    def of_local(cls, directory: Path, **given: Any) -> Self:
        """Take addresses from the local system, and issue a token as its identity provider would.

        Raises:
            NotRunning: If no system is up there.
        """
        endpoints = Endpoints.of(StateDir(directory.resolve()))
        secret, lifetime = endpoints.jwt_secret, timedelta(hours=1)
        return cls(
            deployment=Deployment.of_local(directory),
            http_url=endpoints.http_url,
            websocket_url=endpoints.websocket_url,
            origin=endpoints.origin,
            token=token_for(LOCAL_USER, secret=secret, now=datetime.now(UTC), lifetime=lifetime),
            user_id=LOCAL_USER,
            is_local=True,
            **given,
        )

    @cached_property
    def functions(self) -> dict[str, DeployedFunction]:
        """The five functions, as Lambda has them."""
        return functions_of(self.deployment)

    def setting(self, function: str, name: str, default: str) -> str:
        """Return a setting as the function has it; what is the default may be left out of its environment."""
        return self.functions[function].environment.get(name) or default

    def aws(self, service: str) -> Any:
        """Return a client of one of its services."""
        session: Any = self.deployment.session
        return session.client(service, endpoint_url=self.deployment.endpoint_url, config=CLIENT)

    def only_on_aws(self, reason: str) -> None:
        """End a check that the emulator cannot show.

        Raises:
            NotApplicableError: On the local system.
        """
        if self.is_local:
            raise NotApplicableError(reason)


def _first_origin(generate: DeployedFunction) -> str:
    allowed = generate.environment.get("ALLOWED_ORIGINS", "").split(",")
    exact = [origin for origin in allowed if origin and "*" not in origin]
    if not exact:
        raise SettingsError(
            "Every page that this deployment allows is a wildcard: name one with --origin https://…"
        )
    return exact[0]
