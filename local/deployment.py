"""Brings the real stack into the emulator with the real command line of the CDK."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from local.aws import ACCOUNT, REGION, client_environ
from local.demo_page.node import CDK, search_path
from local.processes.services import running

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager

    from local.processes.services import Service
    from local.state_dir import StateDir

STACK = "framestream"
BOOTSTRAP_BUCKET = f"cdk-hnb659fds-assets-{ACCOUNT}-{REGION}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cdk:
    """The command line, pointed at one emulator."""

    state_dir: StateDir
    endpoint: str

    def synth(self, settings: Mapping[str, str]) -> AbstractContextManager[Service]:
        """Start to build the functions and write the template."""
        context = [f"--context=framestream.{name}={value}" for name, value in settings.items()]
        output = f"--output={self.state_dir.assembly}"
        return self._run("Building the stack", "synth", "--quiet", output, *context)

    def deploy(self) -> dict[str, str]:
        """Deploy what was built, and return the stack's outputs."""
        options = ("--method=direct", "--require-approval=never", f"--outputs-file={self.state_dir.outputs}")
        with self._run(
            "Deploying", "deploy", f"--app={self.state_dir.assembly}", "--all", *options
        ) as service:
            service.wait(reason=cause)
        (outputs,) = json.loads(self.state_dir.outputs.read_text()).values()
        return dict(outputs)

    def repeat_cors(self, api_id: str) -> None:
        """Say once more which pages may read answers: the emulator forgets what CloudFormation said of it."""
        (template,) = self.state_dir.assembly.glob("*.template.json")
        resources = json.loads(template.read_text())["Resources"].values()
        apis = [each for each in resources if each["Type"] == "AWS::ApiGatewayV2::Api"]
        for api in apis:  # None has it where sub-domains are allowed by a wildcard.
            if cors := api.get("Properties", {}).get("CorsConfiguration"):
                aws_client("apigatewayv2", self.endpoint).update_api(ApiId=api_id, CorsConfiguration=cors)

    def _run(self, title: str, command: str, *arguments: str) -> AbstractContextManager[Service]:
        # The CDK's own validation only warns, in a log; our checks fail. It costs seconds of each start.
        environ = client_environ(self.endpoint) | {"PATH": search_path(), "CDK_VALIDATION": "false"}
        words = [str(CDK), command, *arguments, "--no-notices", "--no-color"]
        return running(title, words, state_dir=self.state_dir, name=f"cdk-{command}", environ=environ)


def aws_client(service: str, endpoint: str, **more: Any) -> Any:
    """Return a client of the emulator, whatever this machine's own AWS configuration says.

    `more` is for its botocore `Config`.
    """
    return boto3.client(
        service,  # type: ignore[call-overload]
        endpoint_url=endpoint,
        region_name=REGION,
        config=Config(proxies={}, **more),  # No proxy stands between us and this machine.
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106  the emulator's own
    )


def prepare_account(endpoint: str) -> None:
    """Make what the CDK deploys through. `cdk bootstrap` makes roles besides, which nothing needs here."""
    aws_client("s3", endpoint).create_bucket(Bucket=BOOTSTRAP_BUCKET)
    aws_client("ssm", endpoint).put_parameter(
        Name="/cdk-bootstrap/hnb659fds/version", Value="30", Type="String", Overwrite=True
    )


def cause(log: str) -> str:
    """Return the line of the CDK's output that says why it failed."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    for likely in (r"(?:❌|✖)\s*(.+)", r"^framestream: (?!built )(\S.*)", r"(.*(?:Error|error:|FAILED).*)"):
        found = [match[1] for line in lines if (match := re.search(likely, line))]
        if found:
            return found[-1]
    return lines[-1] if lines else "it said nothing"
