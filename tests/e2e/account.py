"""An account in an emulator of its own, in which stacks come and go, with functions that do nothing."""

from __future__ import annotations

import io
import os
import sys
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

if (node := Path(sys.executable).with_name("node")).exists():
    os.environ.setdefault("JSII_NODE", str(node))
os.environ.setdefault("CDK_VALIDATION", "false")  # It only warns; tests/infra says so too.

from aws_cdk import App

from infra.app import compose
from infra.bundling.build import FUNCTIONS
from infra.config.fields import Config
from local.deployment import BOOTSTRAP_BUCKET, aws_client, prepare_account
from local.emulator import emulator
from local.state_dir import StateDir
from tests.infra.templates import LOCAL
from tests.support.lab import free_port

STACK = "framestream"


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
        template = Path(assembly.directory, f"{STACK}.template.json")
        # More than a call may carry: the CDK's command line puts it there, too.
        self.client("s3").upload_file(str(template), BOOTSTRAP_BUCKET, template.name)
        stacks = self.client("cloudformation")
        exists = stacks.list_stacks(StackStatusFilter=["CREATE_COMPLETE", "UPDATE_COMPLETE"])[
            "StackSummaries"
        ]
        change, done = ("update", stacks.update_stack) if exists else ("create", stacks.create_stack)
        done(
            StackName=STACK,
            TemplateURL=f"{self.endpoint}/{BOOTSTRAP_BUCKET}/{template.name}",
            Capabilities=["CAPABILITY_NAMED_IAM"],
        )
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

    def tables_in_use(self) -> set[str]:
        """The tables that the functions are told to use, in the versions that are live."""
        functions = self.client("lambda")
        return {
            functions.get_function_configuration(FunctionName=each["FunctionName"], Qualifier="live")[
                "Environment"
            ]["Variables"]["TABLE_NAME"]
            for each in functions.list_functions()["Functions"]
        }


@contextmanager
def new_account(tmp_path: Path) -> Iterator[Account]:
    state_dir, port = StateDir(tmp_path / "home"), free_port()
    state_dir.make()
    zips = {name: tmp_path / f"{name}.zip" for name in FUNCTIONS}
    for name, file in zips.items():
        file.write_bytes(_zip(name))
    with emulator(state_dir=state_dir, port=port):
        account = Account(f"http://127.0.0.1:{port}", tmp_path, zips)
        prepare_account(account.endpoint)
        yield account


def _zip(name: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(f"functions/{name}/handler.py", "def handler(event, context):\n    return None\n")
    return buffer.getvalue()
