"""The queue: messages that wait, and those who wait for messages. Who of them gets one is up to chance."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from random import Random


@dataclass(slots=True, eq=False)
class Prompt:
    """A prompt, and what became of it."""

    asked: float
    seconds: float
    """How long its answer takes, from a worker's start on it to the last word."""
    started: float | None = None
    first_word: float | None = None
    over: bool = False
    expired: bool = False

    @property
    def wait(self) -> float:
        """Seconds until the first word, or until it was said that there will be none."""
        return (self.first_word or 0) - self.asked


@dataclass(frozen=True, slots=True)
class Message:
    """What the queue holds: a prompt, or the reminder of one."""

    prompt: Prompt


class Receiver(Protocol):
    """One that polls: a running worker that polls."""

    def take(self, messages: list[Message]) -> None:
        """Take what one receive found."""


@dataclass(slots=True)
class Backlog:
    """One queue."""

    random: Random
    waiting: deque[Message] = field(default_factory=deque)
    idle_readers: int = 0
    """Readers of the mapping that wait for a batch."""
    _polling: list[Receiver] = field(default_factory=list)
    _place: dict[int, int] = field(default_factory=dict)

    def receive(self, most: int) -> list[Message]:
        """Take what is there, at most ten, as SQS does."""
        number = min(most, 10, len(self.waiting))
        return [self.waiting.popleft() for _ in range(number)]

    def poll(self, receiver: Receiver) -> None:
        """Wait for a message."""
        self._place[id(receiver)] = len(self._polling)
        self._polling.append(receiver)

    def leave(self, receiver: Receiver) -> None:
        """Wait no longer."""
        place = self._place.pop(id(receiver), None)
        if place is None:
            return
        last = self._polling.pop()
        if last is not receiver:
            self._polling[place] = last
            self._place[id(last)] = place

    def chosen(self) -> Receiver | None:
        """Choose who gets the next message: a polling worker, or None for a reader of the mapping."""
        number = self.random.randrange(self.idle_readers + len(self._polling))
        return self._polling[number - self.idle_readers] if number >= self.idle_readers else None

    @property
    def is_awaited(self) -> bool:
        """Say whether the next message would find one who waits."""
        return bool(self.idle_readers or self._polling)
