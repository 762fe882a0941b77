"""How a generation may change: what a refused write says, and what is recorded of sending its message."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from functions.generate.chat_submissions import ChatSubmissionStore, chat_submissions
from functions.shared.budgets.ports import NoLedger
from functions.shared.chats.reader import ChatReader
from functions.shared.generations.claims import Fenced
from functions.shared.generations.model import Generation, Outcome, Status
from functions.shared.generations.reader import GenerationReader
from functions.shared.generations.submission_transitions import SubmissionTransitions
from tests.support import chats_in_table
from tests.support.builders import NOON, USER, generation
from tests.support.environment import TABLE_NAME

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from functions.shared.chats.attempts import ChatAttempts

MOMENT = timedelta(seconds=1)


@pytest.fixture
def accepted(dynamodb: DynamoDBClient) -> Generation:
    return chats_in_table.accept(dynamodb, generation("g1"), "Otters?", now=NOON)


@pytest.fixture
def store(dynamodb: DynamoDBClient) -> ChatSubmissionStore:
    return chat_submissions(dynamodb, TABLE_NAME, NoLedger())


@pytest.fixture
def submissions(dynamodb: DynamoDBClient) -> SubmissionTransitions:
    return SubmissionTransitions(dynamodb, TABLE_NAME)


@pytest.fixture
def attempts(dynamodb: DynamoDBClient) -> ChatAttempts:
    return chats_in_table.attempts(dynamodb)


def recorded(client: DynamoDBClient) -> Generation:
    found = GenerationReader(client, TABLE_NAME).find("g1", now=NOON)
    assert found is not None
    return found


def claim(attempts: ChatAttempts) -> Generation | None:
    claimed = attempts.claim(
        "g1", owner="w1", message_id="m1", lease_until=NOON + MOMENT, max_attempts=3, now=NOON
    )
    assert claimed is not None
    return claimed.generation if claimed.is_ours else None


@pytest.mark.usefixtures("accepted")
def test_a_fenced_write_says_what_it_found(dynamodb: DynamoDBClient, attempts: ChatAttempts) -> None:
    ours = claim(attempts)
    assert ours is not None

    with pytest.raises(Fenced) as fenced:
        attempts.finish(replace(ours, attempt=2), 2, Outcome(status=Status.COMPLETED, length=1), now=NOON)

    assert fenced.value.found == recorded(dynamodb) == ours


@pytest.mark.usefixtures("accepted")
def test_a_write_of_what_is_gone_is_fenced_and_makes_no_item(attempts: ChatAttempts) -> None:
    for write in (
        lambda: attempts.beat("g2", 1, lease_until=NOON),
        lambda: attempts.release("g2", 1),
        lambda: attempts.note_announced("g2"),
    ):
        with pytest.raises(Fenced) as fenced:
            write()

        assert fenced.value.found is None
    assert GenerationReader(attempts.client, TABLE_NAME).find("g2", now=NOON) is None


def test_what_was_withdrawn_leaves_no_trace_in_its_chat_and_can_be_accepted_again(
    dynamodb: DynamoDBClient, store: ChatSubmissionStore, accepted: Generation
) -> None:
    assert store.withdraw(accepted, now=NOON)
    withdrawn = recorded(dynamodb)
    chats = ChatReader(dynamodb, TABLE_NAME)
    assert list(chats.messages(USER, "chat_1", now=NOON)) == []

    again = replace(generation("g1"), reopenings=1, requeued_at=NOON)
    chats_in_table.accept(dynamodb, again, "Otters?", withdrawn=withdrawn, now=NOON)

    found = recorded(dynamodb)
    assert (found.status, found.withdrawn, found.reopenings) == (Status.QUEUED, False, 1)
    assert (found.requeued_at, found.prompt_number) == (NOON, 3)


def test_of_two_repetitions_of_what_was_withdrawn_one_is_accepted(
    dynamodb: DynamoDBClient, store: ChatSubmissionStore, accepted: Generation
) -> None:
    assert store.withdraw(accepted, now=NOON)
    withdrawn = recorded(dynamodb)
    first = generation("g1", at=NOON + MOMENT)
    chats_in_table.accept(dynamodb, first, "Otters?", withdrawn=withdrawn, now=NOON)

    late = chats_in_table.accept(
        dynamodb, generation("g1", at=NOON + 2 * MOMENT), "Otters?", withdrawn=withdrawn, now=NOON
    )

    assert late.created_at == NOON + MOMENT


def test_what_another_request_was_allowed_to_send_is_not_withdrawn(
    dynamodb: DynamoDBClient,
    store: ChatSubmissionStore,
    submissions: SubmissionTransitions,
    accepted: Generation,
) -> None:
    """The first request's confirmed message is noted nowhere, the other's not yet: either was promised."""
    assert submissions.requeue("g1", now=NOON)

    says_ask_again = store.withdraw(accepted, now=NOON)

    assert says_ask_again
    assert (recorded(dynamodb).status, recorded(dynamodb).withdrawn) == (Status.QUEUED, False)


def test_a_repeated_withdrawal_says_the_same(store: ChatSubmissionStore, accepted: Generation) -> None:
    assert store.withdraw(accepted, now=NOON)

    assert store.withdraw(accepted, now=NOON)


def test_a_withdrawal_is_refused_once_a_message_is_confirmed(
    dynamodb: DynamoDBClient,
    store: ChatSubmissionStore,
    submissions: SubmissionTransitions,
    accepted: Generation,
) -> None:
    submissions.note_queued("g1", now=NOON)

    assert not store.withdraw(accepted, now=NOON)
    assert recorded(dynamodb).status is Status.QUEUED


def test_what_a_worker_has_is_not_withdrawn(
    dynamodb: DynamoDBClient, store: ChatSubmissionStore, attempts: ChatAttempts, accepted: Generation
) -> None:
    claim(attempts)

    assert not store.withdraw(accepted, now=NOON)
    assert recorded(dynamodb).status is Status.PROCESSING


def test_a_message_that_comes_after_all_does_not_revive_what_was_withdrawn(
    dynamodb: DynamoDBClient, store: ChatSubmissionStore, attempts: ChatAttempts, accepted: Generation
) -> None:
    """Its chat is free again, and nothing is held for it."""
    assert store.withdraw(accepted, now=NOON)

    assert claim(attempts) is None

    assert (recorded(dynamodb).status, recorded(dynamodb).announced) == (Status.FAILED, True)
