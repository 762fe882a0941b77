"""The `$disconnect` route: gives the connection's slot back."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from functions.disconnect.connection_end import end_from
from functions.disconnect.settings import DisconnectSettings
from functions.shared import aws
from functions.shared.connections.store import ConnectionStore
from functions.shared.gateway_events import socket_ids
from functions.shared.log_context import about
from functions.shared.measurements import measurements_of
from functions.shared.metrics import Metric
from functions.shared.powertools_log import powertools_logger

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

    from functions.shared.measurements import Measurements

logger = powertools_logger()


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Forget a connection. A call that is late, repeated or for an unknown connection does no harm."""
    with about(**socket_ids(event)):
        return _answered(event)


def _answered(event: dict[str, Any]) -> dict[str, Any]:
    if event["requestContext"].get("eventType") != "DISCONNECT":
        # A client's message that names this route. Its socket is open: it keeps its slot.
        logger.warning("a message asked for this route")
        return {"statusCode": 400}
    context = event["requestContext"]
    released = connections().release(context["connectionId"])
    end = end_from(context, released, now=datetime.now(UTC))
    seconds = round(end.duration.total_seconds())
    logger.info("disconnected", known=released is not None, code=end.code, seconds=seconds)
    measurements().add(Metric.CONNECTION_DURATION, seconds)
    if end.unheard_for is not None:
        measurements().add(Metric.OPEN_TIME, round(end.unheard_for.total_seconds()))
    measurements().count(Metric.CLOSED_CONNECTIONS, code=end.code)
    return {"statusCode": 200}


@cache
def measurements() -> Measurements:
    """Measure for the environment's life."""
    return measurements_of(os.environ)


@cache
def connections() -> ConnectionStore:
    """Wire the registry once per environment."""
    settings = DisconnectSettings.from_env(os.environ)
    return ConnectionStore(aws.client("dynamodb"), settings.table_name)
