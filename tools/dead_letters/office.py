"""The commands: which letters each is about, what is done with them, and what the operator reads."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from functions.shared import aws
from functions.shared.dynamodb_generations import DynamoDBGenerations
from functions.shared.errors import FramestreamError
from functions.shared.sqs import Queue
from functions.worker.dynamodb import Ledger
from tools.dead_letters import words
from tools.dead_letters.cases import case_of
from tools.dead_letters.clerk import Clerk, Stays
from tools.dead_letters.letters import walking

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

    from tools.dead_letters.cases import Case
    from tools.dead_letters.letters import DeadLetters
    from tools.dead_letters.site import Site


class NotFound(FramestreamError):
    """No letter of that name was met."""

    def __init__(self, names: set[str]) -> None:
        self.names = names

    def __str__(self) -> str:
        return (
            f"Not among the dead letters: {', '.join(sorted(self.names))}. "
            "(While somebody else looks through them, they are hidden for up to ten minutes.)"
        )


@dataclass(frozen=True, slots=True)
class Office:
    """One walk through the dead letters of a site."""

    letters: DeadLetters
    clerk: Clerk

    def cases(self, ids: list[str]) -> Iterator[Case]:
        """Walk to the end, and yield the letters with these ids, or of these generations; all without any.

        Raises:
            NotFound: After the walk, if some were not met.
        """
        missing = set(ids)
        for letter in self.letters:
            case = case_of(letter, self.clerk.generations, now=datetime.now(UTC))
            names = {letter.message_id, case.generation_id or letter.message_id}
            if not ids or names.intersection(ids):
                missing -= names
                yield case
        if missing:
            raise NotFound(missing)

    def treat(self, ids: list[str], action: Callable[..., None], done: str) -> bool:
        """Do the same with each. Returns whether none stays."""
        treated = stayed = 0
        for case in self.cases(ids):
            name = f"{case.letter.message_id}  {case.generation_id or words.NOTHING:<32}"
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
def opened(site: Site) -> Iterator[Office]:
    """Open a site's dead letters; what is not treated is put back at the end."""
    sqs = site.session.client("sqs", endpoint_url=site.endpoint_url, config=aws.CLIENT)
    dynamodb = site.session.client("dynamodb", endpoint_url=site.endpoint_url, config=aws.CLIENT)
    with walking(sqs, site.dead_letter_queue_url) as letters:
        yield Office(
            letters,
            Clerk(
                letters=letters,
                queue=Queue(sqs, site.queue_url),
                generations=DynamoDBGenerations(dynamodb, site.table),
                ledger=Ledger(dynamodb, site.table),
            ),
        )


def show_all(office: Office, _options: argparse.Namespace) -> bool:
    """List them all, a line each, as the walk meets them."""
    found = 0
    for found, case in enumerate(office.cases([]), start=1):
        if found == 1:
            _say(words.HEADING)
        _say(words.row(case, now=datetime.now(UTC)))
    _say(f"{found} dead letter{'' if found == 1 else 's'}.")
    return True


def show(office: Office, options: argparse.Namespace) -> bool:
    """Say all that is known of some."""
    for case in office.cases(options.ids):
        _say("\n".join(words.sheet(case, now=datetime.now(UTC))) + "\n")
    return True


def redrive(office: Office, options: argparse.Namespace) -> bool:
    """Give some, or all, to the workers again."""
    return office.treat(options.ids, office.clerk.redrive, "redriven")


def discard(office: Office, options: argparse.Namespace) -> bool:
    """Give up on some, or all."""
    if options.all and not options.yes and not _confirmed(office.letters.about()):
        _say("Nothing was done.")
        return False
    return office.treat(options.ids, office.clerk.discard, "discarded")


def _confirmed(number: int) -> bool:
    question = f"Discard all dead letters (about {number}) and fail what has not ended? Type yes: "
    try:
        return input(question).strip().lower() == "yes"
    except EOFError:
        return False


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
