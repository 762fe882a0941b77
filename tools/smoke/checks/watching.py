"""Checks of what an operator relies on: the gateways' limits, a line in the log, and metrics."""

from __future__ import annotations

import asyncio
import secrets
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from functions.shared.metrics import Metric
from tools.deployed import stages_of
from tools.smoke.calls import call
from tools.smoke.findings import FailedError, NotApplicableError
from tools.smoke.patience import patiently

if TYPE_CHECKING:
    from tools.smoke.site import Site

COUNTED = {"connect": Metric.ACCEPTED_CONNECTS, "worker": Metric.GENERATIONS_COMPLETED}
"""What the checks before have caused, by the function that counts it."""


async def route_settings(site: Site) -> str:
    """See that both gateways took their limits over: their names' casing is AWS's own."""
    site.only_on_aws("the emulator tells nothing of a stage's limits")
    limits = []
    for name, output in (("sockets", "WebSocketApiId"), ("HTTP", "HttpApiId")):
        for stage in await asyncio.to_thread(stages_of, site.deployment, output):
            limits += [(name, stage.get("DefaultRouteSettings"))]
            if output == "WebSocketApiId":
                limits += [("$connect", stage.get("RouteSettings", {}).get("$connect"))]
    for name, limit in limits:
        if not limit or not limit.get("ThrottlingRateLimit") or not limit.get("ThrottlingBurstLimit"):
            raise FailedError(
                f"The gateway has no limit for {name}; it holds {limit or 'nothing'}. RouteSettings need "
                "ThrottlingRateLimit and ThrottlingBurstLimit, written so."
            )
    told = ", ".join(f"{name} {limit['ThrottlingRateLimit']:g}/s" for name, limit in limits if limit)
    return f"The gateways have their limits: {told}."


async def access_log(site: Site) -> str:
    """See that the HTTP API writes a line about a call, without its path and query."""
    group = await asyncio.to_thread(_access_log_group, site)
    site.only_on_aws("the emulator writes no access log")
    word = f"smoke-{secrets.token_hex(8)}"
    reply = await call(site, "GET", f"/health?word={word}", with_token=False)
    request_id = reply.headers.get("apigw-requestid", "")
    if not request_id:
        raise FailedError("API Gateway's replies have no apigw-requestid: does something stand before it?")
    line = await patiently(site, lambda: _logged(site, group, request_id))
    if line is None:
        raise FailedError(f"{site.patience:g} s after a call, {group} has no line about {request_id}.")
    if word in line:
        raise FailedError(f"A line of {group} holds the query of its call; tokens may stand there.")
    return f"A call has its line in {group}, without its query."


async def metric(site: Site) -> str:
    """See that CloudWatch reads our metrics out of the logs."""
    site.only_on_aws("the emulator reads no metrics out of logs")
    namespace = site.functions["connect"].namespace
    for service, counted in COUNTED.items():
        if not await patiently(site, partial(_sum, site, namespace, service, counted)):
            raise FailedError(
                f"{site.patience:g} s after it was counted, {counted} has no value in {namespace}: may the "
                f"functions write their logs, and is POWERTOOLS_METRICS_NAMESPACE the alarms' own?"
            )
    return f"{' and '.join(COUNTED.values())} have values in the namespace {namespace}."


def _access_log_group(site: Site) -> str:
    for stage in stages_of(site.deployment, "HttpApiId"):
        if arn := stage.get("AccessLogSettings", {}).get("DestinationArn"):
            return str(arn).partition(":log-group:")[2].removesuffix(":*")
    raise NotApplicableError("the HTTP API writes no log, since http_access_logs is off")


def _logged(site: Site, group: str, request_id: str) -> str | None:
    since = int(site.began.timestamp() * 1000)
    events = site.aws("logs").filter_log_events(
        logGroupName=group, startTime=since, filterPattern=f'"{request_id}"'
    )["events"]
    return str(events[0]["message"]) if events else None


def _sum(site: Site, namespace: str, service: str, counted: Metric) -> float:
    reply = site.aws("cloudwatch").get_metric_statistics(
        Namespace=namespace,
        MetricName=counted.value,
        Dimensions=[{"Name": "service", "Value": service}],
        Statistics=["Sum"],
        Period=60,
        StartTime=site.began - timedelta(minutes=1),
        EndTime=datetime.now(UTC) + timedelta(minutes=1),
    )
    return sum(float(point["Sum"]) for point in reply["Datapoints"])
