"""The `$disconnect` route: gives the connection's slot back."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3

from functions.disconnect.settings import DisconnectSettings
from functions.shared import aws
from functions.shared.connections.store import ConnectionStore
from functions.shared.gateway_events import socket_ids
from functions.shared.log_context import about
from functions.shared.powertools_log import powertools_logger

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

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
    known = connections().release(event["requestContext"]["connectionId"])
    logger.info("disconnected", known=known)
    return {"statusCode": 200}


@cache
def connections() -> ConnectionStore:
    """Wire the registry once per environment."""
    settings = DisconnectSettings.from_env(os.environ)
    return ConnectionStore(boto3.client("dynamodb", config=aws.CLIENT), settings.table_name)
