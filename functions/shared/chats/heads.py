"""How the head of a chat changes. Pure: `ends.py` and `functions.generate` write what comes out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from functions.shared.chats.model import Chat
from functions.shared.generations.model import Status

if TYPE_CHECKING:
    from datetime import datetime

    from functions.shared.generations.model import Generation, Outcome

LONGEST_TITLE = 80
"""Code points of the first prompt that become a chat's title."""


def begun(generation: Generation, prompt: str, *, former: Chat | None) -> Chat:
    """A chat before its first message. Numbers go on after those of one that was deleted."""
    version = former.version if former else 0
    return Chat(
        user_id=generation.user_id,
        chat_id=generation.chat_id,
        title=title_of(prompt),
        created_at=generation.created_at,
        updated_at=generation.created_at,
        expires_at=generation.expires_at,
        version=version,
        begun_after=version,
    )


def title_of(prompt: str) -> str:
    """Make a title of a prompt: its first words, in one line."""
    line = " ".join("".join(each if each.isprintable() else " " for each in prompt).split())
    return line if len(line) <= LONGEST_TITLE else line[: LONGEST_TITLE - 1].rstrip() + "…"


def started(chat: Chat, generation: Generation) -> Chat:
    """Make a generation; nothing else is being made."""
    return replace(
        _changed(chat, generation.created_at, generation.expires_at),
        running=generation.generation_id,
        is_interrupting=False,
    )


def enqueued(chat: Chat, generation: Generation, *, interrupting: bool) -> Chat:
    """Let a prompt wait: behind all others, or before them because what runs is interrupted for it.

    An interruption lets a paused queue go on, and a queue in which nothing waits is not paused.
    """
    mine = (generation.generation_id,)
    return replace(
        _changed(chat, generation.created_at, generation.expires_at),
        waiting=mine + chat.waiting if interrupting else chat.waiting + mine,
        is_interrupting=interrupting or chat.is_interrupting,
        is_paused=chat.is_paused and bool(chat.waiting) and not interrupting,
    )


def left(chat: Chat, generation_id: str, *, now: datetime) -> Chat:
    """Take a prompt out of the queue that will not be answered."""
    waiting = tuple(one for one in chat.waiting if one != generation_id)
    return replace(_changed(chat, now), waiting=waiting, is_paused=chat.is_paused and bool(waiting))


def withdrawn(chat: Chat, generation_id: str, *, now: datetime) -> Chat:
    """Take back what was started: it could not be queued. What waits, waits for its user."""
    changed = _changed(chat, now)
    if chat.running != generation_id:
        return changed
    return replace(changed, running="", is_paused=bool(chat.waiting), is_interrupting=False)


def ended(chat: Chat, generation: Generation, outcome: Outcome, *, now: datetime) -> Chat:
    """Append an answer. If it was the one that ran, the next may; what its user stopped pauses the queue."""
    changed = _changed(chat, now)
    if chat.running != generation.generation_id:
        return changed  # It was taken for lost, and the chat has gone on.
    is_stopped = outcome.status is Status.CANCELLED and not chat.is_interrupting
    return replace(
        changed,
        running="",
        leaf=generation.generation_id,
        leaf_number=changed.version,
        leaf_tokens=outcome.usage.total_tokens if outcome.usage else 0,
        is_paused=chat.is_paused or (is_stopped and bool(chat.waiting)),
        is_interrupting=False,
    )


def released(chat: Chat, waiting: Generation, *, behind: int, now: datetime) -> Chat:
    """Start a waiting prompt; so many before it are gone."""
    changed = _changed(chat, now)
    return replace(
        changed,
        running=waiting.generation_id,
        waiting=chat.waiting[behind + 1 :],
        is_interrupting=False,
    )


def renamed(chat: Chat, title: str, *, now: datetime) -> Chat:
    """Give a chat another title."""
    return replace(_changed(chat, now), title=title)


def edited(chat: Chat, *, now: datetime) -> Chat:
    """Change a prompt that waits, which is not kept in the head."""
    return _changed(chat, now)


def resumed(chat: Chat, *, now: datetime) -> Chat:
    """Let what waits go on."""
    return replace(_changed(chat, now), is_paused=False)


def deleted(chat: Chat, *, expires_at: datetime, now: datetime) -> Chat:
    """Leave nothing but the fact, so that what comes late finds it; numbers go on if the id is used again."""
    return Chat(
        user_id=chat.user_id,
        chat_id=chat.chat_id,
        title="",
        created_at=chat.created_at,
        updated_at=now,
        expires_at=expires_at,
        version=chat.version + 1,
        begun_after=chat.version + 1,
        is_deleted=True,
    )


def may_release(chat: Chat) -> bool:
    """Say whether the next waiting prompt may be started."""
    return bool(chat.waiting) and not chat.running and not chat.is_paused and not chat.is_deleted


def _changed(chat: Chat, now: datetime, expires_at: datetime | None = None) -> Chat:
    return replace(
        chat,
        version=chat.version + 1,
        updated_at=max(now, chat.updated_at),
        expires_at=max(expires_at, chat.expires_at) if expires_at else chat.expires_at,
    )
