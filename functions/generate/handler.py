"""The entry of the HTTP API and of reminders: an event in, an answer, a problem or what comes back out."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from functions.generate import cors, responses, wiring
from functions.generate.endpoints import prompts
from functions.shared import aws
from functions.shared.errors import ReportedError
from functions.shared.log_context import about
from functions.shared.metrics import Metric
from functions.shared.powertools_log import powertools_logger
from functions.shared.trace_context import TraceContext

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

logger = powertools_logger()


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Answer one request, or look at a batch of reminders."""
    if "Records" in event:
        again = wiring.reminders().again(event["Records"], now=datetime.now(UTC))
        return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in again]}
    wiring.measurements().add(Metric.REQUESTS)
    trace = TraceContext.taken_up(event["headers"].get("traceparent"))
    try:
        with about(request_id=event["requestContext"].get("requestId"), trace_id=trace.trace_id):
            return cors.readable(_answered(event, trace), event, wiring.api().origins)
    finally:
        wiring.measurements().flush()


def _answered(event: dict[str, Any], trace: TraceContext) -> dict[str, Any]:
    try:
        with aws.outages():
            wiring.edge().check(event, now=datetime.now(UTC))
            if permission := cors.preflight(event, wiring.api().origins):
                return permission
            reply = wiring.api().reply(event, trace=trace, now=datetime.now(UTC))
    except ReportedError as error:
        source_ip = wiring.edge().source_ip(event, peer=event["requestContext"]["http"].get("sourceIp"))
        logger.warning(
            "refused",
            reason=error.reason,
            status=error.status.value,
            user_id=error.user_id,
            source_ip=source_ip,
        )
        wiring.measurements().add(Metric.REFUSED_REQUESTS, status=error.status.value)
        return responses.refusal(error).for_gateway()
    # A path that was refused may say anything, and is not logged.
    call = {name: event["requestContext"]["http"][name] for name in ("method", "path")}
    if reply.status == HTTPStatus.ACCEPTED and call["path"].endswith(prompts.ACCEPTING):
        wiring.measurements().add(Metric.ACCEPTED_PROMPTS)
    logger.info("answered", status=reply.status, **call)
    return reply.for_gateway()
