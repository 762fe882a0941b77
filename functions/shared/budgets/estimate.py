"""How many tokens a prompt will be sent with, before anything is counted."""

from __future__ import annotations

from functions.shared.token_estimate import estimated_message

AROUND = 16
"""Tokens for what stands around a conversation."""


def input_tokens(prompt: str, *, before: int) -> int:
    """Estimate a prompt and what is sent of its chat before it, which is about what its last turn took."""
    return before + estimated_message(prompt) + AROUND
