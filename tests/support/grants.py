"""What each deployed function is allowed, taken away one grant at a time, and its invocations looked at."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from local.deployment import aws_client
from tests.support.listener import Site


@dataclass(frozen=True, slots=True)
class Invoked:
    """How one invocation ended, and all that it logged."""

    answer: Any
    failed: bool
    log: str

    @property
    def status(self) -> int:
        """The HTTP status that the function answered with; 500 if it did not."""
        return 500 if self.failed else int(self.answer["statusCode"])


@dataclass
class Grants:
    """The functions of a deployment that enforces IAM, with the emulator's own all-mighty key."""

    site: Site

    def aws(self, service: str) -> Any:
        """A client that may do anything."""
        return aws_client(service, self.site.aws_endpoint_url)

    @cached_property
    def table(self) -> Any:
        """DynamoDB."""
        return self.aws("dynamodb")

    @cached_property
    def queue(self) -> Any:
        """SQS."""
        return self.aws("sqs")

    @cached_property
    def _logs(self) -> Any:
        return self.aws("logs")

    @cached_property
    def _lambda(self) -> Any:
        # A worker may take longer to answer than a client waits, which would then ask a second one beside it.
        return aws_client(
            "lambda", self.site.aws_endpoint_url, read_timeout=900, retries={"total_max_attempts": 1}
        )

    @cached_property
    def _iam(self) -> Any:
        return self.aws("iam")

    @cached_property
    def _functions(self) -> dict[str, dict[str, Any]]:
        pages = self._lambda.get_paginator("list_functions").paginate()
        found = [function for page in pages for function in page["Functions"]]
        return {each["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"]: each for each in found}

    def name_of(self, function: str) -> str:
        """What a function is called in this deployment."""
        return str(self._functions[function]["FunctionName"])

    def invoke(self, function: str, event: dict[str, Any]) -> Invoked:
        """Run a function with an event, as API Gateway or the queue would."""
        began = int(time.time() * 1000)
        found = self._functions[function]
        reply = self._lambda.invoke(FunctionName=found["FunctionName"], Payload=json.dumps(event))
        answer = json.loads(reply["Payload"].read())
        events = self._logs.filter_log_events(
            logGroupName=found["LoggingConfig"]["LogGroup"], startTime=began
        )
        log = "\n".join(event["message"] for event in events["events"])
        return Invoked(answer, "FunctionError" in reply, f"{log}\n{json.dumps(answer)}")

    def run(self, function: str, event: dict[str, Any]) -> Any:
        """Run a function with an event, and look at its answer alone."""
        name = self._functions[function]["FunctionName"]
        return json.loads(self._lambda.invoke(FunctionName=name, Payload=json.dumps(event))["Payload"].read())

    def slots_of(self, user: str) -> list[dict[str, Any]]:
        """The slots of a user, as the table has them."""
        items: list[dict[str, Any]] = self.table.query(
            TableName=self.site.table_name,
            KeyConditionExpression="pk = :user AND begins_with(sk, :slot)",
            ExpressionAttributeValues={":user": {"S": f"USER#{user}"}, ":slot": {"S": "SLOT#"}},
        )["Items"]
        return items

    def restart(self, function: str, **changes: str) -> None:
        """Let the next invocation begin with nothing remembered, and these changes to its environment.

        Ours call the function itself, those of gateways and queues the version that is live.
        """
        found, name = self._functions[function], self.name_of(function)
        found["Environment"]["Variables"] |= changes
        variables = {"Variables": found["Environment"]["Variables"]}
        self._lambda.update_function_configuration(FunctionName=name, Environment=variables)
        version = self._lambda.publish_version(FunctionName=name)["Version"]
        self._lambda.update_alias(FunctionName=name, Name="live", FunctionVersion=version)

    @contextmanager
    def told(self, function: str, **variables: str) -> Iterator[None]:
        """Let a function live in another environment for a while."""
        usual = self._functions[function]["Environment"]["Variables"]
        before = {name: usual[name] for name in variables}
        self.restart(function, **variables)
        try:
            yield
        finally:
            self.restart(function, **before)

    def of(self, function: str) -> set[str]:
        """Every grant of a function's role."""
        return {_name(action, resource) for action, resource in self._pairs(self._policy(function)[2])}

    @contextmanager
    def without(self, function: str, grant: str) -> Iterator[None]:
        """Take one grant away for a while."""
        role, name, document = self._policy(function)
        left = [pair for pair in self._pairs(document) if _name(*pair) != grant]
        self._put(role, name, {**document, "Statement": [_allow(*pair) for pair in left]})
        try:
            yield
        finally:
            self._put(role, name, document)

    @contextmanager
    def queue_to_ourselves(self) -> Iterator[None]:
        """Let nobody be called for what is queued for a while: neither workers nor reminders."""
        mappings = self._lambda.list_event_source_mappings()["EventSourceMappings"]
        for mapping in mappings:
            self._lambda.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
        try:
            yield
        finally:
            for mapping in mappings:
                self._lambda.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)

    def _policy(self, function: str) -> tuple[str, str, dict[str, Any]]:
        role = self._functions[function]["Role"].rpartition("/")[2]
        (name,) = self._iam.list_role_policies(RoleName=role)["PolicyNames"]
        return role, name, self._iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]

    def _put(self, role: str, name: str, document: dict[str, Any]) -> None:
        self._iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))

    @staticmethod
    def _pairs(document: dict[str, Any]) -> list[tuple[str, str]]:
        return [
            (action, resource)
            for statement in document["Statement"]
            for action in _listed(statement["Action"])
            for resource in _listed(statement["Resource"])
        ]


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _allow(action: str, resource: str) -> dict[str, str]:
    return {"Effect": "Allow", "Action": action, "Resource": resource}


def _name(action: str, resource: str) -> str:
    """A grant's action; for connections, which have one action for three things, also the verb."""
    return f"{action} {resource.split('/')[2]}" if action == "execute-api:ManageConnections" else action
