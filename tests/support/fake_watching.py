"""What AWS tells an operator about the fake deployment: logs, metrics, alarms, limits, but for its faults."""

from __future__ import annotations

import asyncio
from typing import Any

from botocore.exceptions import ClientError

from infra.alarm_table import ALARMS
from tests.support import deployments
from tests.support.fake_deployment import MESSAGE_BYTES, PAGE, FakeDeployment
from tools.deployment import Deployment

GROUP = "/aws/vendedlogs/framestream/http-1"
TOPIC = deployments.OUTPUTS["AlarmTopicArn"]


def watched(
    fake: FakeDeployment, *, outputs: dict[str, str] | None = None, environment: dict[str, str] | None = None
) -> Deployment:
    """Return the deployment as an operator's tools see it."""
    addresses = {"HttpUrl": fake.http_url, "WebSocketUrl": fake.websocket_url}
    return deployments.deployment(
        environment={"ALLOWED_ORIGINS": f"https://*.app.example,{PAGE}", **(environment or {})},
        more={
            "apigatewaymanagementapi": {"post_to_connection": lambda **request: _posted(fake, **request)},
            "apigatewayv2": {"get_stages": lambda ApiId: {"Items": [_stage(fake, ApiId)]}},  # noqa: N803
            "logs": {"filter_log_events": lambda **request: _lines(fake, **request)},
            "cloudwatch": {
                "get_metric_statistics": {
                    "Datapoints": [] if fake.has("no metric is read") else [{"Sum": 2.0}]
                },
                "describe_alarms": lambda **_: {"MetricAlarms": _alarms(fake)},
            },
            "sns": {"list_subscriptions_by_topic": {"Subscriptions": _subscriptions(fake)}},
        },
        outputs={**addresses, **(outputs or {})},
    )


def _posted(fake: FakeDeployment, ConnectionId: str, Data: bytes) -> None:  # noqa: N803 - AWS's names.
    if len(Data) > MESSAGE_BYTES and not fake.has("long posts are taken"):
        raise ClientError(
            {"Error": {"Code": "413", "Message": ""}, "ResponseMetadata": {"HTTPStatusCode": 413}},  # type: ignore[typeddict-item]
            "PostToConnection",
        )
    text = Data.decode()
    if fake.has("posts are cut"):
        text = f'{text[:20_000]}"}}'
    asyncio.run_coroutine_threadsafe(fake.sockets[ConnectionId].send(text), fake.loop).result(5)


def _stage(fake: FakeDeployment, api_id: str) -> dict[str, Any]:
    stage = deployments.stage(api_id)
    if fake.has("limits are not taken over"):
        stage.pop("DefaultRouteSettings")
    if fake.has("limits have another casing") and api_id == "ws1":
        stage["RouteSettings"] = {"$connect": {"throttlingRateLimit": 100.0, "throttlingBurstLimit": 100}}
    if api_id == "http1" and not fake.has("access logs are off"):
        stage["AccessLogSettings"] = {"DestinationArn": f"arn:aws:logs:eu-central-1:1:log-group:{GROUP}:*"}
    return stage


def _lines(fake: FakeDeployment, **request: Any) -> dict[str, Any]:
    assert request["logGroupName"] == GROUP
    wanted = [line for line in fake.log if request["filterPattern"] in line]
    return {"events": [] if fake.has("no line is logged") else [{"message": line} for line in wanted]}


def _alarms(fake: FakeDeployment) -> list[dict[str, Any]]:
    rows = ALARMS[1:] if fake.has("an alarm is missing") else ALARMS
    alarms = [_alarm(f"framestream-Alarms{row.name}1A2B", TOPIC) for row in rows]
    if fake.has("an alarm is raised"):
        alarms[-1]["StateValue"] = "ALARM"
    if fake.has("an alarm has no data"):
        alarms[-1]["StateValue"] = "INSUFFICIENT_DATA"
    if fake.has("an alarm's actions are off"):
        alarms[-1]["ActionsEnabled"] = False
    return [
        *alarms,
        _alarm("another system's", "arn:aws:sns:eu-central-1:1:another") | {"StateValue": "ALARM"},
    ]


def _alarm(name: str, topic: str) -> dict[str, Any]:
    return {"AlarmName": name, "StateValue": "OK", "ActionsEnabled": True, "AlarmActions": [topic]}


def _subscriptions(fake: FakeDeployment) -> list[dict[str, str]]:
    if fake.has("nothing is subscribed"):
        return []
    arn = "PendingConfirmation" if fake.has("the mail is not confirmed") else f"{TOPIC}:1"
    return [{"SubscriptionArn": arn}]
