"""Two queues and a table, and the command line that an operator uses on them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from mypy_boto3_dynamodb import DynamoDBClient
from mypy_boto3_sqs import SQSClient

from functions.shared.budgets.ledger import BudgetLedger
from functions.shared.chats.attempts import ChatAttempts
from functions.shared.generations.claims import Claim
from functions.shared.generations.model import Generation
from functions.shared.generations.reader import GenerationReader
from functions.shared.generations.text_store import TextStore
from tests.support import builders, chats_in_table, environment
from tools.dead_letters import queue_walk
from tools.dead_letters.command import main

PROMPT = "canary-prompt"
TABLE = environment.TABLE_NAME


@dataclass(frozen=True, slots=True)
class Site:
    """A deployment whose workers are the test itself."""

    sqs: SQSClient
    dynamodb: DynamoDBClient
    queue_url: str
    dead_letter_queue_url: str

    def accept(
        self, generation_id: str = "g1", *, ledger: BudgetLedger | None = None, **changes: Any
    ) -> Generation:
        """Record a generation that no worker has begun."""
        now = datetime.now(UTC)
        proposed = builders.generation(generation_id, at=now, **changes)
        return chats_in_table.accept(self.dynamodb, proposed, PROMPT, now=now, ledger=ledger)

    def claim(self, generation_id: str = "g1", *, lease_until: datetime) -> Claim:
        """Begin an attempt, of at most three."""
        claim = self.transitions.claim(
            generation_id,
            owner="w1",
            message_id="m1",
            lease_until=lease_until,
            max_attempts=3,
            now=datetime.now(UTC),
        )
        assert claim is not None
        return claim

    def bury(self, generation_id: str = "g1") -> str:
        """Put a letter about a generation among the dead ones. Returns its message id."""
        return self.bury_body(json.dumps({"version": 1, "generation_id": generation_id}))

    def bury_body(self, body: str) -> str:
        """Put any message among the dead ones."""
        return self.sqs.send_message(QueueUrl=self.dead_letter_queue_url, MessageBody=body)["MessageId"]

    @property
    def transitions(self) -> ChatAttempts:
        return chats_in_table.attempts(self.dynamodb)

    @property
    def texts(self) -> TextStore:
        return TextStore(self.dynamodb, TABLE)

    def state(self, generation_id: str = "g1") -> Generation:
        """Read a generation."""
        found = GenerationReader(self.dynamodb, TABLE).find(generation_id, now=datetime.now(UTC))
        assert found is not None
        return found

    def count(self, url: str) -> int:
        """Count the messages of a queue that anybody may receive now."""
        reply = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
        return int(reply["Attributes"]["ApproximateNumberOfMessages"])

    @property
    def dead(self) -> int:
        return self.count(self.dead_letter_queue_url)

    def queued(self) -> list[str]:
        """Take the messages that workers would get."""
        messages = self.sqs.receive_message(QueueUrl=self.queue_url, MaxNumberOfMessages=10)
        return [message["Body"] for message in messages.get("Messages", [])]


@pytest.fixture
def site(sqs: SQSClient, dynamodb: DynamoDBClient, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setattr(queue_walk, "PATIENCE", timedelta())  # Here there is only one server to ask.
    name = environment.QUEUE_URL.rpartition("/")[2]
    queue_url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    return Site(sqs, dynamodb, queue_url, sqs.create_queue(QueueName=f"{name}-dead")["QueueUrl"])


@pytest.fixture
def run(site: Site) -> Callable[..., int]:
    """Run a command against the site."""

    def run(*words: str) -> int:
        where = ["--queue-url", site.queue_url, "--dead-letter-queue-url", site.dead_letter_queue_url]
        return main([*words, *where, "--table", TABLE])

    return run
