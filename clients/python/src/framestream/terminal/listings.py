"""Chats, and what is used of a budget, as lines of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from framestream.terminal.following import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from framestream.chat_records import Chat
    from framestream.progress import Json

MICROS = 1_000_000


def chat_line(chat: Chat, number: int) -> str:
    """Format a chat: number, latest activity, title, id, and whether an answer is being made."""
    running = " (answering)" if chat.running else ""
    title = printable(chat.title.replace("\n", " ")) or "(no title)"
    when = chat.updated_at[:16].replace("T", " ")
    return f"{number:3}  {when}  {title}  [{printable(chat.chat_id)}]{running}"


def usage_lines(usage: Json) -> Iterator[str]:
    """Format what is used, a line for each period."""
    for name in ("day", "month"):
        period = usage.get(name) or {}
        tokens = _of(period.get("used_tokens"), period.get("limit_tokens"), "{:,} tokens".format)
        cost = _of(period.get("used_cost"), period.get("limit_cost"), _dollars)
        resets = f", until {period['resets_at']}" if period.get("resets_at") else ""
        yield f"{name:5}  {tokens}, {cost}{resets}"


def _dollars(micros: int) -> str:
    return f"${micros / MICROS:,.4f}"


def _of(used: int | None, limit: int | None, text_of: Callable[[int], str]) -> str:
    said = text_of(used or 0)
    return said if limit is None else f"{said} of {text_of(limit)}"
