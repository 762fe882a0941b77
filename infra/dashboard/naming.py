"""What CloudWatch calls the metrics that a line can show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from infra.dashboard.lines import SERVICE, Counted, OfAws

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra.dashboard.lines import Source

NAMESPACES = {
    "lambda": ("AWS/Lambda", "FunctionName"),
    "sqs": ("AWS/SQS", "QueueName"),
    "http": ("AWS/ApiGateway", "ApiId"),
    "websocket": ("AWS/ApiGateway", "ApiId"),
    "dynamodb": ("AWS/DynamoDB", "TableName"),
    "logs": ("AWS/Logs", "LogGroupName"),
}


@dataclass(frozen=True, slots=True)
class Names:
    """What CloudWatch calls our namespace, and what AWS measures."""

    namespace: str
    of_aws: Mapping[tuple[str, str], str]
    """By service and owner."""

    def metric(self, source: Source) -> list[str]:
        """Return namespace, name and dimensions, as a dashboard's body lists them."""
        match source:
            case Counted(metric, service, dimension, word):
                part = [dimension, word] if dimension else []
                return [self.namespace, metric.value, SERVICE, service, *part]
            case OfAws(service, owner, name):
                namespace, dimension = NAMESPACES[service]
                return [namespace, name, dimension, self.of_aws[service, owner]]
