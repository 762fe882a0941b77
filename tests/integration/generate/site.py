"""The HTTP function as its callers see it, and what lies behind it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from functions.generate import handler as generate
from functions.shared.generations.reader import GenerationReader
from tests.support import environment
from tests.support.builders import USER
from tests.support.chats_in_table import attempts
from tests.support.environment import TABLE_NAME
from tests.support.events import Context, http_event
from tests.support.tokens import token

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sqs import SQSClient

    from functions.shared.generations.model import Generation

PATH = "/api/chat/generate-response"


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def body(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.text)
        return document

    @property
    def code(self) -> object:
        """The code of a problem, after a look at the form of the whole answer (RFC 9457)."""
        assert self.headers["Content-Type"] == "application/problem+json"
        assert self.body["status"] == self.status
        assert self.body.keys() >= {"type", "title", "status", "detail", "code"}
        return self.body["code"]


@dataclass(frozen=True)
class Site:
    """The HTTP API, its table and its queue."""

    dynamodb: DynamoDBClient
    sqs: SQSClient

    def call(self, method: str, path: str, *, user: str | None = USER, **request: Any) -> Answer:
        """Send a request with a valid token of `user`, or without any."""
        signed = token(at=datetime.now(UTC), sub=user) if user else None
        event = http_event(method, path, **{"token": signed} | request)
        reply = generate.handler(event, Context())
        assert reply["headers"]["Cache-Control"] == "no-store"
        return Answer(reply["statusCode"], reply["headers"], reply["body"])

    def ask(self, *, key: str | None = None, user: str = USER, **changes: Any) -> Answer:
        """Hand in a prompt."""
        body = {"user_id": user, "chat_id": "chat_1", "prompt": "Tell me about otters"} | changes
        headers = {"idempotency-key": key} if key else {}
        return self.call("POST", PATH, user=user, body=body, headers=headers)

    def read(self, generation_id: str, *, user: str = USER, **query: str) -> Answer:
        """Fetch a generation."""
        return self.call("GET", f"/api/chat/generations/{generation_id}", user=user, query=query)

    def cancel(self, generation_id: str, *, user: str = USER) -> Answer:
        """Stop a generation."""
        return self.call("POST", f"/api/chat/generations/{generation_id}/cancel", user=user)

    def queued(self) -> list[str]:
        """Take all messages from the queue and return the ids in them."""
        ids = []
        while messages := self.sqs.receive_message(
            QueueUrl=environment.QUEUE_URL, MaxNumberOfMessages=10
        ).get("Messages"):
            ids += [json.loads(message["Body"])["generation_id"] for message in messages]
        return ids

    def recorded(self, generation_id: str) -> Generation:
        """Read a generation from the table."""
        generation = GenerationReader(self.dynamodb, TABLE_NAME).find(generation_id, now=datetime.now(UTC))
        assert generation is not None
        return generation

    def claim(self, generation_id: str) -> None:
        """Do what a worker does when it gets the message."""
        now = datetime.now(UTC)
        claimed = attempts(self.dynamodb).claim(
            generation_id,
            owner="worker",
            message_id="m1",
            lease_until=now + timedelta(seconds=30),
            max_attempts=3,
            now=now,
        )
        assert claimed is not None
        assert claimed.is_ours

    def kept(self) -> list[dict[str, Any]]:
        """What the table keeps of generations."""
        return [item for item in self.items() if item["pk"]["S"].startswith("GENERATION#")]

    def items(self) -> list[dict[str, Any]]:
        """Everything in the table."""
        return [dict(item) for item in self.dynamodb.scan(TableName=TABLE_NAME)["Items"]]
