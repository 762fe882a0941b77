"""The `$connect` route: an event in, a handshake's HTTP answer out."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools import Logger

from functions.connect.admission import Admission
from functions.connect.handshake import read_handshake
from functions.connect.refusal_reasons import counted_reason
from functions.connect.settings import ConnectSettings
from functions.connect.slot_assignment import SlotAssignment
from functions.shared import aws
from functions.shared.connections.sockets import Sockets
from functions.shared.connections.store import ConnectionStore
from functions.shared.connections.ticket_store import TicketStore
from functions.shared.errors import Refused
from functions.shared.measurements import measurements_of
from functions.shared.metrics import Metric
from functions.shared.origins import OriginAllowList
from functions.shared.wire.encoding import encode
from functions.shared.wire.system import rejection
from functions.shared.wiring import edge_behind, token_verifier

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

    from functions.shared.edge import Edge
    from functions.shared.measurements import Measurements

logger = Logger()


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Accept or refuse a handshake; any status but 2xx is what the client's handshake fails with."""
    now = datetime.now(UTC)
    try:
        with aws.outages():
            edge().check(event, now=now)
            handshake = read_handshake(event)
            connection = admission().admit(handshake, now=now)
    except Refused as refused:
        logger.warning(
            "refused",
            reason=refused.reason,
            code=refused.code,
            user_id=refused.user_id,
            source_ip=_source_ip(event),
        )
        measurements().count(Metric.REJECTED_CONNECTS, reason=counted_reason(refused))
        return {
            "statusCode": refused.status.value,
            "headers": {"Content-Type": "application/json"},
            "body": encode(rejection(refused, now=now)).decode(),
        }
    logger.info(
        "connected",
        connection_id=connection.connection_id,
        user_id=connection.user_id,
        source_ip=_source_ip(event),
    )
    measurements().count(Metric.ACCEPTED_CONNECTS)
    return {"statusCode": 200, **_echo(handshake.subprotocol)}


def _source_ip(event: dict[str, Any]) -> str | None:
    return edge().source_ip(event, peer=event["requestContext"].get("identity", {}).get("sourceIp"))


def _echo(subprotocol: str | None) -> dict[str, Any]:
    return {"headers": {"Sec-WebSocket-Protocol": subprotocol}} if subprotocol else {}


@cache
def measurements() -> Measurements:
    """Measure for the environment's life."""
    return measurements_of(os.environ)


@cache
def edge() -> Edge:
    """Wire the check of the way in once per environment."""
    return edge_behind(ConnectSettings.from_env(os.environ).edge_secret_arn)


@cache
def admission() -> Admission:
    """Wire the admission once per environment."""
    settings = ConnectSettings.from_env(os.environ)
    table = boto3.client("dynamodb", config=aws.CLIENT)
    return Admission(
        tokens=token_verifier(settings, jwks_failed=partial(measurements().count, Metric.JWKS_FAILURES)),
        origins=OriginAllowList(settings.allowed_origins, settings.allow_missing_origin),
        tickets=TicketStore(table, settings.table_name),
        slot_assignment=SlotAssignment(
            registry=ConnectionStore(table, settings.table_name),
            sockets=Sockets(boto3.client("apigatewaymanagementapi", config=aws.CLIENT)),
            per_user=settings.connections_per_user,
            evicts_oldest=settings.evicts_oldest,
            measure=partial(measurements().add, Metric.USER_CONNECTIONS),
        ),
        lifetime=timedelta(seconds=settings.connection_lifetime_seconds),
        token_grace=timedelta(seconds=settings.token_grace_seconds),
    )
