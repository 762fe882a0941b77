"""A deployment whose AWS is fake: functions, stages and quotas, as a test sets them."""

from __future__ import annotations

from typing import Any

from tests.support.fake_aws import Answers, FakeSession
from tools.deployment import Deployment

OUTPUTS = {
    "TableName": "table",
    "QueueUrl": "https://sqs.example/queue",
    "HttpApiId": "http1",
    "WebSocketApiId": "ws1",
    "HttpUrl": "https://http1.example",
    "WebSocketUrl": "wss://ws1.example/prod",
    "ManagementEndpoint": "https://ws1.example/prod",
    "AlarmTopicArn": "arn:aws:sns:eu-central-1:1:topic",
}
QUEUE_ARN = "arn:aws:sqs:eu-central-1:1:queue"
SERVICES = ("connect", "disconnect", "message", "generate", "worker")


def deployment(
    *,
    environment: dict[str, str] | None = None,
    memory_mb: int = 1024,
    max_concurrency: int = 50,
    connect_rate: float = 100,
    quotas: float | Exception = 1000.0,
    more: Answers | None = None,
    outputs: dict[str, str] | None = None,
) -> Deployment:
    """Make one; `more` are the answers of other services, or of other operations."""
    answers: Answers = {
        "lambda": {
            "list_functions": {
                "Functions": [_function(name, environment or {}, memory_mb) for name in SERVICES] + [STRANGER]
            },
            "list_event_source_mappings": lambda EventSourceArn: {  # noqa: N803 - AWS's names.
                "EventSourceMappings": [{"ScalingConfig": {"MaximumConcurrency": max_concurrency}}]
                if EventSourceArn == QUEUE_ARN
                else []
            },
        },
        "sqs": {"get_queue_attributes": {"Attributes": {"QueueArn": QUEUE_ARN}}},
        "apigatewayv2": {"get_stages": lambda ApiId: {"Items": [stage(ApiId, connect_rate)]}},  # noqa: N803
        "service-quotas": {
            "get_service_quota": quotas if isinstance(quotas, Exception) else {"Quota": {"Value": quotas}}
        },
    }
    for service, operations in (more or {}).items():
        answers.setdefault(service, {}).update(operations)
    session: Any = FakeSession(answers)
    return Deployment(name="The stack framestream", outputs=OUTPUTS | (outputs or {}), session=session)


def stage(api_id: str, connect_rate: float = 100) -> dict[str, Any]:
    """Return a stage as API Gateway describes it."""
    made = {"DefaultRouteSettings": {"ThrottlingRateLimit": 1000.0, "ThrottlingBurstLimit": 500}}
    if api_id == "ws1":
        made["RouteSettings"] = {
            "$connect": {"ThrottlingRateLimit": connect_rate, "ThrottlingBurstLimit": 100}  # type: ignore[dict-item]
        }
    return made


def _function(service: str, environment: dict[str, str], memory_mb: int) -> dict[str, Any]:
    return {
        "FunctionName": f"framestream-{service}",
        "MemorySize": memory_mb if service == "worker" else 512,
        "Timeout": 900 if service == "worker" else 28,
        "LoggingConfig": {"LogGroup": f"/logs/{service}"},
        "Environment": {
            "Variables": {
                "TABLE_NAME": "table",
                "POWERTOOLS_SERVICE_NAME": service,
                "POWERTOOLS_METRICS_NAMESPACE": "framestream",
                **environment,
            }
        },
    }


STRANGER = {"FunctionName": "another", "MemorySize": 128, "Timeout": 3}
"""A function of the account that is not ours: it has no environment at all."""
