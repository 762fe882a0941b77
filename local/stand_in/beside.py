"""What the stand-in says beside its text, if the prompt asks for that: reasoning, sources and data.

`Think first.`, `Think in tags.`, `Cite your sources.` and `Send data.` may stand anywhere in a prompt.
"""

from __future__ import annotations

import re
from typing import Any

from local.stand_in.answers import words_of

THINK = re.compile(r"\bthink (first|in tags)\b", re.IGNORECASE)
CITE = re.compile(r"\bcite (your )?sources\b", re.IGNORECASE)
SEND_DATA = re.compile(r"\bsend data\b", re.IGNORECASE)
REASONING = (
    "The user asked me to think first. I have nothing to think with, so I count what I was given: {words} "
    "words. "
    "That is neither many nor few. I shall say what I always say, and say it with confidence."
)
SOURCES = (
    {
        "url": "https://en.wikipedia.org/wiki/Otter",
        "title": "Otter",
        "content": "Otters are carnivorous mammals.",
    },
    {"url": "https://en.wikipedia.org/wiki/Sea_otter", "title": "Sea otter"},
)
DATA = {"name": "otters", "value": {"seen": 3, "holding": ["stone", "shell", "paw"]}}


def reasoning_of(prompt: str) -> list[str]:
    """Return what the model reasons before it answers, word by word."""
    return words_of(REASONING.format(words=len(prompt.split()))) if THINK.search(prompt) else []


def is_in_tags(prompt: str) -> bool:
    """Whether the reasoning is to stand in the text."""
    return bool((found := THINK.search(prompt)) and found[1].lower() == "in tags")


def sources_of(prompt: str) -> list[dict[str, str]]:
    """Return the sources, each as an annotation has it."""
    return [dict(source) for source in SOURCES] if CITE.search(prompt) else []


def data_of(prompt: str) -> list[dict[str, Any]]:
    """Return data, as a server of one's own may send them."""
    return [dict(DATA)] if SEND_DATA.search(prompt) else []
