"""Only what came through the edge is let in, where there is one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from functions.shared.edge import HEADER, Edge
from functions.shared.errors import Forbidden, Malformed
from tests.support.events import connect_event, http_event

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
EDGE = Edge(secrets=lambda _now: ("current-word", "previous-word"))
NO_EDGE = Edge(secrets=None)


def handshake(*headers: tuple[str, str]) -> dict[str, Any]:
    return connect_event(headers=headers)


@pytest.mark.parametrize("word", ["current-word", "previous-word"])
@pytest.mark.parametrize("name", [HEADER, "X-Origin-Verify", "X-ORIGIN-VERIFY"])
def test_what_the_edge_sent_on_is_let_in(name: str, word: str) -> None:
    EDGE.check(handshake((name, word)), now=NOON)
    EDGE.check(http_event("GET", "/health", headers={name: word}), now=NOON)


@pytest.mark.parametrize(
    "word", [None, "", " ", "current", "current-word ", "Current-word", "current-word,current-word", "é"]
)
def test_anything_else_is_refused(word: str | None) -> None:
    headers = {} if word is None else {HEADER: word}

    with pytest.raises(Forbidden) as refused:
        EDGE.check(http_event("GET", "/health", headers=headers), now=NOON)

    assert refused.value.reason == "edge"


def test_two_words_are_refused_although_one_is_right() -> None:
    with pytest.raises(Malformed):
        EDGE.check(handshake((HEADER, "a guess"), (HEADER, "current-word")), now=NOON)


def test_an_empty_word_opens_nothing() -> None:
    with pytest.raises(Forbidden):
        Edge(secrets=lambda _now: ()).check(handshake((HEADER, "")), now=NOON)


def test_without_an_edge_everything_is_let_in() -> None:
    NO_EDGE.check(handshake(), now=NOON)


@pytest.mark.parametrize(
    ("forwarded", "source"),
    [
        ("198.51.100.7, 203.0.113.1", "198.51.100.7"),
        ("made-up, 198.51.100.7,203.0.113.1", "198.51.100.7"),
        ("203.0.113.1", "203.0.113.1"),
    ],
)
def test_behind_an_edge_the_source_is_who_called_the_edge(forwarded: str, source: str) -> None:
    event = handshake(("X-Forwarded-For", forwarded))

    assert EDGE.source_ip(event, peer="203.0.113.1") == source
    assert NO_EDGE.source_ip(event, peer="203.0.113.1") == "203.0.113.1"
