"""What a stack leaves behind, and how the next one takes it up, in an emulator that follows the policies.

The functions' code is of no interest here, so empty zips stand for it.
"""

from __future__ import annotations

import pytest

from tests.e2e.account import Account
from tests.support.keys import pair, pem

PUBLIC_KEY = {"token_algorithm": "ES256", "token_public_key": pem(pair("P-256"))}
ITEM = {"pk": {"S": "GENERATION#1"}, "sk": {"S": "META"}}


def test_data_and_secrets_outlive_the_stack_and_are_taken_up_again(account: Account) -> None:
    first = account.deploy()
    words = {name: account.secret(first[name]) for name in ("TokenSecretArn", "LlmKeySecretArn")}
    account.client("dynamodb").put_item(TableName=first["TableName"], Item=ITEM)
    account.client("sqs").send_message(QueueUrl=first["DeadLetterQueueUrl"], MessageBody="{}")

    account.remove()

    kept = {name: account.secret(first[name]) for name in words}
    assert kept == words
    dead = account.client("sqs").receive_message(QueueUrl=first["DeadLetterQueueUrl"])["Messages"]
    assert len(dead) == 1
    names = {name: _name(account, first[name]) for name in words}

    second = account.deploy(
        table_name=first["TableName"],
        token_secret_name=names["TokenSecretArn"],
        llm_key_secret_name=names["LlmKeySecretArn"],
    )

    assert second["TableName"] == first["TableName"]
    assert account.secret(second["TokenSecretArn"]) == words["TokenSecretArn"]
    assert account.client("dynamodb").get_item(TableName=second["TableName"], Key=ITEM)["Item"] == ITEM


def test_the_token_secret_outlives_a_time_with_public_keys(account: Account) -> None:
    before = account.deploy()
    word = account.secret(before["TokenSecretArn"])
    name = _name(account, before["TokenSecretArn"])

    account.deploy(**PUBLIC_KEY)

    assert account.secret(before["TokenSecretArn"]) == word
    after = account.deploy(token_secret_name=name)
    assert account.secret(after["TokenSecretArn"]) == word


def test_a_protected_table_cannot_be_deleted_and_goes_with_a_stack_that_says_so(account: Account) -> None:
    tables = account.client("dynamodb")
    kept = account.deploy()["TableName"]
    with pytest.raises(tables.exceptions.ClientError, match="protected against deletion"):
        tables.delete_table(TableName=kept)

    assert account.deploy(removal="destroy")["TableName"] == kept
    account.remove()

    assert kept not in tables.list_tables()["TableNames"]


def _name(account: Account, arn: str) -> str:
    name: str = account.client("secretsmanager").describe_secret(SecretId=arn)["Name"]
    return name
