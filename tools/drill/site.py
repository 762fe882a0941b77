"""The system on this machine, as far as a drill disturbs it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx
from websockets.exceptions import InvalidHandshake
from websockets.sync.client import connect

from local.cloudwatch.resource_names import names_of
from local.deployment import aws_client
from local.endpoints import Endpoints
from local.tokens import token_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra.alarm_table import AlarmRow
    from local.cloudwatch.resource_names import ResourceNames
    from local.state_dir import StateDir

USER = "drill"
TIMEOUT = 30
LIFETIME = timedelta(minutes=5)
MANY = 100
"""How often a value is put: so often that a percentile does not miss it."""


@dataclass
class Site:
    """One local system: its addresses and its services."""

    state_dir: StateDir

    @cached_property
    def endpoints(self) -> Endpoints:
        """Where it is.

        Raises:
            NotRunning: If it is not up.
        """
        return Endpoints.of(self.state_dir)

    @cached_property
    def names(self) -> ResourceNames:
        """What its parts are called where they are measured."""
        endpoint = self.endpoints.aws_endpoint_url  # Raises if it is not up.
        (outputs,) = json.loads(self.state_dir.outputs.read_text()).values()
        return names_of(aws_client("lambda", endpoint), outputs)

    def aws(self, service: str) -> Any:
        """Return a client of the emulator."""
        return aws_client(service, self.endpoints.aws_endpoint_url)

    def states(self) -> dict[str, str]:
        """Return every alarm's state, by its name in the table."""
        pages = self.aws("cloudwatch").get_paginator("describe_alarms").paginate()
        prefix = f"{self.names.namespace}-"
        return {
            each["AlarmName"].removeprefix(prefix): each["StateValue"]
            for page in pages
            for each in page["MetricAlarms"]
        }

    def invoke(self, function: str, event: Mapping[str, Any]) -> None:
        """Call a function with an event, as its trigger would."""
        name = self.names.functions[function]["FunctionName"]
        self.aws("lambda").invoke(FunctionName=name, Payload=json.dumps(event))

    def ask(self, prompt: str) -> None:
        """Post a prompt, and do not wait for its answer."""
        now, user = datetime.now(UTC), f"{USER}-{uuid4().hex[:8]}"  # One user may not ask so much at once.
        token = token_for(user, secret=self.endpoints.jwt_secret, now=now, lifetime=LIFETIME)
        headers = {
            "Authorization": f"Bearer {token}",
            "Origin": self.endpoints.origin,
            "Idempotency-Key": str(uuid4()),
        }
        body = {"user_id": user, "chat_id": "drill", "prompt": prompt}
        with httpx.Client(trust_env=False, timeout=TIMEOUT) as http:
            url = f"{self.endpoints.http_url}/api/chat/generate-response"
            http.post(url, headers=headers, json=body).raise_for_status()

    def open_without_token(self) -> None:
        """Try to open a socket with a token that is none."""
        url = f"{self.endpoints.websocket_url}?token=none&user_id={USER}"
        try:
            connect(url, additional_headers={"Origin": self.endpoints.origin}, proxy=None).close()
        except InvalidHandshake:
            return

    def measure(self, row: AlarmRow, value: float) -> None:
        """Put what an alarm reads, all of it."""
        for source in row.terms.values():
            namespace, name, dimensions = self.names.measured(source)
            datum = {
                "MetricName": name,
                "Dimensions": [{"Name": key, "Value": each} for key, each in dimensions.items()],
                "Values": [value],
                "Counts": [MANY],
            }
            self.aws("cloudwatch").put_metric_data(Namespace=namespace, MetricData=[datum])
