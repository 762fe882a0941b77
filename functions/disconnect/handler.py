"""The `$disconnect` route: gives the connection's slot back."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger

from functions.disconnect.settings import DisconnectSettings
from functions.shared import aws
from functions.shared.connections.store import ConnectionStore

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger()


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Forget a connection. A call that is late, repeated or for an unknown connection does no harm."""
    connection_id = event["requestContext"]["connectionId"]
    if event["requestContext"].get("eventType") != "DISCONNECT":
        # A client's message that names this route. Its socket is open: it keeps its slot.
        logger.warning("a message asked for this route", connection_id=connection_id)
        return {"statusCode": 400}
    known = connections().release(connection_id)
    logger.info("disconnected", connection_id=connection_id, known=known)
    return {"statusCode": 200}


@cache
def connections() -> ConnectionStore:
    """Wire the registry once per environment."""
    settings = DisconnectSettings.from_env(os.environ)
    return ConnectionStore(aws.client("dynamodb"), settings.table_name)
