"""Prompts and attempts in a real table, as the functions write them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from functions.generate.acceptance import Acceptance
from functions.generate.chat_submissions import chat_submissions
from functions.generate.prompt_request import OnBusy, PromptRequest
from functions.generate.under_way import GenerationEnds
from functions.shared.budgets.ports import NoLedger
from functions.shared.chats.attempts import ChatAttempts
from functions.shared.chats.ends import chat_ends
from functions.shared.chats.model import prompt_id_of
from functions.shared.chats.reader import ChatReader
from functions.shared.generations.reader import GenerationReader
from tests.support.environment import TABLE_NAME

if TYPE_CHECKING:
    from datetime import datetime

    from mypy_boto3_dynamodb import DynamoDBClient

    from functions.shared.budgets.ports import Ledger
    from functions.shared.generations.model import Generation


class NoQueue:
    """Takes what is sent, and nothing comes of it."""

    def send(self, generation_id: str) -> None:
        """Take a message."""

    send_again = remind = send


def accept(
    client: DynamoDBClient,
    generation: Generation,
    prompt: str,
    *,
    now: datetime,
    ledger: Ledger | None = None,
    **options: Any,
) -> Generation:
    """Accept a prompt. It waits behind another of its chat unless the test says otherwise."""
    generations = GenerationReader(client, TABLE_NAME)
    acceptance = Acceptance(
        chats=ChatReader(client, TABLE_NAME),
        submissions=chat_submissions(client, TABLE_NAME, ledger or NoLedger()),
        archive=generations,
        queue=NoQueue(),
        ends=GenerationEnds(generations),
    )
    proposed = replace(generation, prompt_id=prompt_id_of(generation.generation_id))
    asked = PromptRequest(generation=proposed, prompt=prompt, **{"on_busy": OnBusy.QUEUE} | options)
    return acceptance.accept(asked, now=now).generation


def attempts(client: DynamoDBClient) -> ChatAttempts:
    """What attempts change."""
    return ChatAttempts(client, TABLE_NAME, chat_ends(client, TABLE_NAME, NoLedger()))
