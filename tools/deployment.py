"""One deployment, as an operator names it: a CloudFormation stack, or the system on this machine."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from functions.shared.errors import SettingsError
from local import paths
from local.aws import client_environ
from local.endpoints import Endpoints
from local.state_dir import StateDir

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mypy_boto3_dynamodb import DynamoDBClient

PATIENT = Config(connect_timeout=3, read_timeout=60, retries={"mode": "adaptive", "total_max_attempts": 8})
"""An operator waits, and slows down where AWS asks for it: searches of logs are few a second."""
LOCAL = os.environ.get("FRAMESTREAM_LOCAL_DIR") or paths.HOME


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """What a stack gave out, and the session that speaks to its services."""

    name: str
    outputs: Mapping[str, str]
    stack_name: str = ""
    session: boto3.Session
    endpoint_url: str | None = None
    """None: as the SDK's environment says, such as `AWS_ENDPOINT_URL`."""

    @classmethod
    def of_stack(cls, name: str, session: boto3.Session) -> Self:
        """Read the outputs of a CloudFormation stack.

        Raises:
            SettingsError: If there is no such stack.
        """
        client = session.client("cloudformation")
        try:
            stack = client.describe_stacks(StackName=name)["Stacks"][0]
        except ClientError as error:
            if error.response["Error"]["Code"] != "ValidationError":
                raise
            raise SettingsError(
                f"There is no stack {name!r} in {client.meta.region_name}: give its name with --stack, and "
                "its Region and account with --region and --profile (aws cloudformation list-stacks)."
            ) from error
        outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
        return cls(name=f"The stack {name}", outputs=outputs, stack_name=name, session=session)

    @classmethod
    def of_local(cls, directory: Path) -> Self:
        """Read where the local system is, and speak to nothing but it.

        Raises:
            NotRunning: If no system is up there.
        """
        home = StateDir(directory.resolve())
        endpoints = Endpoints.of(home)
        ((stack_name, outputs),) = json.loads(home.outputs.read_text()).items()
        environ = client_environ(endpoints.aws_endpoint_url)
        session = boto3.Session(
            aws_access_key_id=environ["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=environ["AWS_SECRET_ACCESS_KEY"],
            region_name=endpoints.region,
        )
        return cls(
            name="The local system",
            outputs=outputs,
            stack_name=stack_name,
            session=session,
            endpoint_url=endpoints.aws_endpoint_url,
        )

    def output(self, name: str) -> str:
        """Return one output.

        Raises:
            SettingsError: If there is none of this name, so that it is no framestream, or an older one.
        """
        if name not in self.outputs:
            raise SettingsError(f"{self.name} has no output {name!r}: is it framestream, and up to date?")
        return self.outputs[name]

    def resources(self, kind: str) -> list[str]:
        """Name the stack's resources of one kind."""
        client = self.session.client("cloudformation", endpoint_url=self.endpoint_url)
        pages = client.get_paginator("list_stack_resources").paginate(StackName=self.stack_name)
        return [
            resource["PhysicalResourceId"]
            for page in pages
            for resource in page["StackResourceSummaries"]
            if resource["ResourceType"] == kind and resource.get("PhysicalResourceId")
        ]

    def client(self, service: Any) -> Any:
        """Return a client of one of its services, with time for what takes long."""
        return self.session.client(service, endpoint_url=self.endpoint_url, config=PATIENT)

    def dynamodb(self) -> DynamoDBClient:
        """Return a client of its DynamoDB."""
        client: DynamoDBClient = self.client("dynamodb")
        return client


def session_of(
    environ: Mapping[str, str] = os.environ, *, profile: str | None = None, region: str | None = None
) -> boto3.Session:
    """Open a session of the SDK's environment, with AWS_REGION, which other SDKs read and boto3 does not."""
    return boto3.Session(profile_name=profile, region_name=region or environ.get("AWS_REGION") or None)
