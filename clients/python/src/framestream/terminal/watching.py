"""A message of the socket as one line of text."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from framestream.terminal.following import printable

if TYPE_CHECKING:
    from framestream.progress import Json


def line_of(message: Json) -> str:
    """Format a message: time, answer, attempt, type, summary."""
    time = str(message.get("timestamp", ""))[11:23]
    answer = str(message.get("generation_id") or "-")[:8]
    attempt = f"#{message['attempt']}" if "attempt" in message else ""
    summary = _change(message) if message["type"] == "chat_message" else _summary(message)
    line = f"{time:12} {answer:8} {attempt:3} {message['type']:12} {summary}"
    return printable(line.replace("\n", "␤")).rstrip()


def _change(message: Json) -> str:
    said = message.get("text") or message.get("title")
    chat = f"{message.get('event')}: version {message.get('version')} of {message.get('chat_id')}"
    return f"{chat}: {json.dumps(said, ensure_ascii=False)}" if said else chat


def _summary(message: Json) -> str:
    match message:
        case {"frame": {"delta": delta, "offset": offset}} | {"part": {"delta": delta, "offset": offset}}:
            return f"@{offset} {json.dumps(delta, ensure_ascii=False)}"
        case {"frame": {"message": sentence}}:
            return str(sentence)
        case {"data": {"length": length, "finish_reason": reason}}:
            return f"{length} characters, {reason}"
        case {"error": sentence, "code": code}:
            return f"{code}: {sentence}"
        case {"status": status, "message": sentence}:
            return f"{status}: {sentence}"
    return ""
