"""The pages about providers: their rows are taken as settings, and each says whether it was tried."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from functions.shared.models.row import row_of
from functions.worker.providers import PROVIDERS

PAGES = Path(__file__).parents[2] / "docs" / "providers"
INDEX = PAGES / "README.md"
KINDS = sorted(page for page in PAGES.glob("*.md") if page != INDEX)
"""One for each kind of server; several speak one provider's API."""


@pytest.mark.parametrize("provider", PROVIDERS)
def test_each_provider_has_a_page(provider: str) -> None:
    assert provider in {page.stem for page in KINDS}


@pytest.mark.parametrize("page", KINDS, ids=lambda page: page.stem)
def test_each_row_on_the_page_of_a_provider_is_taken(page: Path) -> None:
    blocks = re.findall(r"```json\n(.*?)```", page.read_text(), re.DOTALL)

    tables = [json.loads(f"{{{block}}}")["models"] for block in blocks]
    rows = [row_of(name, row) for table in tables for name, row in table.items()]

    assert rows
    names = {row.name for row in rows}
    assert {row.fallback for row in rows} - {""} <= names


@pytest.mark.parametrize("page", KINDS, ids=lambda page: page.stem)
def test_the_page_of_a_provider_says_whether_it_was_tried(page: Path) -> None:
    words = page.read_text()

    assert "**Tried:**" in words or "**Not tried**" in words
    assert f"({page.name})" in INDEX.read_text()
