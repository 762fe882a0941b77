"""What workers do with generations, as far as chats show it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from functions.shared.budgets.ports import NoLedger
from functions.shared.chats.ends import chat_ends
from functions.shared.generations.model import Outcome, Status, Usage
from functions.worker.attempt_store import AttemptStore
from tests.support.environment import TABLE_NAME

if TYPE_CHECKING:
    from functions.shared.chats.model import Ended
    from tests.integration.generate.site import Site


def store(site: Site) -> AttemptStore:
    """All writes of a worker."""
    return AttemptStore(site.dynamodb, TABLE_NAME, chat_ends(site.dynamodb, TABLE_NAME, NoLedger()))


def begun(site: Site, generation_id: str, text: str = "") -> None:
    """Begin an answer, and store what there is of it."""
    site.claim(generation_id)
    if text:
        store(site).save(site.recorded(generation_id), 1, 0, text)


def ended(site: Site, generation_id: str, outcome: Outcome) -> Ended:
    """End an answer that was begun, and tell it."""
    writes = store(site)
    made = writes.finish(site.recorded(generation_id), 1, outcome, now=datetime.now(UTC))
    writes.note_announced(generation_id)
    return made


def answer(site: Site, generation_id: str, text: str) -> Ended:
    """Give an answer."""
    begun(site, generation_id, text)
    usage = Usage(7, 6, 13)
    outcome = Outcome(status=Status.COMPLETED, length=len(text), finish_reason="stop", usage=usage)
    return ended(site, generation_id, outcome)


def stopped(site: Site, generation_id: str, text: str) -> Ended:
    """Stop an answer that was begun."""
    begun(site, generation_id, text)
    return ended(site, generation_id, Outcome(status=Status.CANCELLED, length=len(text)))
