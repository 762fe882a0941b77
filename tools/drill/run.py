"""Runs a drill: provokes alarm after alarm, waits until each is red, and at the end until all are well."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tools.drill.provocations import Provocation

RED_WITHIN = 120.0
"""Seconds. A reminder looks at a prompt after 36 s, and a busy machine takes its time."""
LOOK_EACH = 3.0
SLACK = 60.0
"""Seconds, on top of what the alarm remembers, until it must be well again."""


@dataclass(slots=True)
class Result:
    """What became of one alarm, in seconds after its cause began and ended."""

    red_after: float | None = None
    well_after: float | None = None

    @property
    def passed(self) -> bool:
        return self.red_after is not None and self.well_after is not None


@dataclass(slots=True, kw_only=True)
class Drill:
    """One drill. `states` tells how all alarms are; `provoke` enters a cause, and returns what ends it."""

    states: Callable[[], Mapping[str, str]]
    provoke: Callable[[str, Provocation], Callable[[], None]]
    say: Callable[[str], None]
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _ended: dict[str, float] = field(default_factory=dict)

    def run(
        self, provocations: Mapping[str, Provocation], remembers: Mapping[str, float]
    ) -> dict[str, Result]:
        """Drill these alarms. `remembers` tells how many seconds an alarm needs to be well again."""
        before = self.states()
        sick = [name for name in provocations if before[name] == "ALARM"]
        for name in sick:
            self.say(f"{name}: was red before the drill; end its cause first")
        results = {
            name: Result() if name in sick else self._red(name, provocation)
            for name, provocation in provocations.items()
        }
        red = {name: result for name, result in results.items() if result.red_after is not None}
        self._wait_until_well(red, max(map(remembers.__getitem__, red), default=0))
        return results

    def _red(self, name: str, provocation: Provocation) -> Result:
        if self.states()[name] == "ALARM":
            self._ended[name] = self.clock()
            self.say(f"{name}: red already by an earlier cause")
            return Result(red_after=0)
        began = self.clock()
        end = self.provoke(name, provocation)
        try:
            red = self._wait_until_red(name)
        finally:
            end()
        self._ended[name] = self.clock()
        after = self._ended[name] - began
        said = f"red after {after:.0f} s" if red else f"NOT RED within {RED_WITHIN:.0f} s"
        self.say(f"{name}: {said} ({provocation.words})")
        return Result(red_after=after if red else None)

    def _wait_until_red(self, name: str) -> bool:
        give_up = self.clock() + RED_WITHIN
        while self.clock() < give_up:
            if self.states()[name] == "ALARM":
                return True
            self.sleep(LOOK_EACH)
        return False

    def _wait_until_well(self, red: Mapping[str, Result], longest: float) -> None:
        """Wait for all together: a cause may have turned more alarms red than its own."""
        waiting = list(red)
        give_up = self.clock() + longest + SLACK
        while waiting and self.clock() < give_up:
            states = self.states()
            for name in [name for name in waiting if states[name] == "OK"]:
                red[name].well_after = self.clock() - self._ended[name]
                self.say(f"{name}: well {red[name].well_after:.0f} s after its cause was over")
                waiting.remove(name)
            self.sleep(LOOK_EACH)
        for name in waiting:
            self.say(f"{name}: is still red")
