"""Blocks of the documents: put where their markers are, checked, and never left over."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.marked import MarkerError, filled, run, table

TEXT = "Costs <!-- costs:a -->1<!-- /costs:a --> and <!-- costs:b -->\nold\n<!-- /costs:b -->\n"


def test_blocks_replace_what_is_between_their_markers() -> None:
    text, used = filled(TEXT, "costs", {"a": "2", "b": "\nnew\n"})

    assert text == "Costs <!-- costs:a -->2<!-- /costs:a --> and <!-- costs:b -->\nnew\n<!-- /costs:b -->\n"
    assert used == {"a", "b"}


def test_another_familys_blocks_stay() -> None:
    assert filled(TEXT, "alarms", {}) == (TEXT, set())


@pytest.mark.parametrize(
    ("text", "blocks", "sentence"),
    [
        ("<!-- costs:a -->1", {"a": "2"}, "costs:a has no end"),
        (" <!-- costs:a -->1<!-- /costs:a -->", {"a": "2"}, "costs:a begins a line"),
        ("<!-- costs:z -->1<!-- /costs:z -->", {"a": "2"}, "costs:z names no block; there are: a"),
    ],
)
def test_a_marker_that_is_wrong_is_named(text: str, blocks: dict[str, str], sentence: str) -> None:
    with pytest.raises(MarkerError, match=sentence):
        filled(text, "costs", blocks)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "README.md").write_text("Nothing.\n")
    (tmp_path / "docs" / "costs.md").write_text(TEXT)
    return tmp_path


BLOCKS = {"a": "2", "b": "\nnew\n"}


def test_a_document_that_is_not_current_is_named_and_then_written(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("costs", BLOCKS, ["--check"], root=root) == 1
    assert "docs/costs.md" in capsys.readouterr().err
    assert (root / "docs" / "costs.md").read_text() == TEXT

    assert run("costs", BLOCKS, ["--write"], root=root) == 0
    assert run("costs", BLOCKS, ["--check"], root=root) == 0
    assert "new" in (root / "docs" / "costs.md").read_text()


def test_a_block_without_a_place_is_named(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("costs", {**BLOCKS, "c": "3"}, ["--check"], root=root) == 1

    assert "no document has a marker for: c" in capsys.readouterr().err


def test_a_wrong_marker_is_named_with_its_document(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("costs", {"a": "2"}, ["--write"], root=root) == 1

    assert "docs/costs.md: the marker costs:b names no block" in capsys.readouterr().err


def test_a_table_stands_on_lines_of_its_own() -> None:
    assert table(["", "x"], [["a", "1"]]) == "\n| | x |\n|---|---|\n| a | 1 |\n"
