"""Builds what belongs to an answer beside its text: sources and data, as JSON documents of a bounded size."""

from __future__ import annotations

import json
import re

from functions.worker.model import Extra

URL = re.compile(r"https?://[^\s\x00-\x1f\x7f]{1,2000}", re.IGNORECASE)
"""Of a source: it becomes a link, so nothing that a browser would run."""
CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
LONGEST_TITLE = 300
LONGEST_SNIPPET = 2000
LONGEST_NAME = 100


def source(url: object, *, title: object = None, snippet: object = None) -> Extra | None:
    """Return a source; None if there is no address of a page."""
    url = url.strip() if isinstance(url, str) else ""
    if not URL.fullmatch(url):
        return None
    texts = {"title": _line(title, LONGEST_TITLE), "snippet": _line(snippet, LONGEST_SNIPPET)}
    return Extra("source", _document({"url": url, **{name: text for name, text in texts.items() if text}}))


def data(name: object, value: object) -> Extra | None:
    """Return data; None if it has no name."""
    name = _line(name, LONGEST_NAME)
    return Extra("data", _document({"name": name, "value": value})) if name else None


def _line(text: object, longest: int) -> str:
    return CONTROL.sub(" ", text).strip()[:longest] if isinstance(text, str) else ""


def _document(value: dict[str, object]) -> str:
    written = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return written.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
