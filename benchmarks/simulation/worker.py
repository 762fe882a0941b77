"""One invocation of a worker: what it was handed over, and what it receives meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.simulation.assumptions import Design, Function
    from benchmarks.simulation.backlog import Backlog, Message, Prompt
    from benchmarks.simulation.timeline import Timeline


@dataclass(slots=True, eq=False, kw_only=True)
class Worker:
    """An invocation, from its start to its end."""

    timeline: Timeline
    queue: Backlog
    design: Design
    function: Function
    ended: Callable[[Worker], None]
    ended_answer: Callable[[Prompt], None]
    deliver: Callable[[Message], None]
    carried: int = 0
    _takes_until: float = 0
    _polled: float | None = None
    """When the poll that is waiting began."""
    _is_resting: bool = False
    """Between two polls."""
    _is_over: bool = False

    def start(self, messages: list[Message]) -> None:
        """Work on a batch, and receive more if the design says so."""
        early = self.queue.random.uniform(0, self.design.intake_spread)
        self._takes_until = self.timeline.now + self.design.intake_seconds * (1 - early)
        self.timeline.at(self._takes_until, self._stop)
        self._work_on(messages)
        self._poll()
        self._end_if_idle()

    def take(self, messages: list[Message]) -> None:
        """Take what a poll found, and poll again soon."""
        self._stop()
        self._work_on(messages)
        self._is_resting = True
        self.timeline.after(self.design.turnaround, self._poll_again)

    def _poll_again(self) -> None:
        self._is_resting = False
        self._poll()

    def _poll(self) -> None:
        if self._is_over or self._is_resting or self._polled is not None or self._room <= 0:
            return
        if messages := self.queue.receive(self._room):
            self.take(messages)
        else:
            self._polled = self.timeline.now
            self.queue.poll(self)

    def _stop(self) -> None:
        if self._polled is not None:
            self._polled = None
            self.queue.leave(self)

    @property
    def _room(self) -> int:
        return self.design.answers - self.carried if self.timeline.now < self._takes_until else 0

    def _work_on(self, messages: list[Message]) -> None:
        for message in messages:
            self._begin(message)

    def _begin(self, message: Message) -> None:
        prompt, now = message.prompt, self.timeline.now
        if prompt.over:
            return
        if prompt.started is not None:  # another worker makes it
            self.timeline.after(self.design.reminder_hidden, partial(self.deliver, message))
            return
        if now - prompt.asked > self.function.expires_after:
            prompt.first_word, prompt.over, prompt.expired = now, True, True
            self.ended_answer(prompt)
            return
        prompt.started, prompt.first_word = now, now + self.function.first_token
        self.carried += 1
        self.timeline.after(prompt.seconds, partial(self._end_answer, prompt))

    def _end_answer(self, prompt: Prompt) -> None:
        prompt.over = True
        self.carried -= 1
        self.ended_answer(prompt)
        self._poll()
        self._end_if_idle()

    def _end_if_idle(self) -> None:
        """End at once, or with the poll that is under way: a poll is never aborted."""
        if self.carried or self._is_over:
            return
        tail = 0.0
        if self._polled is not None:
            tail = -(self.timeline.now - self._polled) % self.design.poll_seconds
        self.timeline.after(tail, self._end_if_still_idle)

    def _end_if_still_idle(self) -> None:
        if self.carried or self._is_over:
            return
        self._is_over = True
        self._stop()
        self.ended(self)
