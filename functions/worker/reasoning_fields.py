"""Reads a model's reasoning out of a message or its delta, wherever servers put it."""

from __future__ import annotations

from typing import Any

from functions.worker.lenient_json import DEEPEST, is_reasoning_part

FIELDS = ("reasoning_content", "reasoning", "reasoning_details", "thinking")
"""DeepSeek, vLLM and many; OpenRouter, Groq, vLLM of late; OpenRouter in detail; some proxies."""
FIELDS_SET = frozenset(FIELDS)
WITHIN = ("thinking", "text", "summary", "content", "reasoning", "value")
"""Where text stands in an object of these: Mistral's and Anthropic's parts, Databricks' summaries."""


def reasoning_in(message: object) -> str:
    """What it brings of reasoning. A server that says the same in several fields says it once."""
    if not isinstance(message, dict):
        return ""
    content = message.get("content")
    if FIELDS_SET.isdisjoint(message) and not isinstance(content, list):
        return ""  # What nearly all are.
    parts = [part for part in content if is_reasoning_part(part)] if isinstance(content, list) else []
    places = (*(message.get(name) for name in FIELDS), parts)
    return next(filter(None, map(_text_of, places)), "")


def is_reasoning(message: object) -> bool:
    """Whether it is a sign of reasoning, even one that says nothing."""
    if not isinstance(message, dict):
        return False
    content = message.get("content")
    parts = content if isinstance(content, list) else []
    return any(message.get(name) for name in FIELDS) or any(map(is_reasoning_part, parts))


def _text_of(value: Any, depth: int = DEEPEST) -> str:
    if isinstance(value, str):
        return str(value)
    if depth and isinstance(value, list):
        return "".join(_text_of(each, depth - 1) for each in value)
    if depth and isinstance(value, dict):
        return next(filter(None, (_text_of(value.get(name), depth - 1) for name in WITHIN)), "")
    return ""
