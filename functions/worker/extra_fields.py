"""Reads what a chunk tells beside its text: the sources of an answer, and data of a server of one's own.

Some servers list all sources again in each chunk, some add one at a time; each is told once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from functions.worker.extras import data, source
from functions.worker.lenient_json import dicts_in, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from functions.worker.model import Extra

LISTS = ("search_results", "citations")
"""Of Perplexity, xAI and others; the first also names titles, so it comes first."""
NAMES = frozenset({*LISTS, "annotations", "data"})


@dataclass(slots=True)
class ExtraFields:
    """Reads the extras of one stream."""

    _urls: set[str] = field(default_factory=set, repr=False)

    def extras(self, chunk: dict[str, Any], choice: dict[str, Any]) -> tuple[Extra, ...]:
        """Return what is new."""
        messages = [each for each in (choice.get("delta"), choice.get("message")) if isinstance(each, dict)]
        places = [chunk, choice, *messages]
        if all(map(NAMES.isdisjoint, places)):
            return ()
        return (*self._sources(places), *(each for message in messages for each in _data(message)))

    def _sources(self, places: list[dict[str, Any]]) -> Iterator[Extra]:
        for place in places:
            for url, title, snippet in _cited(place):
                if isinstance(url, str) and url not in self._urls:
                    self._urls.add(url)
                    if (found := source(url, title=title, snippet=snippet)) is not None:
                        yield found


def _cited(place: dict[str, Any]) -> Iterator[tuple[object, object, object]]:
    """Yield address, title and text of what is cited."""
    for annotation in dicts_in(place.get("annotations")):
        inside = annotation.get("url_citation")
        found = inside if isinstance(inside, dict) else annotation
        yield found.get("url"), found.get("title"), found.get("content")
    for name in LISTS:
        listed = place.get(name)
        for each in listed if isinstance(listed, list) else []:
            if isinstance(each, dict):
                yield each.get("url"), each.get("title"), each.get("snippet")
            else:
                yield each, None, None


def _data(place: dict[str, Any]) -> Iterator[Extra]:
    for each in dicts_in(place.get("data")):
        if "value" in each and (found := data(each.get("name"), plain(each["value"]))) is not None:
            yield found
