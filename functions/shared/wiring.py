"""Wires what several functions need: the token verifier and the edge check."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import boto3

from functions.shared import aws
from functions.shared.edge import Edge
from functions.shared.errors import SettingsError
from functions.shared.secret import Secret
from functions.shared.tokens.algorithms import SHORTEST_SECRET
from functions.shared.tokens.bounded_http import fetch
from functions.shared.tokens.keys import KeySource, SharedSecrets
from functions.shared.tokens.verifier import TokenRules, TokenVerifier

if TYPE_CHECKING:
    from functions.shared.tokens.keys import Keys


def token_verifier(rules: TokenRules, source: KeySource) -> TokenVerifier:
    """Wire a verifier.

    Raises:
        SettingsError: If the public key is missing or too weak; or if a JWKS URL is set without issuer or
            audience: then any token of that identity provider would be accepted.
    """
    if source.jwks_url and not (rules.issuer or rules.audience):
        raise SettingsError("TOKEN_ISSUER or TOKEN_AUDIENCE must be set with TOKEN_JWKS_URL")
    if rules.algorithm in SHORTEST_SECRET:
        secret = Secret(client=boto3.client("secretsmanager", config=aws.CLIENT), arn=source.secret_arn)
        secrets = SharedSecrets(algorithm=rules.algorithm, values=lambda now: secret.values(now=now))
        return TokenVerifier(rules=rules, keys=secrets)
    return TokenVerifier(rules=rules, keys=_public_keys(rules.algorithm, source))


def _public_keys(algorithm: str, source: KeySource) -> Keys:
    try:
        # Only zips for these algorithms have the package behind it: docs/decisions/0012.
        from functions.shared.tokens import jwks, public_keys  # noqa: PLC0415
    except ModuleNotFoundError:
        raise SettingsError("TOKEN_ALGORITHM must be one that this zip was built for") from None
    if source.public_key:
        return public_keys.OnePublicKey(public_keys.key_from_pem(source.public_key, algorithm))
    return jwks.JwksCache(algorithm=algorithm, fetch=partial(fetch, source.jwks_url))


def edge_behind(secret_arn: str) -> Edge:
    """Wire the edge check. Without a secret there is no edge, and every request passes."""
    if not secret_arn:
        return Edge(secrets=None)
    secret = Secret(client=boto3.client("secretsmanager", config=aws.CLIENT), arn=secret_arn)
    return Edge(secrets=lambda now: secret.values(now=now))
