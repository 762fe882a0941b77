"""The sources of an answer, as lines below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from framestream.terminal.following import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from framestream.result import Result


def source_lines(result: Result) -> Iterator[str]:
    """Yield a numbered line for each source."""
    sources = (part.document for part in result.parts if part.kind == "source")
    for number, source in enumerate(sources, start=1):
        title = source.get("title")
        words = [f"[{number}]", *([title] if isinstance(title, str) else []), source["url"]]
        yield printable(" ".join(words)).replace("\n", " ")
