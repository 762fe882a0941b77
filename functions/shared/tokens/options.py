"""The settings that say which tokens are accepted, and with which keys they are verified."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.shared.setting_rules import OneOf, Whole
from functions.shared.setting_texts import TEXT, Text, Texts
from functions.shared.settings import Contradiction, Options, Settings, setting
from functions.shared.tokens.algorithms import ALGORITHMS, SHORTEST_SECRET

if TYPE_CHECKING:
    from collections.abc import Iterator

CLAIM = Text("the name of a claim, without commas and spaces", r"[^\s,]+", max_bytes=128)
PUBLIC_KEY = Text(
    "a public key in PEM form (-----BEGIN PUBLIC KEY-----), or empty",
    r"(\s*-----BEGIN PUBLIC KEY-----[A-Za-z0-9+/=\s]+-----END PUBLIC KEY-----\s*)?",
    max_bytes=2000,
)
# Plain HTTP only within one machine, where the emulator runs.
JWKS_URL = Text(
    "a URL that starts with https:// (for target local also http://127.0.0.1 or http://localhost), without "
    "user and fragment, or empty",
    r"((https://|http://(127\.0\.0\.1|localhost)[:/])[^\s@#]+)?",
    hides="[@?#]",
)


@dataclass(frozen=True, kw_only=True)
class TokenOptions(Options, section="admission"):
    """What a token of this deployment looks like."""

    token_algorithm: str = setting(
        "HS256", OneOf(*ALGORITHMS), "how tokens are signed; a token that says otherwise is refused"
    )
    token_public_key: str = setting(
        "",
        PUBLIC_KEY,
        "what tokens are verified with; see [A public key instead](#a-public-key-instead)",
    )
    token_jwks_url: str = setting("", JWKS_URL, "where such keys are published")
    token_max_age_seconds: int = setting(
        86_400,
        Whole(60, 2_592_000),
        "how long a token may live, from its `iat` to its `exp`; a longer one is refused",
    )
    token_issuer: str = setting("", TEXT, "what a token's `iss` must be; empty: it is not looked at")
    token_audience: str = setting("", TEXT, "what a token's `aud` must be; empty: it is not looked at")
    token_user_claims: tuple[str, ...] = setting(
        ("sub", "user_id"),
        Texts(CLAIM, at_least=1),
        "where a token names its user; the first of these that it has counts",
    )

    @property
    def has_shared_secret(self) -> bool:
        """Whether tokens are signed with a secret, and not with a key whose public half is known to us."""
        return self.token_algorithm in SHORTEST_SECRET

    def contradictions(self) -> Iterator[Contradiction]:
        """Yield what keys and algorithm ask of each other."""
        yield from super().contradictions()
        if self.has_shared_secret:
            for name in ("token_public_key", "token_jwks_url"):
                if getattr(self, name):
                    yield Contradiction(
                        name,
                        f"it must be empty with token_algorithm {self.token_algorithm}, which takes a secret",
                    )
        elif bool(self.token_public_key) == bool(self.token_jwks_url):
            yield Contradiction(
                "token_algorithm", "it needs token_public_key or token_jwks_url, one of the two"
            )
        elif self.token_jwks_url and not (self.token_issuer or self.token_audience):
            yield Contradiction(
                "token_jwks_url", "it needs token_issuer or token_audience: others' tokens are signed alike"
            )


@dataclass(frozen=True, kw_only=True)
class TokenSettings(TokenOptions, Settings):
    """What a verifier of tokens is made from."""

    token_secret_arn: str = ""

    def contradictions(self) -> Iterator[Contradiction]:
        """Yield what keys, algorithm and secret ask of each other."""
        yield from super().contradictions()
        if self.has_shared_secret and not self.token_secret_arn:
            yield Contradiction(
                "token_secret_arn", f"token_algorithm {self.token_algorithm} takes a secret, and none is set"
            )
