"""Runs a drill: provokes alarm after alarm, waits until each is red, and at the end until all are well."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from tools.drill.provocations import Provocation

RED_WITHIN = 120.0
"""Seconds. A reminder looks at a prompt after 36 s, and a busy machine takes its time."""
LOOK_EACH = 3.0
SLACK = 60.0
"""Seconds, on top of an alarm's own periods, until it must be well again."""

Alarm = Mapping[str, Any]


class Watched(Protocol):
    """The alarms of the system."""

    def states(self) -> Mapping[str, str]:
        """Bring the alarms up to date, and return their states by their names in CloudWatch."""


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
    """One drill. `provoke` enters a cause and returns what ends it."""

    watched: Watched
    provoke: Callable[[Provocation, Alarm], Callable[[], None]]
    say: Callable[[str], None]
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _ended: dict[str, float] = field(default_factory=dict)

    def run(self, alarms: Mapping[str, Alarm], provocations: Mapping[str, Provocation]) -> dict[str, Result]:
        """Drill these alarms, named as in the table, and return what became of each."""
        results = {name: self._red(name, alarm, provocations[name]) for name, alarm in alarms.items()}
        red = [name for name, result in results.items() if result.red_after is not None]
        self._wait_until_well({name: alarms[name] for name in red}, results)
        for name in red:
            if results[name].well_after is None:
                self.say(f"{name}: is still red")
        return results

    def _red(self, name: str, alarm: Alarm, provocation: Provocation) -> Result:
        if self.watched.states()[alarm["AlarmName"]] == "ALARM":
            self.say(f"{name}: was red before the drill; end its cause first")
            return Result()
        began = self.clock()
        end = self.provoke(provocation, alarm)
        try:
            red = self._wait_until_red(alarm["AlarmName"])
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
            if self.watched.states()[name] == "ALARM":
                return True
            self.sleep(LOOK_EACH)
        return False

    def _wait_until_well(self, alarms: Mapping[str, Alarm], results: Mapping[str, Result]) -> None:
        waiting: Sequence[str] = list(alarms)
        until = {name: self._ended[name] + _memory(alarm) + SLACK for name, alarm in alarms.items()}
        while waiting := [name for name in waiting if self.clock() < until[name]]:
            states = self.watched.states()
            for name in [name for name in waiting if states[alarms[name]["AlarmName"]] == "OK"]:
                results[name].well_after = self.clock() - self._ended[name]
                self.say(f"{name}: well {results[name].well_after:.0f} s after the cause was over")
                waiting.remove(name)
            self.sleep(LOOK_EACH)


def _memory(alarm: Alarm) -> float:
    """Return how long an alarm remembers, in seconds."""
    return float(alarm["Period"] * alarm["EvaluationPeriods"])
