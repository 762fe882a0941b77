"""What AWS says about a deployment: its functions, and the numbers among its settings."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from functions.shared.errors import SettingsError
from functions.shared.setting_rules import Switch, Whole
from functions.shared.settings import rule_of, variable
from infra.config.fields import Config
from tools.sdk import CLIENT

if TYPE_CHECKING:
    from tools.deployment import Deployment


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployedFunction:
    """A function as Lambda has it."""

    name: str
    memory_mb: int
    timeout_seconds: int
    environment: dict[str, str]
    log_group: str

    @property
    def namespace(self) -> str:
        """Where its metrics are: the stack's name."""
        return self.environment["POWERTOOLS_METRICS_NAMESPACE"]


def functions_of(deployment: Deployment) -> dict[str, DeployedFunction]:
    """Return its five functions by their short names; they are those that use its table.

    Raises:
        SettingsError: If there are none, as with credentials of another Region.
    """
    client = deployment.session.client("lambda", endpoint_url=deployment.endpoint_url, config=CLIENT)
    table, found = deployment.output("TableName"), {}
    for page in client.get_paginator("list_functions").paginate():
        for each in page["Functions"]:
            variables = each.get("Environment", {}).get("Variables", {})
            if variables.get("TABLE_NAME") == table and "POWERTOOLS_SERVICE_NAME" in variables:
                found[variables["POWERTOOLS_SERVICE_NAME"]] = DeployedFunction(
                    name=each["FunctionName"],
                    memory_mb=each["MemorySize"],
                    timeout_seconds=each["Timeout"],
                    environment=variables,
                    log_group=each.get("LoggingConfig", {}).get("LogGroup", ""),
                )
    if not found:
        raise SettingsError(f"{deployment.name} has no functions that use the table {table!r}.")
    return found


def settings_of(deployment: Deployment) -> Config:
    """Return its settings as far as they are numbers and switches; all others are the defaults."""
    functions = functions_of(deployment)
    worker = functions["worker"]
    given: dict[str, Any] = _from_environments(functions)
    given |= {"worker_memory_mb": worker.memory_mb, "worker_timeout_seconds": worker.timeout_seconds}
    given |= _from_the_mapping(deployment) | _from_the_stages(deployment)
    given["edge"] = bool(functions["generate"].environment.get("EDGE_SECRET_ARN"))
    return Config(**given)


def _from_environments(functions: dict[str, DeployedFunction]) -> dict[str, Any]:
    told = {name: text for function in functions.values() for name, text in function.environment.items()}
    found = {}
    for setting in fields(Config):
        rule, text = rule_of(setting), told.get(variable(setting.name))
        if text and isinstance(rule, Whole | Switch):
            found[setting.name] = rule.read(text)
    return found


def _from_the_mapping(deployment: Deployment) -> dict[str, int]:
    """Return how many workers the queue may start; asked by the queue, since it may start an alias."""
    sqs = deployment.session.client("sqs", endpoint_url=deployment.endpoint_url, config=CLIENT)
    queue = sqs.get_queue_attributes(QueueUrl=deployment.output("QueueUrl"), AttributeNames=["QueueArn"])
    client = deployment.session.client("lambda", endpoint_url=deployment.endpoint_url, config=CLIENT)
    arn = queue["Attributes"]["QueueArn"]
    listed = client.list_event_source_mappings(EventSourceArn=arn)["EventSourceMappings"]
    most = [each["ScalingConfig"]["MaximumConcurrency"] for each in listed if each.get("ScalingConfig")]
    return {"worker_max_concurrency": most[0]} if most else {}


def _from_the_stages(deployment: Deployment) -> dict[str, int]:
    """Return what the gateways let in."""
    found = {}
    for kind, output in (("websocket", "WebSocketApiId"), ("http", "HttpApiId")):
        for stage in stages_of(deployment, output):
            limits = {kind: stage.get("DefaultRouteSettings", {})}
            if kind == "websocket":
                limits["connect"] = stage.get("RouteSettings", {}).get("$connect", {})
            for name, limit in limits.items():
                if rate := limit.get("ThrottlingRateLimit"):
                    found[f"{name}_rate_limit"] = int(rate)
    return found


def stages_of(deployment: Deployment, output: str) -> list[dict[str, Any]]:
    """Return the stages of the API that is named by this output."""
    client = deployment.session.client("apigatewayv2", endpoint_url=deployment.endpoint_url, config=CLIENT)
    return [dict(stage) for stage in client.get_stages(ApiId=deployment.output(output))["Items"]]
