"""The `$default` route: one message of a client in, one answer out through the management API."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools import Logger

from functions.message.message_counts import MessageCounts
from functions.message.recently_closed import RecentlyClosed
from functions.message.replies import keep_alive_from, reply_to
from functions.message.settings import MessageSettings
from functions.shared import aws
from functions.shared.connections.sockets import Sockets
from functions.shared.errors import Unavailable
from functions.shared.measurements import measurements_of
from functions.shared.metrics import Metric
from functions.shared.wire import system
from functions.shared.wire.encoding import encode

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

    from functions.message.replies import KeepAlive
    from functions.shared.measurements import Measurements
    from functions.shared.wire.messages import Pong, SystemMessage

logger = Logger()


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Answer a keep-alive, refuse all else, and close a connection that keeps on.

    The answer is posted: API Gateway delivers a returned body only on routes with a route response.
    """
    now = datetime.now(UTC)
    connection_id = event["requestContext"]["connectionId"]
    if connection_id in recently_closed():
        return {"statusCode": 200}
    keep_alive = None if event.get("isBase64Encoded") else keep_alive_from(event.get("body"))
    measurements().add(Metric.RECEIVED_MESSAGES)
    try:
        return {"statusCode": _answer(connection_id, keep_alive, now)}
    finally:
        measurements().flush()


def _answer(connection_id: str, keep_alive: KeepAlive | None, now: datetime) -> int:
    try:
        with aws.throttling():
            tally = counts().add(connection_id, refused=keep_alive is None, now=now)
    except Unavailable as unavailable:
        logger.warning("refused", reason=unavailable.reason, connection_id=connection_id)
        measurements().add(Metric.REJECTED_MESSAGES, reason="unavailable")
        _post(connection_id, system.rejection(unavailable, now=now))
        return 503
    if tally is None:
        logger.warning("message of a connection that is over", connection_id=connection_id)
        if sockets().dismiss(connection_id, system.Closing.EXPIRED, now=now):
            recently_closed().add(connection_id)
        return 200
    reply = reply_to(keep_alive, tally, messages_per_minute=settings().messages_per_minute, now=now)
    if reply.reason:
        # `connected` tells where the connection came from: behind an edge, a message does not.
        logger.warning("refused", reason=reply.reason, user_id=tally.user_id, connection_id=connection_id)
        measurements().add(Metric.REJECTED_MESSAGES, reason=reply.reason)
    if keep_alive is not None:
        measurements().add(Metric.OPEN_TIME, round(tally.unheard_for.total_seconds()))
    _post(connection_id, reply.message)
    if reply.closes:
        logger.warning("closed for too many messages", connection_id=connection_id)
        sockets().close(connection_id)
        recently_closed().add(connection_id)
    return 200


def _post(connection_id: str, message: SystemMessage | Pong) -> None:
    if sockets().post(connection_id, encode(message)):
        measurements().add(Metric.SENT_MESSAGES)


@cache
def measurements() -> Measurements:
    """Measure for the environment's life."""
    return measurements_of(os.environ)


@cache
def settings() -> MessageSettings:
    """Read the settings once per environment."""
    return MessageSettings.from_env(os.environ)


@cache
def recently_closed() -> RecentlyClosed:
    """Remember closed connections for the environment's life."""
    return RecentlyClosed()


@cache
def counts() -> MessageCounts:
    """Wire the message counts once per environment."""
    return MessageCounts(boto3.client("dynamodb", config=aws.CLIENT), settings().table_name)


@cache
def sockets() -> Sockets:
    """Wire the management API once per environment."""
    return Sockets(boto3.client("apigatewaymanagementapi", config=aws.CLIENT))
