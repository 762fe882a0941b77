"""The entry of the HTTP API and of reminders: an event in, an answer, a problem or what comes back out."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import boto3

from functions.generate import cors, responses
from functions.generate.api import Api
from functions.generate.endpoints import prompts
from functions.generate.limits import GenerationEnds, Limits
from functions.generate.recent_requests import RecentRequestsStore
from functions.generate.reminder_queue import ReminderQueue
from functions.generate.reminders import Reminders
from functions.generate.settings import GenerateSettings
from functions.generate.submission import Submission
from functions.generate.ticket_issuer import TicketIssuer
from functions.shared import aws
from functions.shared.connections.sockets import Sockets
from functions.shared.connections.store import ConnectionStore
from functions.shared.connections.ticket_store import TicketStore
from functions.shared.connections.user_connections import UserConnections
from functions.shared.errors import ReportedError
from functions.shared.generations.reader import GenerationReader
from functions.shared.generations.transitions import SubmissionTransitions
from functions.shared.measurements import measurements_of
from functions.shared.metrics import Metric
from functions.shared.origins import OriginAllowList
from functions.shared.powertools_log import powertools_logger
from functions.shared.queue import Queue
from functions.shared.wiring import edge_behind, token_verifier

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

    from functions.shared.edge import Edge
    from functions.shared.measurements import Measurements

logger = powertools_logger()


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Answer one request, or look at a batch of reminders."""
    if "Records" in event:
        again = reminders().again(event["Records"], now=datetime.now(UTC))
        return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in again]}
    measurements().add(Metric.REQUESTS)
    try:
        return cors.readable(_answered(event), event, api().origins)
    finally:
        measurements().flush()


def _answered(event: dict[str, Any]) -> dict[str, Any]:
    path = event["requestContext"]["http"]["path"]
    try:
        with aws.outages():
            edge().check(event, now=datetime.now(UTC))
            if permission := cors.preflight(event, api().origins):
                return permission
            reply = api().reply(event, now=datetime.now(UTC))
    except ReportedError as error:
        source_ip = edge().source_ip(event, peer=event["requestContext"]["http"].get("sourceIp"))
        logger.warning(
            "refused",
            reason=error.reason,
            status=error.status.value,
            user_id=error.user_id,
            source_ip=source_ip,
        )
        measurements().add(Metric.REFUSED_REQUESTS, status=error.status.value)
        return responses.refusal(error).for_gateway()
    if path == prompts.PATH:
        measurements().add(Metric.ACCEPTED_PROMPTS)
    logger.info("answered", status=reply.status, path=path)
    return reply.for_gateway()


@cache
def measurements() -> Measurements:
    """Measure for the environment's life."""
    return measurements_of(os.environ)


@cache
def edge() -> Edge:
    """Wire the check of the way in once per environment."""
    return edge_behind(GenerateSettings.from_env(os.environ).edge_secret_arn)


@cache
def reminders() -> Reminders:
    """Wire the looks at what was accepted once per environment."""
    submission = api().submission
    return Reminders(
        archive=submission.archive,
        submission=submission,
        count_waiting=partial(measurements().count, Metric.WAITING_PROMPTS),
    )


@cache
def api() -> Api:
    """Wire the API once per environment."""
    settings = GenerateSettings.from_env(os.environ)
    table = boto3.client("dynamodb", config=aws.CLIENT)
    sqs = boto3.client("sqs", config=aws.CLIENT)
    sockets = Sockets(boto3.client("apigatewaymanagementapi", config=aws.CLIENT))
    generations = GenerationReader(table, settings.table_name)
    connections = ConnectionStore(table, settings.table_name)
    return Api(
        submission=Submission(
            transitions=SubmissionTransitions(table, settings.table_name),
            archive=generations,
            queue=ReminderQueue(Queue(sqs, settings.queue_url), Queue(sqs, settings.reminders_url)),
            limits=Limits(
                records=RecentRequestsStore(table, settings.table_name, "PROMPTS"),
                per_minute=settings.prompts_per_minute,
                at_once=settings.prompts_at_once,
                ends=GenerationEnds(generations),
            ),
            model=settings.llm_model,
            allowed_models=frozenset({settings.llm_model, *settings.llm_allowed_models}),
            queue_deadline=timedelta(seconds=settings.queue_deadline_seconds),
            retention=timedelta(days=settings.retention_days),
        ),
        ticket_issuer=TicketIssuer(
            tickets=TicketStore(table, settings.table_name),
            limits=Limits(
                records=RecentRequestsStore(table, settings.table_name, "TICKETS"),
                per_minute=settings.tickets_per_minute,
            ),
            registry=connections,
            is_gone=sockets.is_gone,
            connections_per_user=settings.connections_per_user,
            evicts_oldest=settings.evicts_oldest,
            allow_missing_origin=settings.allow_missing_origin,
        ),
        user_connections=UserConnections(registry=connections, sockets=sockets),
        connections_per_user=settings.connections_per_user,
        texts=generations,
        tokens=token_verifier(settings, jwks_failed=partial(measurements().count, Metric.JWKS_FAILURES)),
        origins=OriginAllowList(settings.allowed_origins, missing_is_allowed=True),
        max_prompt_bytes=settings.max_prompt_bytes,
        websocket_url=settings.websocket_url,
    )
