"""A generation's timeline, made of its record and of the lines that were logged about it. No I/O."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from functions.shared.generations.model import Generation, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from tools.generation.logs import Line

SENTENCES = {
    "claimed": "claimed by a worker as attempt {attempt}, {waited} s after it was accepted",
    "not claimed": "a message came, and nothing was to be made of it: {status}, attempt {attempt}",
    "model asked": "the model {model} is asked (attempt {attempt})",
    "first text": "the first text (attempt {attempt})",
    "served": "connection {connection_id}: {posts} messages, {bytes} bytes; {refused} posts were refused",
    "a post failed": "a post to connection {connection_id} failed, and is repeated: {reason}",
    "the model failed": "the model failed (attempt {attempt}): {code}, status {status}, {error}",
    "completed": "completed with {length} characters (attempt {attempt})",
    "cancelled": "cancelled after {length} characters (attempt {attempt})",
    "failed": "failed after {length} characters (attempt {attempt}): {code}",
    "told": "all connections that are open were told the end",
    "queued again": "queued again: no worker was seen at it",
    "withdrawn": "withdrawn: the queue did not take it, and the client was told 503",
    "lost": "the worker stops, the generation is no longer its own: {reason}",
    "out of time": "the worker's time is over; the lease is given up for the next worker",
}
"""What an operator reads for a line; any other line is shown as it is."""
UNSAID = frozenset(
    {
        *("level", "location", "message", "timestamp", "service", "cold_start", "function_name"),
        *("function_memory_size", "function_arn", "function_request_id", "xray_trace_id"),
        *("generation_id", "user_id", "trace_id", "request_id", "exception", "stack_trace"),
    }
)
"""What every line has, or what would fill the screen; --json has it."""


class _Unknown(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?"


@dataclass(frozen=True, slots=True)
class Event:
    """One moment of the story."""

    at: datetime
    source: str
    """The function that said so, or `record`."""
    what: str
    facts: dict[str, Any] = field(default_factory=dict)


def timeline(generation: Generation | None, lines: Iterable[Line]) -> list[Event]:
    """Return the story in order of time."""
    told = [
        Event(line.at, str(line.facts.get("service", "?")), _sentence(line), line.facts) for line in lines
    ]
    recorded = list(_recorded(generation)) if generation else []
    return sorted([*recorded, *told], key=lambda event: event.at)


def _recorded(generation: Generation) -> Iterator[Event]:
    yield Event(generation.created_at, "record", f"accepted and queued for {generation.model}")
    if generation.requeued_at:
        yield Event(generation.requeued_at, "record", "a further message of it was allowed, at last")
    if generation.lease_until and not generation.status.is_final:
        yield Event(generation.lease_until, "record", "the lease of its worker ends, unless it is renewed")
    if generation.status is Status.QUEUED:
        yield Event(generation.start_by, "record", "if no worker has begun by then, it fails as expired")
    yield Event(generation.expires_at, "record", "prompt, answer and record are deleted")


def _sentence(line: Line) -> str:
    facts = _Unknown({name: value for name, value in line.facts.items() if value is not None})
    if line.message in {"answered", "refused"} and "path" in facts:
        reason = f": {facts['reason']}" if "reason" in facts else ""
        return f"{facts['method']} {facts['path']} was answered with {facts['status']}{reason}"
    if line.message in SENTENCES:
        return SENTENCES[line.message].format_map(facts)
    rest = ", ".join(f"{name} {value}" for name, value in facts.items() if name not in UNSAID)
    return f"{line.message} ({rest})" if rest else line.message
