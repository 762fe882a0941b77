"""How many tokens a prompt will be sent with, before anything is counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from functions.shared.chats.model import Chat

BYTES_PER_TOKEN = 3
"""Of UTF-8, for languages of all scripts; English has four."""
AROUND = 16
"""Tokens for what stands around a message."""


def input_tokens(prompt: str, chat: Chat, *, parent_number: int) -> int:
    """Estimate a prompt and what is sent of its chat before it."""
    known = chat.leaf_tokens if parent_number == chat.leaf_number else 0
    return known + len(prompt.encode()) // BYTES_PER_TOKEN + AROUND
