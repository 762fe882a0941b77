"""Wires the verifier of tokens, for the functions that have one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import boto3

from functions.shared import aws
from functions.shared.algorithms import SHORTEST_SECRET
from functions.shared.bounded_http import fetch
from functions.shared.errors import SettingsError
from functions.shared.secretsmanager import Secret
from functions.shared.token_keys import KeySource, SharedSecrets
from functions.shared.tokens import TokenRules, TokenVerifier

if TYPE_CHECKING:
    from functions.shared.token_keys import Keys


def token_verifier(rules: TokenRules, source: KeySource) -> TokenVerifier:
    """Wire a verifier.

    Raises:
        SettingsError: If the public key is none, or too weak to trust; or if any token counts that a
            log-in service signed, whoever it signed it for.
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
        from functions.shared import public_keys, published_keys  # noqa: PLC0415
    except ModuleNotFoundError:
        raise SettingsError("TOKEN_ALGORITHM must be one that this zip was built for") from None
    if source.public_key:
        return public_keys.OnePublicKey(public_keys.key_from_pem(source.public_key, algorithm))
    return published_keys.PublishedKeys(algorithm=algorithm, fetch=partial(fetch, source.jwks_url))
