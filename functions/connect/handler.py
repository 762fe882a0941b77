"""The `$connect` route: an event in, a handshake's HTTP answer out."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools import Logger

from functions.connect.gate import Gate
from functions.connect.knock import knock_from
from functions.connect.seats import Seats
from functions.connect.settings import ConnectSettings
from functions.shared import aws, messages
from functions.shared.apigatewaymanagementapi import Sockets
from functions.shared.dynamodb_connections import DynamoDBConnections
from functions.shared.dynamodb_tickets import DynamoDBTickets
from functions.shared.edge_wiring import edge_behind
from functions.shared.errors import Refused
from functions.shared.metrics import Metric, count
from functions.shared.origins import OriginAllowList
from functions.shared.token_wiring import token_verifier

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

    from functions.shared.edge import Edge

logger = Logger()


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Accept or refuse a handshake; any status but 2xx is what the client's handshake fails with."""
    now = datetime.now(UTC)
    try:
        with aws.outages():
            edge().check(event, now=now)
            knock = knock_from(event)
            connection = gate().admit(knock, now=now)
    except Refused as refused:
        logger.warning(
            "refused",
            reason=refused.reason,
            code=refused.code,
            user_id=refused.user_id,
            source_ip=_source_ip(event),
        )
        count(Metric.REJECTED_CONNECTS)
        return {
            "statusCode": refused.status.value,
            "headers": {"Content-Type": "application/json"},
            "body": messages.encode(messages.rejection(refused, now=now)).decode(),
        }
    logger.info(
        "connected",
        connection_id=connection.connection_id,
        user_id=connection.user_id,
        source_ip=_source_ip(event),
    )
    count(Metric.ACCEPTED_CONNECTS)
    return {"statusCode": 200, **_echo(knock.subprotocol)}


def _source_ip(event: dict[str, Any]) -> str | None:
    return edge().source_ip(event, peer=event["requestContext"].get("identity", {}).get("sourceIp"))


def _echo(subprotocol: str | None) -> dict[str, Any]:
    return {"headers": {"Sec-WebSocket-Protocol": subprotocol}} if subprotocol else {}


@cache
def edge() -> Edge:
    """Wire the check of the way in once per environment."""
    return edge_behind(ConnectSettings.from_env(os.environ).edge_secret_arn)


@cache
def gate() -> Gate:
    """Wire the gate once per environment."""
    settings = ConnectSettings.from_env(os.environ)
    table = boto3.client("dynamodb", config=aws.CLIENT)
    return Gate(
        tokens=token_verifier(settings.token_rules, settings.token_keys),
        origins=OriginAllowList(settings.allowed_origins, settings.allow_missing_origin),
        tickets=DynamoDBTickets(table, settings.table),
        seats=Seats(
            registry=DynamoDBConnections(table, settings.table),
            sockets=Sockets(boto3.client("apigatewaymanagementapi", config=aws.CLIENT)),
            per_user=settings.connections_per_user,
            evicts_oldest=settings.evicts_oldest,
        ),
        lifetime=settings.connection_lifetime,
        token_grace=settings.token_grace,
    )
