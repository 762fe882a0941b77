"""Wires what several functions need: the token verifier and the edge check."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from functions.shared import aws
from functions.shared.edge import Edge
from functions.shared.errors import SettingsError
from functions.shared.secret import Secret
from functions.shared.tokens.bounded_http import fetch
from functions.shared.tokens.keys import SharedSecrets
from functions.shared.tokens.verifier import TokenVerifier

if TYPE_CHECKING:
    from collections.abc import Callable

    from functions.shared.tokens.options import TokenSettings
    from functions.shared.tokens.ports import Keys


def token_verifier(
    settings: TokenSettings, *, jwks_failed: Callable[[], object], budget_claim: str = ""
) -> TokenVerifier:
    """Wire a verifier. `jwks_failed` is called each time that published keys could not be read.

    Raises:
        SettingsError: If the public key is too weak, or of a kind that this zip was not built for.
    """
    if not settings.has_shared_secret:
        return TokenVerifier(
            options=settings, keys=_public_keys(settings, jwks_failed), budget_claim=budget_claim
        )
    client = aws.client("secretsmanager")
    secret = Secret(client=client, arn=settings.token_secret_arn)
    secrets = SharedSecrets(algorithm=settings.token_algorithm, values=lambda now: secret.values(now=now))
    return TokenVerifier(options=settings, keys=secrets, budget_claim=budget_claim)


def _public_keys(settings: TokenSettings, jwks_failed: Callable[[], object]) -> Keys:
    algorithm = settings.token_algorithm
    try:
        # Only zips for these algorithms have the package behind it: docs/decisions/0012.
        from functions.shared.tokens import jwks, public_keys  # noqa: PLC0415
    except ModuleNotFoundError:
        raise SettingsError("TOKEN_ALGORITHM must be one that this zip was built for") from None
    if settings.token_public_key:
        return public_keys.OnePublicKey(public_keys.key_from_pem(settings.token_public_key, algorithm))
    fetch_keys = partial(fetch, settings.token_jwks_url)
    return jwks.JwksCache(algorithm=algorithm, fetch=fetch_keys, failed=jwks_failed)


def edge_behind(secret_arn: str) -> Edge:
    """Wire the edge check. Without a secret there is no edge, and every request passes."""
    if not secret_arn:
        return Edge(secrets=None)
    secret = Secret(client=aws.client("secretsmanager"), arn=secret_arn)
    return Edge(secrets=lambda now: secret.values(now=now))
