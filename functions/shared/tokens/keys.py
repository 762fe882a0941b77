"""Where the keys are that tokens are signed with: a shared secret, a public key, or a published set."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, Self

from functions.shared import environment
from functions.shared.errors import SettingsError
from functions.shared.tokens.algorithms import ALGORITHMS, SHORTEST_SECRET

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

# Plain HTTP only within one machine, where the emulator runs.
_ADDRESS = re.compile(r"(https://|http://(127\.0\.0\.1|localhost)[:/])[^\s@#]+")


class Keys(Protocol):
    """Knows keys."""

    def candidates(self, key_id: str | None, *, now: datetime) -> Sequence[Any]:
        """Return the keys that may have signed a token with this `kid`, as PyJWT takes them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedSecrets:
    """The current secret and, during a rotation, the previous one; a `kid` selects nothing."""

    algorithm: str
    values: Callable[[datetime], Sequence[str]]

    def candidates(self, _key_id: str | None, *, now: datetime) -> Sequence[str]:
        """Return all secrets.

        Raises:
            SettingsError: If one of them is too weak to trust, or is no secret.
        """
        secrets = self.values(now)
        for secret in secrets:
            if len(secret.encode()) < SHORTEST_SECRET[self.algorithm]:
                shortest = SHORTEST_SECRET[self.algorithm]
                raise SettingsError(f"the token secret must have at least {shortest} bytes")
            if "-----BEGIN" in secret:
                raise SettingsError("the token secret must be no PEM key: everybody may know such a key")
        return secrets


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySource:
    """Where a deployment has its keys: one of the three is set, the one that its algorithm needs."""

    secret_arn: str
    public_key: str
    """In PEM form."""
    jwks_url: str

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        """Read the source from a function's environment.

        Raises:
            SettingsError: If a variable is missing, or they contradict each other.
        """
        algorithm = environment.choice(environ, "TOKEN_ALGORITHM", ALGORITHMS)
        source = cls(
            secret_arn=environment.optional_text(environ, "TOKEN_SECRET_ARN"),
            public_key=environment.optional_text(environ, "TOKEN_PUBLIC_KEY"),
            jwks_url=environment.optional_text(environ, "TOKEN_JWKS_URL"),
        )
        if source.jwks_url and not _ADDRESS.fullmatch(source.jwks_url):
            raise SettingsError("TOKEN_JWKS_URL must be a URL that starts with https://")
        source._must_fit(algorithm)
        return source

    def _must_fit(self, algorithm: str) -> None:
        public = {"TOKEN_PUBLIC_KEY": self.public_key, "TOKEN_JWKS_URL": self.jwks_url}
        given = [name for name, value in public.items() if value]
        if algorithm in SHORTEST_SECRET:
            if given:
                raise SettingsError(f"{given[0]} must be empty with {algorithm}, which takes a secret")
            if not self.secret_arn:
                raise SettingsError("TOKEN_SECRET_ARN is not set")
        elif len(given) != 1:
            raise SettingsError(
                f"TOKEN_PUBLIC_KEY must be set with {algorithm}, or TOKEN_JWKS_URL, one of them"
            )
