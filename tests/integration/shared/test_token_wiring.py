"""A verifier reads its secret from Secrets Manager, and follows a rotation without a deployment."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from functions.shared.errors import SettingsError, Unauthenticated
from functions.shared.tokens.options import TokenSettings
from functions.shared.wiring import token_verifier
from tests.support.builders import NOON, USER
from tests.support.tokens import SECRET, token

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

    from functions.shared.tokens.verifier import TokenVerifier

NEW = "the secret that comes after the rotation"


def wired(arn: str) -> TokenVerifier:
    return token_verifier(TokenSettings(token_secret_arn=arn), jwks_failed=lambda: None)


@pytest.mark.fault(19)
def test_a_rotation_is_followed_within_five_minutes(
    secretsmanager: SecretsManagerClient, token_secret: str
) -> None:
    tokens = wired(token_secret)
    later = NOON + timedelta(minutes=5)
    assert tokens.bearer(token(), now=NOON).user_id == USER

    both = json.dumps({"current": NEW, "previous": SECRET})
    secretsmanager.put_secret_value(SecretId=token_secret, SecretString=both)

    with pytest.raises(Unauthenticated):
        tokens.bearer(token(secret=NEW), now=later - timedelta(seconds=1))
    for secret in (NEW, SECRET):
        assert tokens.bearer(token(secret=secret), now=later).user_id == USER

    secretsmanager.put_secret_value(SecretId=token_secret, SecretString=NEW)

    with pytest.raises(Unauthenticated):
        tokens.bearer(token(), now=later + timedelta(minutes=5))


@pytest.mark.fault(20)
def test_a_weak_secret_lets_nobody_in(secretsmanager: SecretsManagerClient, token_secret: str) -> None:
    secretsmanager.put_secret_value(SecretId=token_secret, SecretString="canary")

    with pytest.raises(SettingsError, match=r"^the token secret must have at least 32 bytes$"):
        wired(token_secret).bearer(token(secret="canary"), now=NOON)
