"""Every refusal of a handshake is counted under one of a few words."""

from __future__ import annotations

import pytest

from functions.connect.refusal_reasons import counted_reason
from functions.shared.errors import (
    Forbidden,
    Malformed,
    Refused,
    TooManyConnections,
    Unauthenticated,
    Unavailable,
)
from functions.shared.metric_dimensions import CONNECT_REASON


@pytest.mark.parametrize(
    ("refused", "word"),
    [
        (Unauthenticated("no_credential"), "token"),
        (Unauthenticated("token_expired"), "token"),
        (Unauthenticated("ticket"), "ticket"),
        (Unauthenticated("ticket_form"), "ticket"),
        (Forbidden("origin"), "origin"),
        (Forbidden("user_id"), "user"),
        (Forbidden("edge"), "edge"),
        (TooManyConnections("cap"), "cap"),
        (Malformed("two_credentials"), "malformed"),
        (Unavailable("ThrottlingException"), "unavailable"),
        (Unavailable("jwks"), "unavailable"),
    ],
)
def test_a_refusal_is_counted_under_its_kind(refused: Refused, word: str) -> None:
    assert counted_reason(refused) == word
    assert word in CONNECT_REASON.words


def test_no_class_of_refusals_is_without_a_word() -> None:
    words = {counted_reason(refused("origin")) for refused in Refused.__subclasses__()}

    assert words <= set(CONNECT_REASON.words)
