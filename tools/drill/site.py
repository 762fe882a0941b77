"""The system on this machine, as far as a drill disturbs it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx

from local.deployment import aws_client
from local.endpoints import Endpoints
from local.metrics_bridge import MetricsBridge
from local.tokens import token_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from local.state_dir import StateDir

USER = "drill"
TIMEOUT = 30
LIFETIME = timedelta(minutes=5)


@dataclass
class Site:
    """One local system: its addresses, its services, and what carries its metrics over."""

    state_dir: StateDir

    @cached_property
    def endpoints(self) -> Endpoints:
        """Where it is.

        Raises:
            NotRunning: If it is not up.
        """
        return Endpoints.of(self.state_dir)

    @cached_property
    def bridge(self) -> MetricsBridge:
        return MetricsBridge.of(self.state_dir)

    def aws(self, service: str) -> Any:
        """Return a client of the emulator."""
        return aws_client(service, self.endpoints.aws_endpoint_url)

    @cached_property
    def functions(self) -> Mapping[str, str]:
        """Every function's name in AWS, by ours."""
        listed = self.aws("lambda").list_functions()["Functions"]
        return {
            each["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"]: each["FunctionName"]
            for each in listed
        }

    def invoke(self, function: str, event: Mapping[str, Any]) -> None:
        """Call a function with an event, as its trigger would."""
        self.aws("lambda").invoke(FunctionName=self.functions[function], Payload=json.dumps(event))

    def ask(self, prompt: str) -> None:
        """Post a prompt, and do not wait for its answer."""
        now = datetime.now(UTC)
        token = token_for(USER, secret=self.endpoints.jwt_secret, now=now, lifetime=LIFETIME)
        headers = {
            "Authorization": f"Bearer {token}",
            "Origin": self.endpoints.origin,
            "Idempotency-Key": str(uuid4()),
        }
        url = f"{self.endpoints.http_url}/api/chat/generate-response"
        body = {"user_id": USER, "chat_id": "drill", "prompt": prompt}
        with httpx.Client(trust_env=False, timeout=TIMEOUT) as http:
            reply = http.post(url, headers=headers, json=body)
        reply.raise_for_status()
