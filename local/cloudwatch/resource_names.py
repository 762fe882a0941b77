"""What the parts of the deployed stack are called where they are measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from infra.alarm_sources import ApiMetric, FunctionMetric, Ours, QueueMetric, Source, TableMetric

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceNames:
    """Names of one deployment."""

    namespace: str
    functions: Mapping[str, Mapping[str, Any]]
    """What Lambda says of each function, by the name that we call it."""
    outputs: Mapping[str, str]

    def measured(self, source: Source) -> tuple[str, str, dict[str, str]]:
        """Return the namespace, the name and the dimensions of a source."""
        match source:
            case Ours():
                return self.namespace, source.metric.value, source.dimensions
            case FunctionMetric(function, name):
                return "AWS/Lambda", name, {"FunctionName": self.functions[function]["FunctionName"]}
            case QueueMetric(queue, name):
                return "AWS/SQS", name, {"QueueName": self.queue_url(queue).rpartition("/")[2]}
            case ApiMetric(api, name):
                return "AWS/ApiGateway", name, {"ApiId": self.api_id(api)}
            case TableMetric(name):
                return "AWS/DynamoDB", name, {"TableName": self.outputs["TableName"]}

    def queue_url(self, queue: str) -> str:
        """Return a queue's address."""
        return self.outputs["QueueUrl" if queue == "queue" else "DeadLetterQueueUrl"]

    def api_id(self, api: str) -> str:
        """Return an API's id."""
        return self.outputs["HttpApiId" if api == "http" else "WebSocketApiId"]

    @property
    def log_groups(self) -> list[str]:
        """The functions' logs."""
        return [function["LoggingConfig"]["LogGroup"] for function in self.functions.values()]


def names_of(lambda_: Any, outputs: Mapping[str, str]) -> ResourceNames:
    """Ask the deployment."""
    pages = lambda_.get_paginator("list_functions").paginate()
    functions = [function for page in pages for function in page["Functions"]]
    variables = [function["Environment"]["Variables"] for function in functions]
    return ResourceNames(
        namespace=variables[0]["POWERTOOLS_METRICS_NAMESPACE"],
        functions={
            each["POWERTOOLS_SERVICE_NAME"]: function
            for each, function in zip(variables, functions, strict=True)
        },
        outputs=outputs,
    )
