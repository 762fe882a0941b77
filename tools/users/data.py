"""All of one user's data, and its end, in an order that a run which is cut short can go on with.

Answers under way come first, because their worker would go on writing. They are asked to stop, and waited for
until their end was told: a queue message whose generation is gone would become a dead letter. Each
generation's prompt and text go before the record that leads to them.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from functions.shared.budgets.items import HOLD
from functions.shared.dynamodb import generation_key
from functions.shared.generations.items import generation_from
from functions.shared.generations.reader import GenerationReader
from tools.output import progress
from tools.users.export import document, generation_document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from functions.shared.dynamodb import Item
    from functions.shared.generations.model import Generation
    from functions.shared.generations.submission_transitions import SubmissionTransitions
    from tools.users.holds import HoldErasure
    from tools.users.objects import Objects
    from tools.users.walk import Walk

PATIENCE = timedelta(minutes=2)
"""For an answer to stop: a worker looks each second, and one that died is replaced within a minute."""
PAUSE = 2.0


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class UserData:
    """One user's items, wherever they lie; those that have expired and are not yet swept are included."""

    user_id: str
    walk: Walk
    transitions: SubmissionTransitions
    objects: Objects | None = None
    """Where attachments are; None: the deployment takes none."""
    clock: Callable[[], datetime] = _now
    sleep: Callable[[float], None] = time.sleep
    holds: Callable[[], HoldErasure]
    """Wires what is needed if a prompt waits: it asks the deployment for its settings."""

    def documents(self) -> Iterator[dict[str, Any]]:
        """Yield everything for people to read."""
        for item in self.walk.of_user(self.user_id):
            if _is_record(item):
                yield generation_document(item, self._parts(item))
            else:
                yield document(item) | (self.objects.content(item) if self.objects else {})

    def stop_answers(self) -> list[Generation]:
        """Ask all answers under way to stop, and wait. Returns those whose end was not told in time."""
        records = [generation_from(item) for item in self.walk.of_user(self.user_id) if _is_record(item)]
        under_way = [generation for generation in records if self._is_under_way(generation)]
        for generation in under_way:
            self.transitions.request_cancel(generation.generation_id)
        until = self.clock() + PATIENCE
        while under_way and self.clock() < until:
            progress(f"Waiting for {len(under_way)} answers to stop ...")
            self.sleep(PAUSE)
            under_way = [again for each in under_way if (again := self._still_under_way(each))]
        return under_way

    def erase(self) -> int:
        """Delete every item, and before it what it leads to. Returns how many there were."""
        number = 0
        for item in self.walk.of_user(self.user_id):
            if self.objects:
                self.objects.delete(item)
            for each in [*self._parts(item), item] if _is_record(item) else [item]:
                self._delete(each)
                number += 1
                if number % 100 == 0:
                    progress(f"{number} items erased ...")
        return number

    def _delete(self, item: Item) -> None:
        if _is_hold(item):
            self.holds().erase(item, now=self.clock())
            return
        key: Item = {"pk": item["pk"], "sk": item["sk"]}
        self.walk.client.delete_item(TableName=self.walk.table, Key=key)

    def _is_under_way(self, generation: Generation) -> bool:
        return not (generation.announced or generation.waits) and generation.expires_at > self.clock()

    def _still_under_way(self, generation: Generation) -> Generation | None:
        reader = GenerationReader(self.walk.client, self.walk.table)
        found = reader.find(generation.generation_id, now=self.clock())
        return found if found and self._is_under_way(found) else None

    def _parts(self, record: Item) -> Iterator[Item]:
        """Yield what lies beside a generation's record: prompts, texts and other parts of all attempts."""
        generation_id = generation_from(record).generation_id
        for item in self._partition(generation_key(generation_id)["pk"]):
            if item["sk"] != record["sk"]:
                yield item

    def _partition(self, pk: Any) -> Iterator[Item]:
        pages = self.walk.client.get_paginator("query").paginate(
            TableName=self.walk.table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": pk},
            ConsistentRead=True,
        )
        for page in pages:
            yield from page["Items"]


def _is_record(item: Item) -> bool:
    return item["pk"].get("S", "").startswith("GENERATION#") and item["sk"].get("S") == "META"


def _is_hold(item: Item) -> bool:
    return item["pk"].get("S", "").startswith("BUDGET#") and item["sk"].get("S", "").startswith(HOLD)
