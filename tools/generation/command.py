"""Tell one generation's story by its id, in order of time, from its record and the logs of all functions."""

from __future__ import annotations

import argparse
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from functions.shared.errors import FramestreamError
from functions.shared.generations.reader import GenerationReader
from functions.shared.times import rfc3339
from tools import command_line
from tools.generation.logs import FunctionLogs
from tools.generation.story import Event, timeline
from tools.output import printable, say, say_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from functions.shared.generations.model import Generation
    from tools.generation.logs import Line

ID = re.compile(r"[0-9a-f]{32}")
EARLIER = timedelta(minutes=1)
"""The clocks of two functions may differ."""
LASTS, LATELY, MOST = 2, 24, 10_000
"""Hours: longer than any generation lasts; and how far back to look for one whose record is gone."""


class NotFound(FramestreamError):
    """Neither a record nor a line is there."""


def main(arguments: list[str]) -> int:
    """Do what was asked. Returns 0, or 1 if it could not be done."""
    parser = command_line.parser_for("generation", __doc__, parents=[command_line.common_options()])
    parser.add_argument(
        "id", metavar="ID", help="as the 202, every message to the client and every log line have it"
    )
    parser.add_argument(
        "--hours",
        type=_hours,
        metavar="N",
        help=f"log to search: from its POST on ({LASTS}); if its record is gone, back from now ({LATELY})",
    )
    parser.set_defaults(run=show)
    return command_line.run(parser, arguments)


def _hours(text: str) -> float:
    try:
        hours = float(text)
    except ValueError:
        hours = 0
    if not 0 < hours <= MOST:
        raise argparse.ArgumentTypeError(f"{text!r} must be a number of hours above 0, at most {MOST}")
    return hours


def show(options: argparse.Namespace) -> bool:
    """Tell the story.

    Raises:
        NotFound: If nothing is known of it.
    """
    if not ID.fullmatch(options.id):
        raise NotFound(f"{options.id!r} is no generation's id: it has 32 characters of 0-9 and a-f.")
    deployment = command_line.deployment_of(options)
    now = datetime.now(UTC)
    reader = GenerationReader(deployment.dynamodb(), deployment.output("TableName"))
    generation = reader.find(options.id, now=now)
    since, until = _window(generation, options.hours, now)
    lines = FunctionLogs.of(deployment).about(options.id, since=since, until=until)
    if generation is None and not lines:
        raise NotFound(
            f"Nothing is known of generation {options.id}: there is no record (it is deleted after "
            f"retention_days), and no line of log since {rfc3339(since)} (look further back with --hours)."
        )
    state = _state(generation, lines)
    if generation is not None:
        state["stored_characters"] = reader.length(generation)
    events = timeline(generation, lines)
    if options.json:
        say_json(state | {"events": [_event(event) for event in events]})
        return True
    for name, value in state.items():
        say(f"{name.replace('_', ' '):<18} {printable(str(value))}")
    say("")
    for row in _rows(events, now):
        say(row)
    return True


def _window(generation: Generation | None, hours: float | None, now: datetime) -> tuple[datetime, datetime]:
    if generation is None:
        return now - timedelta(hours=hours or LATELY), now
    since = generation.created_at - EARLIER
    return since, min(since + timedelta(hours=hours or LASTS), now)


def _state(generation: Generation | None, lines: list[Line]) -> dict[str, Any]:
    if generation is None:
        first = lines[0].facts
        names = ("generation_id", "user_id", "trace_id", "request_id")
        return {"record": "gone"} | {name: first[name] for name in names if name in first}
    outcome = generation.outcome
    state: dict[str, Any] = {
        **generation.ids,
        "chat_id": generation.chat_id,
        "model": generation.model,
        "status": str(generation.status),
        "attempt": generation.attempt,
    }
    if outcome and outcome.failure:
        state["failure"] = outcome.failure.code
    if outcome and outcome.finish_reason:
        state["finish_reason"] = outcome.finish_reason
    if outcome and outcome.usage:
        state["tokens"] = outcome.usage.total_tokens
    return state | {"end_told": generation.announced}


def _event(event: Event) -> dict[str, Any]:
    return {"at": rfc3339(event.at), "source": event.source, "what": event.what, "facts": event.facts}


def _rows(events: list[Event], now: datetime) -> Iterator[str]:
    begin = events[0].at
    for event in events:
        offset = (event.at - begin).total_seconds()
        mark = " (to come)" if event.at > now else ""
        yield f"{rfc3339(event.at)}  {offset:>+10.3f}  {event.source:<10}  {printable(event.what)}{mark}"
