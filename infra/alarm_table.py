"""Every alarm, one row each: the constructs, the documents' tables and the tests are made from these rows.

A new alarm is a row here. If it watches something that a function counts, that is a member of `Metric` and a
`count(Metric.…)`; `python -m tools.alarm_docs` then writes it into the documents.
"""

from dataclasses import dataclass
from typing import Literal

from functions.shared.metrics import Metric
from infra.config.fields import Config

MINUTE = 60
FIVE_MINUTES = 300
RUNBOOK = "docs/operating.md"


@dataclass(frozen=True, slots=True)
class QueueMetric:
    """What SQS measures on one of the two queues."""

    queue: Literal["queue", "dead_letters"]
    name: str


@dataclass(frozen=True, slots=True)
class FunctionMetric:
    """What Lambda measures on a function."""

    function: str
    name: str


@dataclass(frozen=True, slots=True)
class Threshold:
    """A fixed number, or the sum of some settings."""

    number: int = 0
    settings: tuple[str, ...] = ()

    def of(self, config: Config) -> int:
        """Return what a deployment with these settings compares with."""
        return self.number + sum(int(getattr(config, name)) for name in self.settings)

    def __str__(self) -> str:
        if not self.settings:
            return str(self.number)
        return f"{' + '.join(f'`{name}`' for name in self.settings)} ({self.of(Config())})"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmRow:
    """An alarm: what it watches, when it is raised, and what its operator does about it."""

    name: str
    watches: Metric | QueueMetric | FunctionMetric
    statistic: Literal["Sum", "Maximum"]
    above: Threshold
    period: int
    """Seconds."""
    description: str
    """In the alarm itself, so in each mail that it sends."""
    raised_when: str
    """`{above}` stands for the threshold."""
    meaning: str
    action: str

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


def _errors(function: str, *, raised_when: str, meaning: str, action: str) -> AlarmRow:
    """Watch the invocations of a function that ended with an unexpected error."""
    name = function.capitalize()
    return AlarmRow(
        name=f"{name}Errors",
        watches=FunctionMetric(function, "Errors"),
        statistic="Sum",
        above=Threshold(0),
        period=FIVE_MINUTES,
        description=f"{name} failed, ran out of time, or was killed.",
        raised_when=raised_when,
        meaning=meaning,
        action=action,
    )


ALARMS = (
    AlarmRow(
        name="DeadLetters",
        watches=QueueMetric("dead_letters", "ApproximateNumberOfMessagesVisible"),
        statistic="Maximum",
        above=Threshold(0),
        period=MINUTE,
        description="A generation could not be finished, and its message is in the dead-letter queue.",
        raised_when="a message is in the dead-letter queue",
        meaning="it was delivered `max_receive_count` (10) times and never done: the worker cannot read it, "
        "its record is missing, or the worker failed each time for about six minutes. Or a reminder came "
        "back for longer than a generation may last, and its end was still not told",
        action="look for `a message could not be worked on` in the worker's log with that `message_id`; mend "
        "the cause; then [redrive it](#dead-letters). After 14 days it is gone",
    ),
    AlarmRow(
        name="WaitingPrompts",
        watches=Metric.WAITING_PROMPTS,
        statistic="Sum",
        above=Threshold(0),
        period=MINUTE,
        description="Prompts wait for longer than half a minute until a worker begins with them.",
        raised_when="no worker had begun with a prompt 35 seconds after it was accepted",
        meaning="too few workers for what is asked, or none runs: their users see nothing yet",
        action="is the worker throttled (Lambda's metric `Throttles`, the account's concurrency)? Is "
        "`worker_max_concurrency` reached? Is the event source mapping enabled? Does the worker fail as it "
        "starts (WorkerErrors)? Prompts that wait for `queue_deadline_seconds` end as `expired`",
    ),
    AlarmRow(
        name="OldestMessage",
        watches=QueueMetric("queue", "ApproximateAgeOfOldestMessage"),
        statistic="Maximum",
        above=Threshold(settings=("queue_deadline_seconds", "generation_timeout_seconds")),
        period=MINUTE,
        description="A generation is older than it may get by waiting and answering together.",
        raised_when="a message in the queue is older than {above} seconds",
        meaning="workers begin and do not come to an end, or none runs",
        action="as WaitingPrompts; then look for workers that are killed again and again (WorkerErrors). "
        "Prompts that waited too long end as `expired`; nothing piles up for ever",
    ),
    _errors(
        "connect",
        raised_when="connect failed within five minutes",
        meaning="nearly always its settings: the token secret is too short, or is neither a text nor JSON "
        "with `current`",
        action="the log has a `SettingsError` that says which. New sockets are refused until it is mended",
    ),
    _errors(
        "disconnect",
        raised_when="disconnect failed within five minutes",
        meaning="the table did not answer",
        action="slots stay held until a handshake needs them, or they expire; no need to act if it passes",
    ),
    _errors(
        "message",
        raised_when="message failed within five minutes",
        meaning="the table or the gateway did not answer a heartbeat",
        action="streams go on meanwhile. If it lasts, look at the error",
    ),
    _errors(
        "generate",
        raised_when="generate failed within five minutes",
        meaning="as ConnectErrors: callers get 500",
        action="as ConnectErrors",
    ),
    _errors(
        "worker",
        raised_when="the worker ran out of time or memory, or was killed, within five minutes",
        meaning="its answers are begun again by the next delivery within about 30 s, up to `max_attempts`",
        action="`REPORT` lines tell memory and duration. Out of memory: more `worker_memory_mb`, or a "
        "smaller `worker_batch_size`",
    ),
    AlarmRow(
        name="RejectedConnects",
        watches=Metric.REJECTED_CONNECTS,
        statistic="Sum",
        above=Threshold(settings=("rejected_connects_alarm",)),
        period=FIVE_MINUTES,
        description="Many handshakes are refused: an attack, looping clients, a wrong secret or origin.",
        raised_when="more than {above} handshakes were refused within five minutes",
        meaning="an attack, clients in a loop, a wrong secret, a new front end whose origin is missing",
        action="count the `reason` of `refused` ([query](#logs))",
    ),
    AlarmRow(
        name="GenerationsFailed",
        watches=Metric.GENERATIONS_FAILED,
        statistic="Sum",
        above=Threshold(settings=("failed_generations_alarm",)),
        period=FIVE_MINUTES,
        description="Answers end in failures: the model is down, or refuses the key or the requests.",
        raised_when="more than {above} answers ended as `failed` within five minutes",
        meaning="the model is down or refuses: a wrong key shows as `llm_rejected`, and nowhere else",
        action="count the `code` of the worker's `failed` lines; look at the provider's status, at the key, "
        "at the limits of your account there",
    ),
)
