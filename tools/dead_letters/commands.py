"""The commands: which messages each is about, what is done with them, and what the operator reads."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from functions.shared.errors import FramestreamError
from functions.shared.generations.reader import GenerationReader
from functions.shared.generations.transitions import AttemptTransitions
from functions.shared.queue import Queue
from tools.dead_letters import render
from tools.dead_letters.entry import entry_of
from tools.dead_letters.queue_walk import walking
from tools.dead_letters.redrive import Redrive, Stays
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

    def treat(self, ids: list[str], action: Callable[..., None], done: str) -> bool:
        """Do the same with each. Returns whether none stays."""
        treated = stayed = 0
        for case in self.entries(ids):
            name = f"{case.letter.message_id}  {case.generation_id or render.NOTHING:<32}"
            try:
                action(case, now=datetime.now(UTC))
            except Stays as stays:
                stayed += 1
                _say(f"{name}  stays: {stays}")
            else:
                treated += 1
                _say(f"{name}  {done}")
        _say(f"{treated} {done}, {stayed} left.")
        return stayed == 0


@contextmanager
def opened(site: Target) -> Iterator[DeadLetterCommands]:
    """Open a site's dead letters; what is not treated is put back at the end."""
    sqs = site.session.client("sqs", endpoint_url=site.endpoint_url, config=CLIENT)
    dynamodb = site.session.client("dynamodb", endpoint_url=site.endpoint_url, config=CLIENT)
    with walking(sqs, site.dead_letter_queue_url) as messages:
        yield DeadLetterCommands(
            messages,
            Redrive(
                messages=messages,
                queue=Queue(sqs, site.queue_url),
                generations=GenerationReader(dynamodb, site.table),
                transitions=AttemptTransitions(dynamodb, site.table),
            ),
        )


def show_all(commands: DeadLetterCommands, _options: argparse.Namespace) -> bool:
    """List them all, a line each, as the walk meets them."""
    found = 0
    for found, case in enumerate(commands.entries([]), start=1):
        if found == 1:
            _say(render.HEADING)
        _say(render.row(case, now=datetime.now(UTC)))
    _say(f"{found} dead letter{'' if found == 1 else 's'}.")
    return True


def show(commands: DeadLetterCommands, options: argparse.Namespace) -> bool:
    """Say all that is known of some."""
    for case in commands.entries(options.ids):
        _say("\n".join(render.sheet(case, now=datetime.now(UTC))) + "\n")
    return True


def redrive(commands: DeadLetterCommands, options: argparse.Namespace) -> bool:
    """Give some, or all, to the workers again."""
    return commands.treat(options.ids, commands.redriver.redrive, "redriven")


def discard(commands: DeadLetterCommands, options: argparse.Namespace) -> bool:
    """Give up on some, or all."""
    if options.all and not options.yes and not _confirmed(commands.messages.about()):
        _say("Nothing was done.")
        return False
    return commands.treat(options.ids, commands.redriver.discard, "discarded")


def _confirmed(number: int) -> bool:
    question = f"Discard all dead letters (about {number}) and fail what has not ended? Type yes: "
    try:
        return input(question).strip().lower() == "yes"
    except EOFError:
        return False


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
