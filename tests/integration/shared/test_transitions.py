"""How a generation may change: what a refused write says, and what is recorded of sending its message."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from functions.shared.generations.claims import Fenced
from functions.shared.generations.model import PICKED_UP_WITHIN, Generation, Outcome, Status
from functions.shared.generations.reader import GenerationReader
from functions.shared.generations.transitions import REOPENINGS, AttemptTransitions, SubmissionTransitions
from tests.support.builders import NOON, generation
from tests.support.environment import TABLE_NAME

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MOMENT = timedelta(seconds=1)


@pytest.fixture
def submissions(dynamodb: DynamoDBClient) -> SubmissionTransitions:
    transitions = SubmissionTransitions(dynamodb, TABLE_NAME)
    transitions.submit(generation("g1", status=Status.QUEUED, attempt=0), "Otters?", now=NOON)
    return transitions


@pytest.fixture
def attempts(dynamodb: DynamoDBClient) -> AttemptTransitions:
    return AttemptTransitions(dynamodb, TABLE_NAME)


def recorded(submissions: SubmissionTransitions) -> Generation:
    found = GenerationReader(submissions.client, TABLE_NAME).find("g1", now=NOON)
    assert found is not None
    return found


def claim(attempts: AttemptTransitions) -> Generation:
    claimed = attempts.claim(
        "g1", owner="w1", message_id="m1", lease_until=NOON + MOMENT, max_attempts=3, now=NOON
    )
    assert claimed is not None
    assert claimed.is_ours
    return claimed.generation


def test_a_fenced_write_says_what_it_found(
    submissions: SubmissionTransitions, attempts: AttemptTransitions
) -> None:
    ours = claim(attempts)

    with pytest.raises(Fenced) as fenced:
        attempts.finish(replace(ours, attempt=2), 2, Outcome(status=Status.COMPLETED, length=1))

    assert fenced.value.found == recorded(submissions) == ours


@pytest.mark.usefixtures("submissions")
def test_a_write_of_what_is_gone_is_fenced_and_makes_no_item(attempts: AttemptTransitions) -> None:
    for write in (
        lambda: attempts.beat("g2", 1, lease_until=NOON),
        lambda: attempts.release("g2", 1),
        lambda: attempts.note_announced("g2"),
    ):
        with pytest.raises(Fenced) as fenced:
            write()

        assert fenced.value.found is None
    assert GenerationReader(attempts.client, TABLE_NAME).find("g2", now=NOON) is None


def test_what_is_recorded_of_sending_its_message_can_be_read(submissions: SubmissionTransitions) -> None:
    assert submissions.withdraw("g1", reopened_at=None)
    assert submissions.reopen("g1", start_by=NOON, now=NOON)
    submissions.note_queued("g1", now=NOON + MOMENT)

    found = recorded(submissions)

    assert (found.status, found.withdrawn, found.reopenings) == (Status.QUEUED, False, 1)
    assert (found.requeued_at, found.queued_at) == (NOON, NOON + MOMENT)


def test_a_withdrawn_generation_is_opened_ten_times_and_then_once_in_a_while(
    submissions: SubmissionTransitions,
) -> None:
    for _ in range(REOPENINGS):
        assert submissions.withdraw("g1", reopened_at=recorded(submissions).requeued_at)
        assert submissions.reopen("g1", start_by=NOON, now=NOON)
    assert submissions.withdraw("g1", reopened_at=NOON)

    assert not submissions.reopen("g1", start_by=NOON, now=NOON + PICKED_UP_WITHIN)
    assert submissions.reopen("g1", start_by=NOON, now=NOON + PICKED_UP_WITHIN + MOMENT)


def test_what_another_request_was_allowed_to_send_is_not_withdrawn(
    submissions: SubmissionTransitions,
) -> None:
    """The first request's confirmed message is noted nowhere, the other's not yet: either was promised."""
    assert submissions.requeue("g1", now=NOON)

    says_ask_again = submissions.withdraw("g1", reopened_at=None)

    assert says_ask_again
    assert (recorded(submissions).status, recorded(submissions).withdrawn) == (Status.QUEUED, False)


def test_a_repeated_withdrawal_spares_what_was_reopened_meanwhile(submissions: SubmissionTransitions) -> None:
    """The SDK repeats a write whose reply was lost."""
    assert submissions.withdraw("g1", reopened_at=None)
    assert submissions.reopen("g1", start_by=NOON, now=NOON)

    assert submissions.withdraw("g1", reopened_at=None)

    assert recorded(submissions).status is Status.QUEUED


def test_a_withdrawal_is_refused_once_a_message_is_confirmed(submissions: SubmissionTransitions) -> None:
    submissions.note_queued("g1", now=NOON)

    assert not submissions.withdraw("g1", reopened_at=None)
    assert recorded(submissions).status is Status.QUEUED


def test_what_a_worker_has_is_not_withdrawn(
    submissions: SubmissionTransitions, attempts: AttemptTransitions
) -> None:
    claim(attempts)

    assert not submissions.withdraw("g1", reopened_at=None)
    assert recorded(submissions).status is Status.PROCESSING


def test_a_message_that_comes_after_all_revives_what_was_withdrawn(
    submissions: SubmissionTransitions, attempts: AttemptTransitions
) -> None:
    assert submissions.withdraw("g1", reopened_at=None)

    claim(attempts)

    found = recorded(submissions)
    assert (found.status, found.attempt, found.withdrawn, found.announced) == (
        Status.PROCESSING,
        1,
        False,
        False,
    )
