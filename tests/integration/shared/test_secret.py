"""Secrets: kept for a while, rotated, and used on through an outage."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from functions.shared.errors import SettingsError
from functions.shared.secret import Secret
from tests.support.builders import NOON

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

SOON = NOON + timedelta(seconds=299)
LATER = NOON + timedelta(minutes=5)


def stored(client: SecretsManagerClient, text: str) -> Secret:
    return Secret(client=client, arn=client.create_secret(Name="s", SecretString=text)["ARN"])


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("plain", ("plain",)),
        (" plain\n", ("plain",)),
        ('{"current": "new"}', ("new",)),
        ('{"current": "new", "previous": "old"}', ("new", "old")),
        ('{"previous": "old", "current": "new", "rotated": "today"}', ("new", "old")),
        ('{"current": "new", "previous": null}', ("new",)),
        ('{"current": "new", "previous": ""}', ("new",)),
    ],
)
def test_a_secret_is_a_text_or_two(
    secretsmanager: SecretsManagerClient, text: str, values: tuple[str, ...]
) -> None:
    assert stored(secretsmanager, text).values(now=NOON) == values


@pytest.mark.parametrize(
    "text",
    [
        " ",
        "{}",
        '{"canary": "canary"}',
        '{"current": 7}',
        '{"current": {"canary": 1}}',
        '{"current": ""}',
        '{"previous": "canary"}',
        '{"current": "canary"',
        "{canary}",
    ],
)
def test_what_is_neither_is_refused_without_being_repeated(
    secretsmanager: SecretsManagerClient, text: str
) -> None:
    with pytest.raises(SettingsError, match=r"secret") as error:
        stored(secretsmanager, text).values(now=NOON)

    assert "canary" not in str(error.value)
    assert error.value.__cause__ is None
    assert error.value.__suppress_context__ or error.value.__context__ is None


def test_a_value_is_kept_for_five_minutes(secretsmanager: SecretsManagerClient) -> None:
    secret = stored(secretsmanager, "first")
    secret.values(now=NOON)
    secretsmanager.put_secret_value(SecretId=secret.arn, SecretString="second")

    assert secret.values(now=SOON) == ("first",)
    assert secret.values(now=LATER) == ("second",)


def test_an_outage_leaves_the_last_good_value(secretsmanager: SecretsManagerClient) -> None:
    secret = stored(secretsmanager, "first")
    secret.values(now=NOON)
    secretsmanager.delete_secret(SecretId=secret.arn, ForceDeleteWithoutRecovery=True)

    assert secret.values(now=LATER) == ("first",)
    assert secret.values(now=LATER + timedelta(days=1)) == ("first",)


def test_after_an_outage_the_secret_is_read_again_in_due_time(secretsmanager: SecretsManagerClient) -> None:
    secret = stored(secretsmanager, "first")
    secret.values(now=NOON)
    secretsmanager.delete_secret(SecretId=secret.arn, ForceDeleteWithoutRecovery=True)
    secret.values(now=LATER)
    secret.arn = secretsmanager.create_secret(Name="s", SecretString="second")["ARN"]

    assert secret.values(now=LATER + timedelta(minutes=4)) == ("first",)
    assert secret.values(now=LATER + timedelta(minutes=5)) == ("second",)


def test_a_bad_edit_leaves_the_last_good_value(secretsmanager: SecretsManagerClient) -> None:
    secret = stored(secretsmanager, "first")
    secret.values(now=NOON)
    secretsmanager.put_secret_value(SecretId=secret.arn, SecretString="{oops")

    assert secret.values(now=LATER) == ("first",)


def test_a_secret_of_bytes_is_not_usable(secretsmanager: SecretsManagerClient) -> None:
    arn = secretsmanager.create_secret(Name="s", SecretBinary=b"canary")["ARN"]

    with pytest.raises(SettingsError):
        Secret(client=secretsmanager, arn=arn).values(now=NOON)


def test_an_outage_at_the_very_first_is_told(secretsmanager: SecretsManagerClient) -> None:
    with pytest.raises(ClientError):
        Secret(client=secretsmanager, arn="missing").values(now=NOON)


def test_a_secret_does_not_show_itself(secretsmanager: SecretsManagerClient) -> None:
    secret = stored(secretsmanager, "canary")
    secret.values(now=NOON)

    assert "canary" not in repr(secret)
