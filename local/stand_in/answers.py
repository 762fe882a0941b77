"""What the stand-in model says: the same two hundred tokens whenever it is asked the same thing."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

LENGTH = 200
LONGEST_QUOTE = 200

OPENING = (
    "I am framestream's stand-in model: no real one is configured, so no thought went into this answer. "
    "You asked: “{prompt}”."
)
SENTENCES = (
    "Your prompt went in over HTTP, was written down, and only then was it accepted.",
    "A queue carried its number, and never its text, to the worker that reads me now.",
    "Each of these words leaves me alone and waits a tenth of a second at most for company.",
    "Every socket that you hold open gets all of them, in order, and none of them twice.",
    "A frame says where its text begins, so a repeated one is easy to ignore.",
    "Positions count code points: é, 漢 and 🦦 are one each.",
    "Close the window and come back; the text will have waited for you.",
    "With a model key in the environment, a cleverer model would be talking to you.",
    "If the worker that reads me were killed now, another one would ask me again within a minute.",
    "Should you lose patience, cancel: I notice a closed connection, and stop.",
    "Your other windows show this at the same time, and none of them waits for a slower one.",
    "Nothing of this left your machine: the cloud that carries it is an emulator.",
)
RECALL = re.compile(
    r"\b(remember|repeat|so far|earlier|before|did i (say|ask|tell)|i (said|asked|told))\b", re.IGNORECASE
)
"""In a prompt that asks what was said before."""
MOST_QUOTES = 5
CLOSING = "And to make it two hundred words:"


def answer_to(prompt: str, *, earlier: Sequence[str] = (), length: int = LENGTH) -> str:
    """Return the whole answer."""
    return "".join(pieces_of(prompt, earlier=earlier, length=length))


def pieces_of(prompt: str, *, earlier: Sequence[str] = (), length: int = LENGTH) -> list[str]:
    """Return the answer as a model would bring it: word by word.

    Args:
        prompt: What is asked.
        earlier: What was asked before in the same conversation: repeated, if the prompt asks for that.
        length: Words at most.
    """
    quote = _quoted(prompt)
    pieces, closing = words_of(OPENING.format(prompt=quote)), words_of(f" {CLOSING}")
    if earlier and RECALL.search(prompt):
        said = "; then ".join(f"“{_quoted(question)}”" for question in earlier[-MOST_QUOTES:])
        pieces = [*words_of(f"I remember. You asked before: {said}."), *words_of(" " + "".join(pieces))]
    first = hashlib.sha256(quote.encode()).digest()[0]
    for turn in range(len(SENTENCES)):
        sentence = words_of(f" {SENTENCES[(first + turn) % len(SENTENCES)]}")
        if len(pieces) + len(sentence) + len(closing) <= LENGTH:
            pieces += sentence
    pieces += closing
    counting = range(1, LENGTH - len(pieces) + 1)
    return [*pieces, *(f" {number}" for number in counting)][:length]


def words_in(text: str) -> int:
    """Count as the stand-in counts tokens."""
    return len(text.split())


def _quoted(text: str) -> str:
    return text[:LONGEST_QUOTE].encode("utf-8", "replace").decode()


def words_of(text: str) -> list[str]:
    """Divide a text as a model would bring it."""
    return re.findall(r"\s*\S+", text)
