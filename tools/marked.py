"""Writes computed blocks into the Markdown documents, or says which are not current.

A block stands between `<!-- costs:answer -->` and `<!-- /costs:answer -->`, as a table or within a sentence.
A family (`costs`) is one tool's: it must have a text for each of its markers, and a marker for each text.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT = Path(__file__).resolve().parents[1]


class MarkerError(Exception):
    """A marker that is not as it must be, or a text without one; the sentence names it."""


def documents(root: Path = ROOT) -> list[Path]:
    """List the documents that may hold blocks."""
    return [root / "README.md", *sorted((root / "docs").rglob("*.md"))]


def filled(text: str, family: str, blocks: Mapping[str, str]) -> tuple[str, set[str]]:
    """Put each block where its markers are. Returns the text, and the names of the blocks that are in it.

    Raises:
        MarkerError: If a marker has no end, names no block, or begins a line without being a table's.
    """
    used: set[str] = set()
    opened = re.compile(rf"<!-- ({family}:[a-z0-9-]+) -->")
    parts, position = [], 0
    while found := opened.search(text, position):
        marker = found[1]
        name = marker.partition(":")[2]
        end = text.find(f"<!-- /{marker} -->", found.end())
        if end < 0:
            raise MarkerError(f"the marker {marker} has no end: write <!-- /{marker} --> after its block")
        if name not in blocks:
            raise MarkerError(f"the marker {marker} names no block; there are: {', '.join(sorted(blocks))}")
        if _begins_a_line(text, found.start()) and not blocks[name].startswith("\n"):
            raise MarkerError(
                f"the marker {marker} begins a line, which Markdown takes for HTML: put a word before"
            )
        parts += [text[position : found.end()], blocks[name]]
        position = end
        used.add(name)
    return "".join([*parts, text[position:]]), used


def run(
    family: str, blocks: Mapping[str, str], arguments: Sequence[str] | None = None, *, root: Path = ROOT
) -> int:
    """Write the blocks, or check them. Returns 1 if something is not as it must be."""
    parser = argparse.ArgumentParser(description=f"Keep the {family} blocks of the documents current.")
    how = parser.add_mutually_exclusive_group(required=True)
    how.add_argument("--check", action="store_true", help="write nothing; fail if something would change")
    how.add_argument("--write", action="store_true", help="write what is not current")
    options = parser.parse_args(arguments)
    try:
        stale = _stale(family, blocks, root)
    except MarkerError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if options.write:
        for path, text in stale.items():
            path.write_text(text)
        return 0
    if stale:
        names = ", ".join(str(path.relative_to(root)) for path in stale)
        sys.stderr.write(f"The {family} blocks are not current in: {names}. Run the same with --write.\n")
    return 1 if stale else 0


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table, on lines of its own."""
    body = [f"| {' | '.join(cells)} |\n" for cells in rows]
    return "".join(
        ["\n", f"| {' | '.join(header)} |\n".replace("|  |", "| |"), "|---" * len(header), "|\n", *body]
    )


def _begins_a_line(text: str, position: int) -> bool:
    return not text[:position].rpartition("\n")[2].strip(" ")


def _stale(family: str, blocks: Mapping[str, str], root: Path) -> dict[Path, str]:
    stale, used = {}, set()
    for path in documents(root):
        before = path.read_text()
        try:
            after, here = filled(before, family, blocks)
        except MarkerError as error:
            raise MarkerError(f"{path.relative_to(root)}: {error}") from error
        used |= here
        if after != before:
            stale[path] = after
    if unused := set(blocks) - used:
        raise MarkerError(f"no document has a marker for: {', '.join(sorted(unused))}")
    return stale
