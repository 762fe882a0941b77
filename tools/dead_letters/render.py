"""How dead letters are shown: ids and states, and never what anybody asked or was answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from functions.shared.generations.model import Status
from functions.shared.times import rfc3339
from tools.output import printable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime, timedelta

    from functions.shared.generations.model import Generation
    from tools.dead_letters.entry import Entry

ROW = "{:<36}  {:<32}  {:>8}  {:>8}  {:<10}  {:>7}  {}"
HEADING = ROW.format("MESSAGE", "GENERATION", "AGE", "RECEIVED", "STATUS", "ATTEMPT", "USER")
NOTHING = "-"


def row(case: Entry, *, now: datetime) -> str:
    """One line of the list."""
    letter, generation = case.letter, case.generation
    return ROW.format(
        letter.message_id,
        case.generation_id or NOTHING,
        age(now - letter.sent_at),
        letter.receive_count,
        generation.status if generation else "deletion" if case.deletion else NOTHING,
        generation.attempt if generation else NOTHING,
        printable(user_id) if (user_id := _user_of(case)) else f"({case.flaw})",
    )


def sheet(case: Entry, *, now: datetime) -> Iterator[str]:
    """Everything that there is to know about one letter, line by line."""
    letter = case.letter
    yield f"message        {letter.message_id}"
    yield f"sent           {rfc3339(letter.sent_at)} ({age(now - letter.sent_at)} ago)"
    yield f"received       {letter.receive_count} times, this look included"
    yield f"generation     {case.generation_id or NOTHING}"
    if case.generation:
        yield from _state(case.generation)
    if case.deletion:
        yield f"user           {printable(case.deletion.user_id)}"
        yield f"deletion of    {printable(case.deletion.chat_id)}, at version {case.deletion.version}"
    yield f"redrive        {_prospect(case, now=now)}"


def facts(case: Entry, *, now: datetime) -> dict[str, Any]:
    """Return the same for programs."""
    letter, generation = case.letter, case.generation
    return {
        "message_id": letter.message_id,
        "sent_at": rfc3339(letter.sent_at),
        "receive_count": letter.receive_count,
        "generation_id": case.generation_id,
        "user_id": _user_of(case),
        "status": generation.status if generation else "deletion" if case.deletion else None,
        "attempt": generation.attempt if generation else None,
        "prospect": _prospect(case, now=now),
    }


def _user_of(case: Entry) -> str | None:
    about = case.generation or case.deletion
    return about.user_id if about else None


def _state(generation: Generation) -> Iterator[str]:
    yield f"user           {printable(generation.user_id)}"
    yield f"chat           {printable(generation.chat_id)}"
    yield f"model          {printable(generation.model)}"
    yield f"accepted       {rfc3339(generation.created_at)}"
    yield f"start by       {rfc3339(generation.start_by)}"
    yield f"status         {generation.status}, attempt {generation.attempt}"
    if generation.lease_until:
        yield f"lease until    {rfc3339(generation.lease_until)}"
    if generation.outcome:
        failure = generation.outcome.failure
        yield f"ended          {failure.code if failure else generation.outcome.finish_reason or NOTHING}"
        yield f"user was told  {'yes' if generation.announced else 'no'}"


def _prospect(case: Entry, *, now: datetime) -> str:
    generation = case.generation
    if case.deletion is not None:
        return "the deletion of the chat goes on"
    if generation is None:
        return f"not possible: {case.flaw}"
    if hold := case.hold(now=now):
        return f"not now: {hold}"
    if generation.status.is_final:
        return "nothing is left to do" if generation.announced else "a worker tells the user how it ended"
    if generation.status is Status.QUEUED:
        return "a worker makes it, or fails it as expired if it should have started by now"
    return "a worker makes the next attempt, or fails it as worker_lost if none is left"


def age(span: timedelta) -> str:
    """Write a span of time in its two largest units."""
    minutes, seconds = divmod(max(int(span.total_seconds()), 0), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days}d {hours}h"
    if hours:
        return f"{hours}h {minutes}m"
    return f"{minutes}m {seconds}s"
