"""One alarm: what it watches, when it is raised, and what its operator does about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from infra.alarm_sources import FunctionMetric, Math, Source, Threshold

if TYPE_CHECKING:
    from collections.abc import Mapping

MINUTE = 60
FIVE_MINUTES = 300
QUARTER = 900
NONE = Threshold(0)
RUNBOOK = "docs/operating.md"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmRow:
    """A row of the table."""

    name: str
    watches: Source | Math
    above: Threshold = NONE
    statistic: Literal["Sum", "Maximum", "p90"] = "Sum"
    period: int = FIVE_MINUTES
    """Seconds."""
    hurts: bool = False
    """Whether users notice it now: then it raises the composite alarm, and rolls back a deployment."""
    description: str
    """In the alarm itself, so in each mail that it sends."""
    raised_when: str
    """`{above}` stands for the threshold."""
    meaning: str
    seen: str
    """What users see."""
    check: str
    """A command, or where to look."""
    action: str
    confirm: str = "the alarm sends OK by itself, a period after the cause has gone"

    @property
    def terms(self) -> Mapping[str, Source]:
        """Every source that is read for it, by its name in the expression."""
        return self.watches.terms if isinstance(self.watches, Math) else {"value": self.watches}

    @property
    def anchor(self) -> str:
        """Where the runbook has this alarm."""
        return f"alarm-{self.name.lower()}"

    @property
    def text(self) -> str:
        """Return the description, with the way to the runbook."""
        return f"{self.description} What to do: {RUNBOOK}#{self.anchor}"

    @property
    def condition(self) -> str:
        """Say when it is raised, with its threshold."""
        return self.raised_when.format(above=self.above)


def errors_of(
    function: str, *, hurts: bool, raised_when: str, meaning: str, seen: str, action: str
) -> AlarmRow:
    """Watch the invocations of a function that ended with an unexpected error."""
    name = function.capitalize()
    return AlarmRow(
        name=f"{name}Errors",
        watches=FunctionMetric(function, "Errors"),
        hurts=hurts,
        description=f"{name} failed, ran out of time, or was killed.",
        raised_when=raised_when,
        meaning=meaning,
        seen=seen,
        check=f"the errors in the log of {function}: `fields @timestamp, message, exception_name | filter "
        'level = "ERROR" or @message like /Task timed out/ | sort @timestamp desc`',
        action=action,
    )
