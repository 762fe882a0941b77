"""The state machine in memory: the same refusals as DynamoDB's, and outages and lost replies on demand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from functions.shared.budgets.model import LedgerLine
from functions.shared.chats.model import Ended
from functions.shared.errors import Unavailable
from functions.shared.generations.claims import Claim, Fenced, WriteRefused
from functions.shared.generations.model import Generation, Outcome, Status
from functions.shared.generations.parts import StoredPart, joined_parts
from functions.shared.generations.reader import joined
from functions.shared.generations.response_format import ResponseFormat

LEASE_GIVEN_UP = datetime.fromtimestamp(0, UTC)


def nothing() -> None:
    """What happens before most calls."""


@dataclass
class FakeTransitions:
    """Records and texts of generations. Implements the worker's `Transitions` and `Archive`."""

    records: dict[str, Generation] = field(default_factory=dict)
    is_away: Callable[[], bool] = lambda: False
    """Whether nothing answers now; nothing is written then."""
    lost_replies: list[str] = field(default_factory=list)
    """Calls that are carried out the next time, and whose reply is lost."""
    refused: set[str] = field(default_factory=set)
    """Calls that are never taken."""
    before: dict[str, Callable[[], None]] = field(default_factory=dict)
    """What others do just before a call of this name, once."""
    made: list[str] = field(default_factory=list)
    """The calls that were carried out, in order."""
    lines: dict[str, list[LedgerLine]] = field(default_factory=dict)
    """What was settled with each end."""
    waiting: dict[str, str] = field(default_factory=dict)
    """What the end of a generation lets out of its chat's queue."""
    wanted: ResponseFormat | None = None
    """The form in which all answers are wanted."""
    pieces: dict[tuple[str, int], dict[int, str]] = field(default_factory=dict)
    parts_saved: dict[tuple[str, int], list[StoredPart]] = field(default_factory=dict)

    def claim(
        self,
        generation_id: str,
        *,
        owner: str,
        message_id: str,
        lease_until: datetime,
        max_attempts: int,
        now: datetime,
    ) -> Claim | None:
        self._enter("claim")
        found = self.records.get(generation_id)
        if found is None:
            return None
        if not (_is_free(found, now) and found.attempt < max_attempts):
            self._leave("claim")
            return Claim(found, found.status is Status.PROCESSING and found.owner == owner)
        self.records[generation_id] = claimed = replace(
            found,
            status=Status.PROCESSING,
            attempt=found.attempt + 1,
            lease_until=lease_until,
            owner=owner,
            message_id=message_id,
        )
        self._leave("claim")
        return Claim(claimed, is_ours=True)

    def beat(self, generation_id: str, attempt: int, *, lease_until: datetime) -> bool:
        self._enter("beat")
        found = self._ours(generation_id, attempt)
        self.records[generation_id] = replace(found, lease_until=lease_until)
        self._leave("beat")
        return found.cancel_requested

    def look(self, generation_id: str, attempt: int) -> bool:
        self._enter("look")
        found = self._ours(generation_id, attempt)
        self._leave("look")
        return found.cancel_requested

    def restart(self, generation: Generation, attempt: int) -> int:
        self._enter("restart")
        found = self.records[generation.generation_id]
        is_repeated = found.attempt == attempt + 1 and found.owner == generation.owner
        if not (found.status is Status.PROCESSING and is_repeated):
            found = self._ours(generation.generation_id, attempt)
        self.records[generation.generation_id] = replace(found, attempt=attempt + 1)
        self._leave("restart")
        return attempt + 1

    def release(self, generation_id: str, attempt: int) -> None:
        self._enter("release")
        found = self._ours(generation_id, attempt)
        self.records[generation_id] = replace(found, lease_until=LEASE_GIVEN_UP)
        self._leave("release")

    def finish(
        self,
        generation: Generation,
        attempt: int,
        outcome: Outcome,
        lines: Sequence[LedgerLine] = (),
        *,
        now: datetime,
    ) -> Ended:
        self._enter("finish")
        found = self.records[generation.generation_id]
        ours = (found.outcome, found.attempt, found.owner) == (outcome, attempt, generation.owner)
        if not ours:
            found = self._ours(generation.generation_id, attempt)
            version = found.chat_version + 1 if found.prompt_number else 0
            self.lines[generation.generation_id] = list(lines)
            found = replace(found, status=outcome.status, outcome=outcome, number=version)
        self.records[generation.generation_id] = found
        self._leave("finish")
        return Ended(found.number, self.following(generation, now=now))

    def following(self, generation: Generation, *, now: datetime) -> str:
        return self.waiting.get(generation.generation_id, "")

    def note_announced(self, generation_id: str) -> None:
        self._enter("note_announced")
        self.records[generation_id] = replace(self.records[generation_id], announced=True)
        self._leave("note_announced")

    def save(self, generation: Generation, attempt: int, offset: int, text: str) -> None:
        self._enter("save")
        self.pieces.setdefault((generation.generation_id, attempt), {})[offset] = text
        self._leave("save")

    def save_parts(self, generation: Generation, attempt: int, pieces: Sequence[StoredPart]) -> None:
        self._enter("save_parts")
        self.parts_saved.setdefault((generation.generation_id, attempt), []).extend(pieces)
        self._leave("save_parts")

    def parts(self, generation: Generation) -> list[StoredPart]:
        self._enter("parts")
        saved = self.parts_saved.get((generation.generation_id, generation.attempt), [])
        return joined_parts(sorted(saved, key=lambda piece: (piece.index, piece.offset)))

    def prompt(self, generation: Generation) -> str:
        self._enter("prompt")
        return "prompt"

    def response_format(self, generation: Generation) -> ResponseFormat | None:
        self._enter("response_format")
        return self.wanted

    def text(self, generation: Generation) -> str:
        self._enter("text")
        return joined(sorted(self.pieces.get((generation.generation_id, generation.attempt), {}).items()))

    def _ours(self, generation_id: str, attempt: int) -> Generation:
        found = self.records.get(generation_id)
        if found is None or (found.status, found.attempt) != (Status.PROCESSING, attempt):
            raise Fenced(found)
        return found

    def _enter(self, call: str) -> None:
        self.before.pop(call, nothing)()
        if self.is_away():
            raise Unavailable("EndpointConnectionError")
        if call in self.refused:
            raise WriteRefused("ValidationException")

    def _leave(self, call: str) -> None:
        self.made.append(call)
        if call in self.lost_replies:
            self.lost_replies.remove(call)
            raise Unavailable("ReadTimeoutError")


def _is_free(found: Generation, now: datetime) -> bool:
    is_abandoned = (
        found.status is Status.PROCESSING and found.lease_until is not None and found.lease_until < now
    )
    return (found.status is Status.QUEUED and not found.waits) or is_abandoned
