"""The entry of the HTTP API and of reminders: an event in, an answer, a problem or what comes back out."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from functools import cache, partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from functions.generate import cors, responses
from functions.generate.acceptance import Acceptance
from functions.generate.api import Api
from functions.generate.chat_news import ChatNews
from functions.generate.chat_submissions import chat_submissions
from functions.generate.chat_wiring import attaching, chat_parts
from functions.generate.concurrently import at_once
from functions.generate.endpoints import prompts
from functions.generate.limits import prompt_limits, ticket_limits
from functions.generate.queueing import Queueing
from functions.generate.recent_requests import RecentRequestsStore
from functions.generate.reminders import Reminders
from functions.generate.settings import GenerateSettings
from functions.generate.submission import Submission
from functions.generate.ticket_issuer import TicketIssuer
from functions.generate.under_way import GenerationEnds
from functions.generate.user_generations import UserGenerations
from functions.shared import aws
from functions.shared.attachments.bucket import bucket_of
from functions.shared.budgets.ledger import BudgetLedger
from functions.shared.budgets.sweep import Sweep
from functions.shared.budgets.watch import BudgetWatch
from functions.shared.chats.reader import ChatReader
from functions.shared.connections.sockets import Sockets
from functions.shared.connections.store import ConnectionStore
from functions.shared.connections.ticket_store import TicketStore
from functions.shared.connections.user_connections import UserConnections
from functions.shared.errors import ReportedError
from functions.shared.generations.reader import GenerationReader
from functions.shared.generations.submission_transitions import SubmissionTransitions
from functions.shared.log_context import about
from functions.shared.measurements import measurements_of
from functions.shared.metrics import Metric
from functions.shared.origins import OriginAllowList
from functions.shared.powertools_log import powertools_logger
from functions.shared.queue import Queue
from functions.shared.reminder_queue import ReminderQueue
from functions.shared.trace_context import TraceContext
from functions.shared.transactions import Transactions
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
    trace = TraceContext.taken_up(event["headers"].get("traceparent"))
    try:
        with about(request_id=event["requestContext"].get("requestId"), trace_id=trace.trace_id):
            return cors.readable(_answered(event, trace), event, api().origins)
    finally:
        measurements().flush()


def _answered(event: dict[str, Any], trace: TraceContext) -> dict[str, Any]:
    try:
        with aws.outages():
            edge().check(event, now=datetime.now(UTC))
            if permission := cors.preflight(event, api().origins):
                return permission
            reply = api().reply(event, trace=trace, now=datetime.now(UTC))
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
    # A path that was refused may say anything, and is not logged.
    call = {name: event["requestContext"]["http"][name] for name in ("method", "path")}
    if reply.status == HTTPStatus.ACCEPTED and call["path"].endswith(prompts.ACCEPTING):
        measurements().add(Metric.ACCEPTED_PROMPTS)
    logger.info("answered", status=reply.status, **call)
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
    queueing = api().queueing
    return Reminders(
        archive=queueing.archive,
        queueing=queueing,
        deletions=api().chat_deletion,
        count_waiting=partial(measurements().count, Metric.WAITING_PROMPTS),
    )


@cache
def api() -> Api:
    """Wire the API once per environment."""
    settings = GenerateSettings.from_env(os.environ)
    table = aws.client("dynamodb")
    sqs = aws.client("sqs")
    sockets = Sockets(aws.socket_client())
    generations = GenerationReader(table, settings.table_name)
    transitions = SubmissionTransitions(table, settings.table_name)
    user_connections = UserConnections(registry=ConnectionStore(table, settings.table_name), sockets=sockets)
    chats = ChatReader(table, settings.table_name)
    ledger = BudgetLedger(
        client=table,
        table=settings.table_name,
        options=settings,
        sweep=Sweep(
            transactions=Transactions(table, settings.table_name),
            ends=GenerationEnds(generations),
            options=settings,
            count=partial(measurements().count, Metric.LEFT_OVER_HOLDS),
        ),
    )
    submissions = chat_submissions(table, settings.table_name, ledger)
    queue = ReminderQueue(Queue(sqs, settings.queue_url), Queue(sqs, settings.reminders_url))
    queueing = Queueing(transitions=transitions, submissions=submissions, archive=generations, queue=queue)
    bucket = bucket_of(settings.attachments_bucket) if settings.attachments_bucket else None
    attachments = attaching(table, bucket, settings)
    return Api(
        submission=Submission(
            acceptance=Acceptance(
                chats=chats,
                submissions=submissions,
                archive=generations,
                queue=queue,
                ends=GenerationEnds(generations),
            ),
            archive=generations,
            formats=generations,
            attachments=attachments,
            limits=prompt_limits(
                RecentRequestsStore(table, settings.table_name, "PROMPTS"), generations, settings
            ),
            queueing=queueing,
            options=settings,
        ),
        queueing=queueing,
        user_generations=UserGenerations(
            transitions=transitions, submissions=submissions, queueing=queueing, archive=generations
        ),
        ticket_issuer=TicketIssuer(
            tickets=TicketStore(table, settings.table_name),
            limits=ticket_limits(RecentRequestsStore(table, settings.table_name, "TICKETS"), settings),
            connections=user_connections,
            sockets=sockets,
            options=settings,
        ),
        user_connections=user_connections,
        texts=generations,
        attachments=attachments,
        tokens=token_verifier(
            settings,
            jwks_failed=partial(measurements().count, Metric.JWKS_FAILURES),
            budget_claim=settings.budget_claim,
        ),
        ledger=ledger,
        budget_watch=BudgetWatch(
            client=table,
            table=settings.table_name,
            options=settings,
            measure=partial(measurements().add, Metric.DEPLOYMENT_BUDGET),
        ),
        chat_news=ChatNews(connections=user_connections, sockets=sockets),
        **chat_parts(table, sqs, submissions, settings, bucket=bucket, at_once=at_once),
        origins=OriginAllowList(settings.allowed_origins, missing_is_allowed=True),
        settings=settings,
    )
