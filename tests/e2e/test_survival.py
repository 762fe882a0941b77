"""What a stack leaves behind, and how the next one takes it up, in an emulator that follows the policies.

The functions' code is of no interest here, so empty zips stand for it.
"""

from __future__ import annotations

import io
import os
import sys
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

if (node := Path(sys.executable).with_name("node")).exists():
    os.environ.setdefault("JSII_NODE", str(node))

from aws_cdk import App

from infra.app import compose
from infra.bundling.build import FUNCTIONS
from infra.config.fields import Config
from local.deployment import BOOTSTRAP_BUCKET, aws_client
from local.emulator import emulator
from local.state_dir import StateDir
from tests.infra.templates import LOCAL
from tests.support.keys import pair, pem
from tests.support.lab import free_port

STACK = "framestream"
PUBLIC_KEY = {"token_algorithm": "ES256", "token_public_key": pem(pair("P-256"))}
ITEM = {"pk": {"S": "GENERATION#1"}, "sk": {"S": "META"}}


@dataclass(frozen=True, slots=True)
class Account:
    """An account of AWS, in which stacks come and go."""

    endpoint: str
    folder: Path
    zips: Mapping[str, Path]

    def client(self, service: str) -> Any:
        return aws_client(service, self.endpoint)

    def deploy(self, **settings: Any) -> dict[str, str]:
        """Make the stack, or change it, and return its outputs."""
        app = App(outdir=str(self.folder / "cdk.out"))
        compose(app, config=Config.from_context({"framestream": {**LOCAL, **settings}}), zips=self.zips)
        assembly = app.synth()
        self._upload(assembly.directory)
        template = Path(assembly.directory, f"{STACK}.template.json").read_text()
        stacks = self.client("cloudformation")
        exists = stacks.list_stacks(StackStatusFilter=["CREATE_COMPLETE", "UPDATE_COMPLETE"])[
            "StackSummaries"
        ]
        change, done = ("update", stacks.update_stack) if exists else ("create", stacks.create_stack)
        done(StackName=STACK, TemplateBody=template, Capabilities=["CAPABILITY_NAMED_IAM"])
        stacks.get_waiter(f"stack_{change}_complete").wait(
            StackName=STACK, WaiterConfig={"Delay": 1, "MaxAttempts": 120}
        )
        (stack,) = stacks.describe_stacks(StackName=STACK)["Stacks"]
        return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}

    def remove(self) -> None:
        stacks = self.client("cloudformation")
        stacks.delete_stack(StackName=STACK)
        stacks.get_waiter("stack_delete_complete").wait(
            StackName=STACK, WaiterConfig={"Delay": 1, "MaxAttempts": 120}
        )

    def secret(self, name: str) -> str:
        value: str = self.client("secretsmanager").get_secret_value(SecretId=name)["SecretString"]
        return value

    def _upload(self, assembly: str) -> None:
        for asset in Path(assembly).glob("asset.*.zip"):
            key = asset.name.removeprefix("asset.")
            self.client("s3").put_object(Bucket=BOOTSTRAP_BUCKET, Key=key, Body=asset.read_bytes())


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    state_dir, port = StateDir(tmp_path / "home"), free_port()
    state_dir.make()
    zips = {name: tmp_path / f"{name}.zip" for name in FUNCTIONS}
    for name, file in zips.items():
        file.write_bytes(_zip(name))
    with emulator(state_dir=state_dir, port=port):
        account = Account(f"http://127.0.0.1:{port}", tmp_path, zips)
        account.client("s3").create_bucket(Bucket=BOOTSTRAP_BUCKET)
        account.client("ssm").put_parameter(
            Name="/cdk-bootstrap/hnb659fds/version", Value="30", Type="String", Overwrite=True
        )
        yield account


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


def _zip(name: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(f"functions/{name}/handler.py", "def handler(event, context):\n    return None\n")
    return buffer.getvalue()
