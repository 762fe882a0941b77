"""Wires the HTTP API and reminders: what they need of the world, each once per environment."""

from __future__ import annotations

import os
from functools import cache, partial
from typing import TYPE_CHECKING

from functions.generate.acceptance import Acceptance
from functions.generate.api import Api
from functions.generate.chat_news import ChatNews
from functions.generate.chat_submissions import chat_submissions
from functions.generate.chat_wiring import attaching, chat_parts
from functions.generate.concurrently import at_once
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
from functions.shared.generations.reader import GenerationReader
from functions.shared.generations.submission_transitions import SubmissionTransitions
from functions.shared.measurements import measurements_of
from functions.shared.metrics import Metric
from functions.shared.origins import OriginAllowList
from functions.shared.queue import Queue
from functions.shared.reminder_queue import ReminderQueue
from functions.shared.transactions import Transactions
from functions.shared.wiring import edge_behind, token_verifier

if TYPE_CHECKING:
    from functions.shared.edge import Edge
    from functions.shared.measurements import Measurements


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
