"""The whole: prompts come to the queue, the mapping starts workers, and what happened is added up."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import TYPE_CHECKING

from benchmarks.simulation.assumptions import Function, Mapping, Quotas
from benchmarks.simulation.backlog import Backlog, Message, Prompt
from benchmarks.simulation.timeline import Timeline
from benchmarks.simulation.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Iterable

    from benchmarks.simulation.assumptions import Design


@dataclass(slots=True, kw_only=True)
class System:
    """One stack under one load."""

    design: Design
    seed: int
    mapping: Mapping = field(default_factory=Mapping)
    function: Function = field(default_factory=Function)
    quotas: Quotas = field(default_factory=Quotas)
    timeline: Timeline = field(default_factory=Timeline)
    answered: list[Prompt] = field(default_factory=list)
    worker_seconds: float = 0
    workers: int = 0
    busiest: int = 0
    """The most workers at once."""
    _queue: Backlog = field(init=False)
    _readers: int = field(init=False)
    _busy: int = 0
    _environments: int = 0
    """Warm ones without an invocation."""
    _grew: float = float("-inf")
    _is_growing: bool = False

    def __post_init__(self) -> None:
        self._queue = Backlog(Random(self.seed))  # noqa: S311 - a simulation
        self._readers = min(self.mapping.batches_at_first, self._most)
        self._queue.idle_readers = self._readers

    @property
    def _most(self) -> int:
        return min(self.design.max_concurrency, self.mapping.most, self.quotas.concurrency)

    def run(self, prompts: Iterable[Prompt], until: float = float("inf")) -> System:
        """Answer these prompts. Returns itself."""
        for prompt in prompts:
            self.timeline.at(prompt.asked, partial(self._ask, prompt))
        self.timeline.run(until)
        return self

    def _ask(self, prompt: Prompt) -> None:
        self._deliver(Message(prompt))
        if self.design.reminder_after:
            self.timeline.after(self.design.reminder_after, partial(self._deliver, Message(prompt)))

    def _deliver(self, message: Message) -> None:
        """Give a message to one who waits for it, or let it wait."""
        if not self._queue.is_awaited:
            self._queue.waiting.append(message)
            self._grow()
            return
        if receiver := self._queue.chosen():
            receiver.take([message])
        else:
            self._invoke([message])

    def _invoke(self, batch: list[Message]) -> None:
        """Start a worker: in an environment that is warm, if there is one."""
        self._queue.idle_readers -= 1
        self._busy += 1
        self.busiest = max(self.busiest, self._busy)
        self.workers += 1
        start = self.function.cold_start
        if self._environments:
            self._environments -= 1
            start = self.function.warm_start
        worker = Worker(
            timeline=self.timeline,
            queue=self._queue,
            design=self.design,
            function=self.function,
            ended=partial(self._end, self.timeline.now),
            ended_answer=self.answered.append,
            deliver=self._deliver,
        )
        self.timeline.after(start, partial(worker.start, batch))

    def _end(self, invoked: float, _worker: Worker) -> None:
        self._busy -= 1
        self._environments += 1
        self.worker_seconds += self.timeline.now - invoked
        self._free_reader()

    def _free_reader(self) -> None:
        """Let a reader of the mapping take what is there, or wait."""
        self._queue.idle_readers += 1
        if batch := self._queue.receive(self.design.batch_size):
            self._invoke(batch)

    def _grow(self) -> None:
        """More readers, as long as messages remain."""
        if self._is_growing or self._readers >= self._most:
            return
        self._is_growing = True
        now, a_minute = self.timeline.now, self.mapping.more_a_minute
        if self.mapping.growth == "smooth":
            self.timeline.at(max(now, self._grew + 60 / a_minute), partial(self._add_readers, 1))
        else:
            self.timeline.after(60, partial(self._add_readers, int(a_minute)))

    def _add_readers(self, number: int) -> None:
        self._is_growing = False
        self._grew = self.timeline.now
        added = min(number, self._most - self._readers)
        self._readers += added
        for _ in range(added):
            self._free_reader()
        if self._queue.waiting:
            self._grow()
