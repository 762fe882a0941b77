"""How many tokens a text takes, before a provider has counted them.

A byte-level tokenizer makes at most one token of each byte of UTF-8. A third of that is about right for
languages that it knows least, and on the safe side elsewhere: an English token has four letters or more. So a
letter of the Latin alphabet counts a third, one of Cyrillic, Greek, Arabic or Hebrew two thirds, a Chinese,
Japanese, Korean, Indic or Thai character one, an emoji one and a third.
"""

from __future__ import annotations

BYTES_PER_TOKEN = 3
AROUND_A_MESSAGE = 4
"""Tokens of a chat template that say whose message begins and where it ends."""


def estimated_tokens(text: str) -> int:
    """Estimate what a text takes by itself."""
    return -(-len(text.encode("utf-8", "surrogatepass")) // BYTES_PER_TOKEN)


def estimated_message(text: str) -> int:
    """Estimate what a text takes as a message; nothing if there is none."""
    return estimated_tokens(text) + AROUND_A_MESSAGE if text else 0
