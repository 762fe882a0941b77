"""An end as an item, and back."""

from __future__ import annotations

import pytest

from functions.shared.generations.failures import Failure
from functions.shared.generations.model import ContextSeen, Outcome, Status, Usage
from functions.shared.generations.outcomes import attributes_of, outcome_from

ENDS = {
    "whole": Outcome(
        status=Status.COMPLETED,
        length=12,
        finish_reason="stop",
        usage=Usage(7, 5, 12, cached_tokens=3, reasoning_tokens=2),
        context=ContextSeen(turns=2, dropped=1, from_number=3),
        cost=41,
        answered_by="small",
        has_parts=True,
    ),
    "stopped": Outcome(status=Status.CANCELLED, length=3, answered_by="small"),
    "failed": Outcome(status=Status.FAILED, length=0, failure=Failure.TIMEOUT),
    "without a price": Outcome(status=Status.COMPLETED, length=1, cost=0),
}


@pytest.mark.parametrize("outcome", ENDS.values(), ids=ENDS.keys())
def test_an_end_is_read_as_it_was_written(outcome: Outcome) -> None:
    assert outcome_from(attributes_of(outcome), outcome.status) == outcome


def test_what_an_end_does_not_have_takes_no_place() -> None:
    assert set(attributes_of(ENDS["failed"])) == {"status", "text_length", "failure"}
