"""Holds that are settled while another change of their chat is being tried: it is decided anew, and made."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from functions.generate.chat_contents import ChatContents
from functions.generate.chat_submissions import ChatSubmissionStore, chat_submissions
from functions.shared.budgets.model import Amount
from functions.shared.deletion_message import Deletion
from functions.shared.errors import Unavailable
from functions.shared.generations.model import Status
from functions.shared.generations.reader import GenerationReader
from functions.shared.transactions import Cancelled, Transactions
from tests.support import chats_in_table
from tests.support.builders import NOON, USER, generation
from tests.support.environment import TABLE_NAME
from tests.support.ledger_in_table import LedgerInTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mypy_boto3_dynamodb import DynamoDBClient

    from functions.shared.generations.model import Generation
    from functions.shared.transactions import Entry


@dataclass(frozen=True)
class Sweeping:
    """Lets a rival settle the hold of a generation in the way of a transaction."""

    inner: Transactions
    budgets: LedgerInTable
    generation: Generation

    def run(self, entries: Sequence[Entry]) -> None:
        if self.budgets.holds():
            self.inner.run(self.budgets.ledger.release(self.generation))
            raise Cancelled({})
        self.inner.run(entries)


@pytest.fixture
def budgets(dynamodb: DynamoDBClient) -> LedgerInTable:
    return LedgerInTable(dynamodb)


def accept(budgets: LedgerInTable, name: str) -> Generation:
    asked = generation(name, model="gpt-5-mini")
    return chats_in_table.accept(budgets.client, asked, "?", now=NOON, ledger=budgets.ledger)


def contended(budgets: LedgerInTable, generation: Generation) -> ChatSubmissionStore:
    store = chat_submissions(budgets.client, TABLE_NAME, budgets.ledger)
    transactions = Sweeping(store.transactions, budgets, generation)
    return replace(store, transactions=transactions, sleep=lambda _: None)  # type: ignore[arg-type]


def status(budgets: LedgerInTable, name: str) -> tuple[Status, bool]:
    found = GenerationReader(budgets.client, TABLE_NAME).find(name, now=NOON)
    assert found is not None
    return found.status, found.waits


def test_a_prompt_is_withdrawn_whose_hold_is_settled_meanwhile(budgets: LedgerInTable) -> None:
    accepted = accept(budgets, "g1")

    assert contended(budgets, accepted).withdraw(accepted, now=NOON)

    assert status(budgets, "g1") == (Status.FAILED, False)
    assert budgets.day().committed == Amount()


def test_a_prompt_leaves_the_queue_whose_hold_is_settled_meanwhile(budgets: LedgerInTable) -> None:
    chats_in_table.accept(budgets.client, generation("g1"), "?", now=NOON)
    waiting = accept(budgets, "g2")

    assert contended(budgets, waiting).leave(waiting, now=NOON)

    assert status(budgets, "g2") == (Status.CANCELLED, False)
    assert budgets.day().committed == Amount()


def test_a_deletion_does_not_forget_a_prompt_whose_hold_is_settled_meanwhile(budgets: LedgerInTable) -> None:
    chats_in_table.accept(budgets.client, generation("g1"), "?", now=NOON)
    waiting = accept(budgets, "g2")
    deletion = Deletion(user_id=USER, chat_id=waiting.chat_id, version=9)
    stale = budgets.ledger.release(waiting)
    Transactions(budgets.client, TABLE_NAME).run(stale)

    class Stale(type(budgets.ledger)):  # type: ignore[misc]
        def release(self, _generation: Generation) -> list[Entry]:
            return stale

    ledger = budgets.ledger
    read_before = Stale(client=ledger.client, table=TABLE_NAME, options=ledger.options, sweep=ledger.sweep)
    contents = ChatContents(client=budgets.client, table=TABLE_NAME, settlements=read_before)

    with pytest.raises(Unavailable):
        contents.leave_queue(deletion, waiting)
    replace(contents, settlements=ledger).leave_queue(deletion, waiting)

    assert status(budgets, "g2") == (Status.CANCELLED, False)
