"""Decides which turns a prompt is sent with: all, until they no longer fit; then much fewer at once. Pure.

Providers cache the beginning of a prompt, so it stays as it is from turn to turn. When it has grown beyond
the room that there is, it is trimmed to SHARE_KEPT of that, which leaves room for many turns until next time.

The room is `context_tokens` less what the answer may take. It is compared with the provider's own count of
the latest turn and an estimate of what has come since, corrected by what that count says of our estimates.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from functions.shared.attachments.model import TOKENS
from functions.shared.generations.model import ContextSeen
from functions.shared.token_estimate import estimated_message
from functions.worker.context import Context, History, PastTurn
from functions.worker.conversation import Conversation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from functions.shared.chats.model import Summary
    from functions.shared.generations.model import Usage
    from functions.worker.settings import WorkerOptions

SHARE_KEPT = 0.6
"""How much of the room that changes from turn to turn is used after a trim."""
DUE = 0.7
"""How much of it is used when a summary is made."""
LEFT_AFTER = 0.3
"""How much of it the turns after that summary take."""
ANSWER_SHARE = 8
"""One part in so many is left for an answer whose length has no limit."""
LEAST_RATIO, MOST_RATIO = 0.2, 5.0
"""A provider's count that is further from our estimate than this counts something else."""


@dataclass(frozen=True, slots=True)
class ContextFitting:
    """Fits conversations into what one deployment allows."""

    options: WorkerOptions

    @property
    def room(self) -> int:
        """How many tokens a prompt may take with all that goes before it."""
        whole = self.options.context_tokens
        answer = self.options.llm_max_output_tokens or whole // ANSWER_SHARE
        return whole - min(answer, whole // 2)

    def whole(self, history: History, prompt: str, *, number: int) -> Context:
        """Send a prompt with everything that its history has."""
        tokens, ratio = self._counted(history)
        seen = replace(history.seen, turns=len(history.all_turns))
        return Context(
            prompt=prompt,
            number=number,
            history=history,
            seen=seen,
            tokens=tokens,
            tokens_per_estimate=ratio,
        )

    def fits(self, context: Context) -> bool:
        """Whether there is room for a context."""
        prompt = context.tokens_per_estimate * asked_tokens(context)
        return context.tokens + prompt <= self.room

    def trimmed(self, context: Context, newer: Summary | None) -> Context:
        """Leave the oldest turns out, but the first. The latest `recent_turns` stay in any case.

        Args:
            context: One that does not fit.
            newer: A summary of more of its turns than the one that it has.
        """
        turns = context.history.turns
        covered = sum(turn.answer_number <= newer.number for turn in turns) if newer else 0
        if covered > len(turns) - self.options.recent_turns:
            newer, covered = None, 0
        history = replace(context.history, summary=newer or context.history.summary)
        fixed = self.fixed(history) + asked_tokens(context)
        free = SHARE_KEPT * (self.room - context.tokens_per_estimate * fixed)
        start = len(turns) - self.latest(turns, free / context.tokens_per_estimate)
        return self._from(context, history, max(start, covered), covered)

    def to_summarise(self, context: Context, answer: str, usage: Usage | None) -> tuple[PastTurn, ...]:
        """The turns that a summary is to stand for from the next trim on; none unless that is due just now.

        It is due once between two trims: with the answer that fills DUE of the room that changes. The turns
        that are left after these are few, since others follow until the trim.
        """
        turns, ratio = context.history.turns, context.tokens_per_estimate
        fixed = ratio * self.fixed(context.history)
        free = self.room - fixed
        latest = asked_tokens(context) + estimated_message(answer)
        after = _said(usage) if usage else context.tokens + ratio * latest
        if after - fixed < DUE * free or free <= 0:
            return ()
        left = LEFT_AFTER * free / ratio
        was_due = not context.is_trimmed and context.tokens - fixed >= DUE * free
        if was_due and turns and self._before(turns[:-1], left - _size(turns[-1])):
            return ()
        return self._before(turns, left - latest)

    def _before(self, turns: tuple[PastTurn, ...], free: float) -> tuple[PastTurn, ...]:
        return turns[: len(turns) - self.latest(turns, free)]

    def fixed(self, history: History) -> int:
        """Estimate what is there in every turn: instructions, summary, and the first turn."""
        return self._instructions(history) + (_size(history.first) if history.first else 0)

    def latest(self, turns: Sequence[PastTurn], free: float) -> int:
        """How many of the latest turns fit: `recent_turns` at least, if there are so many."""
        taken = 0.0
        for count, turn in enumerate(reversed(turns)):
            taken += _size(turn)
            if count >= self.options.recent_turns and taken > free:
                return count
        return len(turns)

    def _from(self, context: Context, history: History, start: int, covered: int) -> Context:
        """Send only the turns from one on, of which those before `covered` are in the history's summary."""
        turns, before = history.turns, history.seen
        if not start:
            return context
        history = replace(history, turns=turns[start:])
        summary = history.summary
        seen = ContextSeen(
            turns=len(history.all_turns),
            summarised=summary.turns if summary else 0,
            dropped=before.dropped + start - covered,
            from_number=turns[start].number if start < len(turns) else context.number,
            first_number=history.first.answer_number if history.first else 0,
            summary_number=summary.number if summary else 0,
        )
        estimate = self._instructions(history) + sum(map(_size, history.all_turns))
        tokens = round(context.tokens_per_estimate * estimate)
        return replace(context, history=history, seen=seen, tokens=tokens, is_trimmed=True)

    def _counted(self, history: History) -> tuple[int, float]:
        """Count what goes before a prompt, and compare the provider's count with our estimate."""
        turns = history.all_turns
        sizes = [_size(turn) for turn in turns]
        for index in reversed(range(len(turns))):
            turn = turns[index]
            if turn.usage and turn.usage.prompt_tokens and _begins_alike(turn.seen, history.seen):
                estimate = self._instructions(history) + sum(sizes[:index]) + estimated_message(turn.question)
                ratio = min(max(turn.usage.prompt_tokens / estimate, LEAST_RATIO), MOST_RATIO)
                return round(_said(turn.usage) + ratio * sum(sizes[index + 1 :])), ratio
        return self._instructions(history) + sum(sizes), 1.0

    def _instructions(self, history: History) -> int:
        summary = history.summary.text if history.summary else ""
        text = Conversation(prompt="", summary=summary).instructions(self.options.llm_system_prompt)
        return estimated_message(text)


def asked_tokens(context: Context) -> int:
    """Estimate what a prompt takes with its files."""
    return estimated_message(context.prompt) + TOKENS * len(context.attachments)


def _size(turn: PastTurn) -> int:
    texts = estimated_message(turn.question) + estimated_message(turn.answer)
    return texts + TOKENS * len(turn.attachments)


def _said(usage: Usage) -> int:
    """What a prompt and its answer take in the next prompt: what the model thought is not in it."""
    return usage.prompt_tokens + max(usage.completion_tokens - usage.reasoning_tokens, 0)


def _begins_alike(one: ContextSeen | None, other: ContextSeen) -> bool:
    return one is not None and (one.from_number, one.first_number, one.summary_number) == (
        other.from_number,
        other.first_number,
        other.summary_number,
    )
