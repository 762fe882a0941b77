"""Follows a chat from a prompt up to its first question, and says which turns on the way are needed. Pure.

A turn whose answer failed is left out whole, as is one whose answer was stopped before it had any text. What
is no longer there, because it has expired, ends the path.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from functions.shared.generations.model import ContextSeen, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from functions.shared.chats.model import ChatMessage

    MessagesFrom = Callable[[int], Iterable[ChatMessage]]
    """Messages from a number downwards."""

PAGE = 40
"""Messages that are read at a time: twenty turns."""
LETTERS_PER_TOKEN = 8
"""More than any tokenizer gets out of a text."""


class Pair(NamedTuple):
    """A question and its answer, whose text is still to be read."""

    question: ChatMessage
    answer: ChatMessage

    @property
    def length(self) -> int:
        """Code points of both."""
        outcome = self.answer.outcome
        return len(self.question.text) + (outcome.length if outcome else 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """The turns before a prompt that are needed, the oldest first, and what stands for the others."""

    prompt: ChatMessage
    first: Pair | None = None
    """The first turn of the path, if it stays and is not among the others."""
    pairs: tuple[Pair, ...] = ()
    seen: ContextSeen


def path_to(number: int, messages: MessagesFrom, *, room: int) -> Path | None:
    """Follow a chat up from a question.

    The way ends where the latest answer that says so began, or at the root. Of a long path that says nothing,
    because it is of an older release, no more is taken than could fit into a room of so many tokens.

    Returns None if the question is not there.
    """
    way = upwards(number, messages)
    prompt = next(way, None)
    if prompt is None:
        return None
    seen: ContextSeen | None = None
    pairs: list[Pair] = []
    for pair in _pairs(way):
        seen = seen or (pair.answer.outcome.context if pair.answer.outcome else None)
        pairs.append(pair)
        if seen and pair.question.number <= seen.from_number:
            break
    seen = seen or ContextSeen()
    pairs = [pair for pair in reversed(pairs) if _is_said(pair) and pair.question.number >= seen.from_number]
    if seen.from_number:
        return Path(prompt=prompt, first=_first(seen, messages), pairs=tuple(pairs), seen=seen)
    return _capped(prompt, pairs, seen, letters=room * LETTERS_PER_TOKEN)


def upwards(number: int, messages: MessagesFrom) -> Iterator[ChatMessage]:
    """Yield a message, the one that it follows, and so on. Messages of other branches are passed over."""
    wanted = number
    while wanted:
        for message in messages(wanted):
            if message.number < wanted:
                return
            if message.number == wanted:
                yield message
                wanted = message.parent_number
            if wanted < message.number - PAGE or not wanted:
                break
        else:
            return


def _pairs(way: Iterable[ChatMessage]) -> Iterator[Pair]:
    answer = None
    for message in way:
        if answer:
            yield Pair(message, answer)
        answer = None if answer else message


def _is_said(pair: Pair) -> bool:
    outcome = pair.answer.outcome
    return outcome is not None and outcome.status is not Status.FAILED and outcome.length > 0


def _first(seen: ContextSeen, messages: MessagesFrom) -> Pair | None:
    if not seen.first_number:
        return None
    return next(_pairs(upwards(seen.first_number, messages)), None)


def _capped(prompt: ChatMessage, pairs: list[Pair], seen: ContextSeen, *, letters: int) -> Path:
    """Leave out what is too much even to read. The first turn stays."""
    first, others = pairs[:1], pairs[1:]
    taken = 0
    for index in reversed(range(len(others))):
        taken += others[index].length
        if taken > letters:
            others = others[index + 1 :]
            seen = replace(
                seen,
                dropped=index + 1,
                from_number=others[0].question.number if others else prompt.number,
                first_number=first[0].answer.number,
            )
            break
    return Path(prompt=prompt, first=first[0] if first else None, pairs=tuple(others), seen=seen)
