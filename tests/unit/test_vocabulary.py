"""Code, tests, models and documents use the field's words, and none of the old private ones."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]

INSTEAD = {
    "knock|knocks|knocked": "handshake",
    "gate|gates": "admission",
    "seat|seats|seated": "slot",
    "desk|desks": "submission",
    "roster": "user_connections",
    "ticket[ _]?office": "ticket issuer",
    "farewell|farewells": "close reason, or recently_closed",
    "tenure": "heartbeat",
    "lifeline|lifelines": "reconnecting socket",
    "maker|makers": "runner",
    "outbox": "queue",
    "misfit|misfits": "inconsistency",
    "door|doors": "domain, entry point or API",
    "wishes": "options",
    "leash|leashed": "supervisor",
    "clerk": "redrive",
    "hopeless": "fatal",
    "happening|happenings": "event",
    "turned[ _]?away": "refused",
    "log-in[ _]services?": "identity provider",
    "signs?[ _]of[ _]life": "keep-alive or heartbeat",
}
"""The old words, as patterns, and what to say in their place."""

BINARY = {".br", ".gz", ".ico", ".png", ".woff2", ".zip"}

ALLOWED = {
    "CHANGELOG.md": "tells what things were called",
    "package-lock.json": "names packages",
    "tests/unit/test_vocabulary.py": "has the list",
}
"""Files that may use the old words, each with its reason."""

PATTERNS = {
    re.compile(rf"(?<![a-z])(?:{words})(?![a-z])", re.IGNORECASE): instead
    for words, instead in INSTEAD.items()
} | {re.compile(r"\bPlaces\b"): "ResourceRefs or Target"}  # "places" is plain English.

ANY = re.compile(rf"(?<![a-z])(?:{'|'.join(INSTEAD)})(?![a-z])|(?-i:\bPlaces\b)", re.IGNORECASE)
"""One look at a text that has none of them, as nearly all texts."""


def old_words(text: str) -> Iterator[str]:
    """Name each old word of a text, also within an identifier, with its line and the word to use instead."""
    for pattern, instead in PATTERNS.items() if ANY.search(text) else ():
        for found in pattern.finditer(text):
            line = text.count("\n", 0, found.start()) + 1
            yield f"{line}: {found.group()!r}: say {instead}"


def files() -> list[str]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [
        name
        for name in listed.splitlines()
        if Path(name).suffix not in BINARY and name not in ALLOWED and (ROOT / name).is_file()
    ]


def test_old_words_are_gone_from_code_tests_models_and_documents() -> None:
    texts = {name: (ROOT / name).read_text() for name in files()}
    found = [f"{name}:{word}" for name, text in texts.items() for word in old_words(text)]
    found += [f"the name of {name}:{word}" for name in texts for word in old_words(name)]

    assert found == [], "\n" + "\n".join(found)


@pytest.mark.parametrize(
    "text",
    [
        "a knock",
        "def knock_from(event)",
        "class Desk:",
        "self._roster",
        "a sign of life",
        "TurnedAway",
    ],
)
def test_an_old_word_is_found_in_prose_and_in_identifiers(text: str) -> None:
    assert len(list(old_words(text))) == 1


@pytest.mark.parametrize(
    "text", ["API Gateway", "an aggregate", "indoors", "filmmaker", "two places", "a doorway"]
)
def test_other_words_that_hold_an_old_one_are_left_alone(text: str) -> None:
    assert list(old_words(text)) == []
