"""The `$disconnect` route: gives the connection's slot back."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools import Logger

from functions.disconnect.connection_end import end_from
from functions.disconnect.settings import DisconnectSettings
from functions.shared import aws
from functions.shared.connections.store import ConnectionStore
from functions.shared.measurements import measurements_of
from functions.shared.metrics import Metric

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

    from functions.shared.measurements import Measurements

logger = Logger()


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Forget a connection. A call that is late, repeated or for an unknown connection does no harm."""
    connection_id = event["requestContext"]["connectionId"]
    if event["requestContext"].get("eventType") != "DISCONNECT":
        # A client's message that names this route. Its socket is open: it keeps its slot.
        logger.warning("a message asked for this route", connection_id=connection_id)
        return {"statusCode": 400}
    released = connections().release(connection_id)
    end = end_from(event["requestContext"], released, now=datetime.now(UTC))
    seconds = end.duration.total_seconds()
    logger.info(
        "disconnected",
        connection_id=connection_id,
        known=released is not None,
        code=end.code,
        seconds=round(seconds),
    )
    measurements().add(Metric.CONNECTION_DURATION, round(seconds))
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
    return ConnectionStore(boto3.client("dynamodb", config=aws.CLIENT), settings.table_name)
