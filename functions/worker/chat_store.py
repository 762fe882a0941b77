"""What the worker reads and writes of chats, with AWS's faults told as Unavailable."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.shared import aws
from functions.shared.chats.reader import ChatReader
from functions.shared.chats.summaries import SummaryStore
from functions.shared.generations.reader import GenerationReader

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from mypy_boto3_dynamodb import DynamoDBClient

    from functions.shared.chats.model import ChatMessage, Summary
    from functions.shared.generations.model import Generation
    from functions.shared.generations.ports import HasText


@dataclass(frozen=True, slots=True)
class ChatStore:
    """One table's chats. All raise Unavailable in an outage."""

    client: DynamoDBClient
    table: str

    def messages(
        self, generation: Generation, *, until: int, page: int, now: datetime
    ) -> Iterator[ChatMessage]:
        """Yield the chat's messages from this number downwards, reading so many at a time."""
        with aws.outages():
            yield from ChatReader(self.client, self.table).messages(
                generation.user_id, generation.chat_id, until=until, newest_first=True, page=page, now=now
            )

    def text(self, answer: HasText) -> str:
        """Return an answer's text."""
        with aws.outages():
            return GenerationReader(self.client, self.table).text(answer)

    def summary(self, generation: Generation, number: int, *, now: datetime) -> Summary | None:
        """Return the summary up to a message."""
        with aws.outages():
            store = SummaryStore(self.client, self.table)
            return store.get(generation.user_id, generation.chat_id, number, now=now)

    def summaries(self, generation: Generation, *, after: int, until: int, now: datetime) -> list[Summary]:
        """Return the summaries up to messages between two, the newest first."""
        with aws.outages():
            store = SummaryStore(self.client, self.table)
            return store.between(generation.user_id, generation.chat_id, after=after, until=until, now=now)

    def put_summary(self, generation: Generation, summary: Summary) -> None:
        """Store a summary.

        Raises:
            Cancelled: If there is one, or what it stands for is no longer there.
            WriteRefused: If DynamoDB will never take it.
        """
        with aws.outages():
            SummaryStore(self.client, self.table).put(
                generation.user_id, generation.chat_id, summary, expires_at=generation.expires_at
            )
