"""The commands: which messages each is about, what is done with them, and what the operator reads."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from functions.shared.errors import FramestreamError
from functions.shared.generations.reader import GenerationReader
from functions.shared.queue import Queue
from tools import command_line
from tools.dead_letters import render
from tools.dead_letters.entry import entry_of
from tools.dead_letters.failing import GenerationFailure, Stays
from tools.dead_letters.queue_walk import walking
from tools.dead_letters.redrive import Redrive
from tools.output import say, say_json
from tools.sdk import CLIENT

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

    from tools.dead_letters.entry import Entry
    from tools.dead_letters.queue_walk import DeadLetters
    from tools.dead_letters.target import Target


class NotFound(FramestreamError):
    """No letter of that name was met."""

    def __init__(self, names: set[str]) -> None:
        self.names = names

    def __str__(self) -> str:
        return (
            f"Not among the dead letters: {', '.join(sorted(self.names))}. "
            "(While another command looks through them, they are hidden for up to ten minutes.)"
        )


@dataclass(frozen=True, slots=True)
class DeadLetterCommands:
    """One walk through the dead letters of a site."""

    messages: DeadLetters
    redriver: Redrive

    def entries(self, ids: list[str]) -> Iterator[Entry]:
        """Walk to the end, and yield the messages with these ids, or of these generations; all without any.

        Raises:
            NotFound: After the walk, if some were not met.
        """
        missing = set(ids)
        for letter in self.messages:
            case = entry_of(letter, self.redriver.generations, now=datetime.now(UTC))
            names = {letter.message_id, case.generation_id or letter.message_id}
            if not ids or names.intersection(ids):
                missing -= names
                yield case
        if missing:
            raise NotFound(missing)

    def treat(self, options: argparse.Namespace, action: Callable[..., None], done: str) -> bool:
        """Do the same with each. Returns whether none stays."""
        results = []
        for case in self.entries(options.ids):
            stays = self._reason_to_stay(case, action)
            facts = render.facts(case, now=datetime.now(UTC))
            results.append(facts | {"done": None if stays else done, "stays": stays})
            if not options.json:
                name = f"{case.letter.message_id}  {case.generation_id or render.NOTHING:<32}"
                say(f"{name}  {f'stays: {stays}' if stays else done}")
        stayed = sum(result["stays"] is not None for result in results)
        if options.json:
            say_json(results)
        else:
            say(f"{len(results) - stayed} {done}, {stayed} left.")
        return stayed == 0

    def _reason_to_stay(self, case: Entry, action: Callable[..., None]) -> str | None:
        try:
            action(case, now=datetime.now(UTC))
        except Stays as stays:
            return str(stays)
        return None


@contextmanager
def opened(site: Target) -> Iterator[DeadLetterCommands]:
    """Open a site's dead letters; what is not treated is put back at the end."""
    sqs = site.session.client("sqs", endpoint_url=site.endpoint_url, config=CLIENT)
    dynamodb = site.session.client("dynamodb", endpoint_url=site.endpoint_url, config=CLIENT)

    @cache
    def failure() -> GenerationFailure:
        return GenerationFailure(client=dynamodb, table=site.table, options=site.budget_options())

    with walking(sqs, site.dead_letter_queue_url) as messages:
        yield DeadLetterCommands(
            messages,
            Redrive(
                messages=messages,
                queue=Queue(sqs, site.queue_url),
                generations=GenerationReader(dynamodb, site.table),
                reminders=lambda: Queue(sqs, site.reminders()),
                failure=failure,
            ),
        )


def show_all(commands: DeadLetterCommands, options: argparse.Namespace) -> bool:
    """List them all, a line each, as the walk meets them."""
    if options.json:
        say_json([render.facts(case, now=datetime.now(UTC)) for case in commands.entries([])])
        return True
    found = 0
    for found, case in enumerate(commands.entries([]), start=1):
        if found == 1:
            say(render.HEADING)
        say(render.row(case, now=datetime.now(UTC)))
    say(f"{found} dead letter{'' if found == 1 else 's'}.")
    return True


def show(commands: DeadLetterCommands, options: argparse.Namespace) -> bool:
    """Say all that is known of some."""
    if options.json:
        say_json([render.facts(case, now=datetime.now(UTC)) for case in commands.entries(options.ids)])
        return True
    for case in commands.entries(options.ids):
        say("\n".join(render.sheet(case, now=datetime.now(UTC))) + "\n")
    return True


def redrive(commands: DeadLetterCommands, options: argparse.Namespace) -> bool:
    """Give some, or all, to the workers again."""
    return commands.treat(options, commands.redriver.redrive, "redriven")


def discard(commands: DeadLetterCommands, options: argparse.Namespace) -> bool:
    """Give up on some, or all."""
    number = commands.messages.about() if options.all else 0
    question = f"Discard all dead letters (about {number}) and fail what has not ended?"
    if options.all and not command_line.confirmed(question, yes=options.yes):
        return False
    return commands.treat(options, commands.redriver.discard, "discarded")
