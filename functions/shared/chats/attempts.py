"""What attempts change: each by itself while they work, and their end with all that follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from functions.shared.chats.model import Ended
from functions.shared.generations import transitions
from functions.shared.generations.attempt_transitions import AttemptTransitions
from functions.shared.generations.claims import Fenced
from functions.shared.generations.conditional_update import writing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from functions.shared.budgets.model import LedgerLine
    from functions.shared.chats.ends import ChatEnds
    from functions.shared.generations.model import Generation, Outcome
    from functions.shared.transactions import Entry


@dataclass(frozen=True, slots=True)
class ChatAttempts(AttemptTransitions):
    """What attempts change, chats included."""

    ends: ChatEnds

    def finish(
        self,
        generation: Generation,
        attempt: int,
        outcome: Outcome,
        lines: Sequence[LedgerLine] = (),
        *,
        now: datetime,
    ) -> Ended:
        """Record an end, in the chat and against the budget too. The second to say so is refused.

        Raises:
            Fenced: If the generation is another attempt's, or has ended otherwise.
        """
        fence = partial(_finished, generation.generation_id, attempt, outcome)
        try:
            with writing():
                return self.ends.record(
                    generation, outcome, fence=fence, attempt=attempt, lines=lines, now=now
                )
        except Fenced as fenced:
            found = fenced.found
            ours = (outcome, attempt, generation.owner)
            # Our own write, if it was repeated because the reply was lost.
            if found is None or (found.outcome, found.attempt, found.owner) != ours:
                raise
            return Ended(found.number, self.following(generation, now=now))

    def following(self, generation: Generation, *, now: datetime) -> str:
        """Return what its end has let out of the chat's queue; empty if nothing."""
        with writing():
            return self.ends.following(generation, now=now)


def _finished(generation_id: str, attempt: int, outcome: Outcome, number: int, following: str) -> Entry:
    return transitions.finish(generation_id, attempt, outcome, number, following)
