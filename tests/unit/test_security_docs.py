"""docs/security.md names tests that there are."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
DOCUMENT = TESTS.parent / "docs" / "security.md"
DEFINED = re.compile(r"^ *(?:async )?def (test_\w+)", re.MULTILINE)
NAMED = re.compile(r"`((?:\w+/)*test_\w+)`")


def functions() -> set[str]:
    """The name of every test."""
    return {name for path in TESTS.rglob("test_*.py") for name in DEFINED.findall(path.read_text())}


def is_a_file(name: str) -> bool:
    """Whether a name is that of a file, as the document shortens it."""
    return any((TESTS / folder / f"{name}.py").exists() for folder in (".", "unit", "unit/shared"))


def test_every_test_that_it_names_exists() -> None:
    named = set(NAMED.findall(DOCUMENT.read_text()))
    missing = {name for name in named - functions() if not is_a_file(name)}

    assert len(named) > 60
    assert missing == set()


def test_every_threat_has_a_control_and_all_but_one_a_test() -> None:
    threats = DOCUMENT.read_text().partition("## Threats")[2].partition("## Tokens")[0]
    rows = re.findall(r"^\| (.+?) \| (.+?) \| (.*?) ?\|$", threats, re.MULTILINE)

    assert len(rows) > 25
    assert [threat[:8] for threat, _, tests in rows if not NAMED.search(tests)] == ["threat", "**API6**"]
