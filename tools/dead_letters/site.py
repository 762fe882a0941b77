"""Where the queues and the table are: named one by one, by a stack's outputs, or by the local system."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import boto3

from functions.shared.errors import SettingsError
from local.aws import client_environ
from local.endpoints import Endpoints
from local.home import Home

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One deployment, and the session that speaks to it."""

    queue_url: str
    dead_letter_queue_url: str
    table: str
    session: boto3.Session
    endpoint_url: str | None = None
    """None: as the SDK's environment says, such as `AWS_ENDPOINT_URL`."""

    @classmethod
    def of_stack(cls, name: str) -> Self:
        """Read the outputs of a CloudFormation stack.

        Raises:
            SettingsError: If it has not the outputs of framestream.
        """
        session = session_of(os.environ)
        stack = session.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
        outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
        try:
            return cls(
                queue_url=outputs["QueueUrl"],
                dead_letter_queue_url=outputs["DeadLetterQueueUrl"],
                table=outputs["TableName"],
                session=session,
            )
        except KeyError as missing:
            raise SettingsError(f"The stack {name} has no output {missing}: is it framestream?") from missing

    @classmethod
    def of_local(cls, directory: Path) -> Self:
        """Read where the local system is, and speak to nothing but it.

        Raises:
            NotRunning: If no system is up there.
        """
        endpoints = Endpoints.of(Home(directory.resolve()))
        environ = client_environ(endpoints.aws_endpoint_url)
        return cls(
            queue_url=endpoints.queue_url,
            dead_letter_queue_url=endpoints.dead_letter_queue_url,
            table=endpoints.table_name,
            session=boto3.Session(
                aws_access_key_id=environ["AWS_ACCESS_KEY_ID"],
                aws_secret_access_key=environ["AWS_SECRET_ACCESS_KEY"],
                region_name=endpoints.region,
            ),
            endpoint_url=endpoints.aws_endpoint_url,
        )


def session_of(environ: Mapping[str, str]) -> boto3.Session:
    """Open a session of the SDK's environment, with AWS_REGION, which other SDKs read and boto3 does not."""
    return boto3.Session(region_name=environ.get("AWS_REGION") or None)
