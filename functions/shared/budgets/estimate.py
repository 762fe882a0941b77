"""How many tokens a prompt will be sent with, before anything is counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.shared.token_estimate import estimated_message

if TYPE_CHECKING:
    from functions.shared.chats.model import Chat

AROUND = 16
"""Tokens for what stands around a conversation."""


def input_tokens(prompt: str, chat: Chat, *, is_first: bool) -> int:
    """Estimate a prompt and what is sent of its chat before it, which is about what its last turn took."""
    return (0 if is_first else chat.leaf_tokens) + estimated_message(prompt) + AROUND
