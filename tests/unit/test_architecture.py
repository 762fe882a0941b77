"""docs/architecture.md names every module that a function is made of, and none that is not there."""

from __future__ import annotations

import re

import pytest

from local.paths import ROOT

ARCHITECTURE = (ROOT / "docs/architecture.md").read_text()
EVERYWHERE = {"__init__", "handler", "settings", "ports"}
"""What each function has, and the glossary or the text before the tables explains."""


def modules(folder: str) -> set[str]:
    return {file.stem for file in (ROOT / folder).glob("*.py")}


def between(begin: str, end: str) -> set[str]:
    """What is named as code in a part of the document."""
    part = ARCHITECTURE.partition(begin)[2].partition(end)[0]
    return {name.strip("/") for name in re.findall(r"`([\w/]+)`", part)}


@pytest.mark.parametrize("function", ["connect", "disconnect", "message"])
def test_a_functions_row_names_its_modules(function: str) -> None:
    named, there = between(f"\n| {function} |", "\n"), modules(f"functions/{function}")

    assert there - named <= EVERYWHERE
    assert named <= there


def test_the_table_of_generate_names_its_modules() -> None:
    named, there = between("`generate`, in reading order:", "The worker, from"), modules("functions/generate")

    assert there - named <= EVERYWHERE
    assert named - there == {"endpoints"}


def test_the_workers_table_names_its_modules() -> None:
    named = between("The worker, from the outside in:", "`shared/` has a folder")

    assert modules("functions/worker") | modules("functions/worker/bedrock") <= named | EVERYWHERE
    assert named - modules("functions/worker") - modules("functions/worker/bedrock") == {"bedrock"}


def test_every_folder_of_what_is_shared_has_a_row() -> None:
    rows = set(re.findall(r"^\| `(\w+)/` \|", ARCHITECTURE, re.MULTILINE))
    folders = {file.parent.name for file in (ROOT / "functions/shared").glob("*/__init__.py")}

    assert folders <= rows


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`(\w+/[\w/]+\.py)`", ARCHITECTURE))))
def test_a_file_that_is_named_is_there(path: str) -> None:
    assert (ROOT / path).exists()
