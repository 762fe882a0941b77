"""Wires what several functions need: the token verifier and the edge check."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import boto3

from functions.shared import aws
from functions.shared.edge import Edge
from functions.shared.errors import SettingsError
from functions.shared.secret import Secret
from functions.shared.tokens.bounded_http import fetch
from functions.shared.tokens.keys import SharedSecrets
from functions.shared.tokens.verifier import TokenRules, TokenVerifier

if TYPE_CHECKING:
    from collections.abc import Callable

    from functions.shared.tokens.keys import Keys
    from functions.shared.tokens.options import TokenSettings


def token_verifier(settings: TokenSettings, *, jwks_failed: Callable[[], object]) -> TokenVerifier:
    """Wire a verifier. `jwks_failed` is called each time that published keys could not be read.

    Raises:
        SettingsError: If the public key is too weak, or of a kind that this zip was not built for.
    """
    rules = TokenRules(
        algorithm=settings.token_algorithm,
        issuer=settings.token_issuer,
        audience=settings.token_audience,
        user_claims=settings.token_user_claims,
        max_age=timedelta(seconds=settings.token_max_age_seconds),
    )
    if not settings.has_shared_secret:
        return TokenVerifier(rules=rules, keys=_public_keys(settings, jwks_failed))
    client = boto3.client("secretsmanager", config=aws.CLIENT)
    secret = Secret(client=client, arn=settings.token_secret_arn)
    secrets = SharedSecrets(algorithm=rules.algorithm, values=lambda now: secret.values(now=now))
    return TokenVerifier(rules=rules, keys=secrets)


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
    secret = Secret(client=boto3.client("secretsmanager", config=aws.CLIENT), arn=secret_arn)
    return Edge(secrets=lambda now: secret.values(now=now))
