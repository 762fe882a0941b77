"""What one answer uses, from the POST to its reminder: counted in the code, or assumed with a name.

tests/integration/test_costs.py counts the calls of the running functions and compares.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from tools.costs.bill import Usage, together
from tools.costs.calls import read, written
from tools.costs.prices import Item
from tools.costs.usage import DEFAULTS, GB, call, invocation, running

STATUS_MESSAGES = 8
"""Messages without new text: chat_message, started, processing, thinking, its frame, streaming, llm_response,
completed."""
ENVELOPE_BYTES = 300
"""A message without its text."""
BYTES_PER_TOKEN = 4.2

AROUND_SECONDS = 0.15
"""What a worker does before it asks the model, and after the last token."""
DENSE_SECONDS = 1.0
"""For how long frames are dense at the beginning."""
BEAT_SECONDS = 1.0
"""How often a worker stores text, keeps its lease, and looks for sockets."""
LOOK, RENEWAL = "beat that looks", "beat that renews the lease"
RENEWALS = 3
"""How often it renews its lease and hides its message again, within a lease."""
ANSWER_LOG_BYTES = 5860
"""All lines of one answer: call, access log, worker, reminder with their ids (5,500), and metrics."""
METRICS_LOG_BYTES = 940
"""What a worker's line of metrics adds, which is one for all that it makes side by side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer, as the bill sees it."""

    tokens: float = 500
    tokens_per_second: float = 80
    first_token_seconds: float = 0.5
    prompt_kb: float = 1
    sockets: float = 1
    first_frame_interval_ms: int = DEFAULTS.first_frame_interval_milliseconds
    frame_interval_ms: int = DEFAULTS.frame_interval_milliseconds
    lease_seconds: int = DEFAULTS.lease_seconds
    memory_mb: int = DEFAULTS.worker_memory_mb
    per_worker: float = 5
    """How many answers share a worker on average: one if there is only one at a time, more under load."""
    worker_seconds: float | None = None
    """Billed for one answer, if that is known, from the simulation for example; then `per_worker` is not."""

    @property
    def seconds(self) -> float:
        """From the call of the model to the last token."""
        return self.first_token_seconds + self.tokens / self.tokens_per_second

    @property
    def shared_by(self) -> float:
        """How many answers share a worker."""
        if self.worker_seconds is None:
            return self.per_worker
        return max((self.seconds + AROUND_SECONDS) / self.worker_seconds, 1)

    @property
    def messages(self) -> int:
        """How many messages one socket gets, if each holds less than 32 KB."""
        seconds = self.tokens / self.tokens_per_second
        dense = min(seconds, DENSE_SECONDS)
        frames = 1000 * (dense / self.first_frame_interval_ms + (seconds - dense) / self.frame_interval_ms)
        return math.ceil(round(frames, 6)) + STATUS_MESSAGES

    @property
    def bytes_per_socket(self) -> float:
        """Traffic: every message's envelope, and the text twice, in frames and in llm_response."""
        return self.messages * ENVELOPE_BYTES + 2 * self.tokens * BYTES_PER_TOKEN


ANSWER_WRITES, ANSWER_READS = written("prompt", "answer"), read("prompt", "answer")
"""Of an answer without any length. Written: limit; record, chat and prompt together; claim, last text,
"it was told"; record, chat, answer, day, month and ledger line together. Read: record, chat twice, hold,
the path, and sockets twice."""
ANSWER_QUEUE_REQUESTS = 4
"""One message is sent, received and deleted, and one sent for later. Besides, a worker hides the message
that it was handed over; those that it receives come hidden."""
POLLS_PER_SECOND = 1
"""How often a busy worker looks whether there is more to do."""
REMINDER_QUEUE_REQUESTS = 2
"""Of an answer that ended within 35 s, if handed over alone: it is received and deleted."""


MESSAGES, WORKER, REMINDER = (
    "WebSocket messages",
    "worker",
    "reminder, which finds nothing to do",
)


def answer_parts(answer: Answer) -> dict[str, Usage]:
    """Return what an answer uses, from the POST to its reminder, part by part."""
    beats = answer.seconds / BEAT_SECONDS
    renewals = answer.seconds / (answer.lease_seconds / RENEWALS)
    looks = beats - renewals
    seconds = answer.worker_seconds or (answer.seconds + AROUND_SECONDS) / answer.per_worker
    polls = POLLS_PER_SECOND * (answer.worker_seconds or answer.seconds / answer.per_worker)
    worker = together({Item.INVOCATION: 1 / answer.per_worker}, running(seconds, answer.memory_mb))
    more_prompt = max(math.ceil(answer.prompt_kb) - 1, 0)
    return {
        MESSAGES: {Item.WEBSOCKET_MESSAGE: answer.messages * answer.sockets},
        WORKER: worker,
        "DynamoDB": {
            Item.WRITE: ANSWER_WRITES + more_prompt + written(LOOK) * looks + written(RENEWAL) * renewals,
            Item.READ: ANSWER_READS + read(LOOK) * looks + read(RENEWAL) * renewals,
        },
        "SQS": {Item.QUEUE_REQUEST: ANSWER_QUEUE_REQUESTS + renewals + polls + 1 / answer.shared_by},
        "HTTP call with its function": call(),
        REMINDER: together(
            invocation(), {Item.READ: read("reminder"), Item.QUEUE_REQUEST: REMINDER_QUEUE_REQUESTS}
        ),
        "logs": {Item.LOG_GB: (ANSWER_LOG_BYTES + METRICS_LOG_BYTES / answer.shared_by) / GB},
        "traffic": {Item.TRAFFIC_GB: answer.bytes_per_socket * answer.sockets / GB},
    }


def answer(details: Answer) -> Usage:
    """Return what an answer uses."""
    return together(*answer_parts(details).values())
