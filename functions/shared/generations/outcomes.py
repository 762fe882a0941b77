"""How an outcome lies in an item: of the generation, and of its message in the chat."""

from __future__ import annotations

from dataclasses import asdict, fields

from functions.shared.dynamodb import Item, n, number_of, s, text_of
from functions.shared.generations.failures import Failure
from functions.shared.generations.model import ContextSeen, Outcome, Status, Usage

_ALWAYS = ("prompt_tokens", "completion_tokens", "total_tokens")


def attributes_of(outcome: Outcome) -> Item:
    """Write how a generation ended."""
    item: Item = {"status": s(outcome.status), "text_length": n(outcome.length)}
    if outcome.finish_reason is not None:
        item["finish_reason"] = s(outcome.finish_reason)
    if outcome.failure is not None:
        item["failure"] = s(outcome.failure.code)
    if outcome.usage is not None:
        counts = asdict(outcome.usage)
        item |= {name: n(count) for name, count in counts.items() if count or name in _ALWAYS}
    if outcome.context is not None:
        item["context"] = {"M": {name: n(number) for name, number in asdict(outcome.context).items()}}
    if outcome.cost is not None:
        item["cost"] = n(outcome.cost)
    if outcome.has_parts:
        item["has_parts"] = {"BOOL": True}
    if outcome.answered_by:
        item["answered_by"] = s(outcome.answered_by)
    return item


def outcome_from(item: Item, status: Status) -> Outcome:
    """Read how a generation ended."""
    return Outcome(
        status=status,
        length=number_of(item, "text_length"),
        finish_reason=text_of(item, "finish_reason") or None,
        usage=_usage_from(item) if "total_tokens" in item else None,
        failure=Failure.of(text_of(item, "failure")) if status is Status.FAILED else None,
        context=_context_from(item) if "context" in item else None,
        cost=number_of(item, "cost") if "cost" in item else None,
        has_parts="has_parts" in item,
        answered_by=text_of(item, "answered_by"),
    )


def _usage_from(item: Item) -> Usage:
    return Usage(**{each.name: number_of(item, each.name) for each in fields(Usage)})


def _context_from(item: Item) -> ContextSeen:
    numbers = item["context"]["M"]
    return ContextSeen(**{each.name: number_of(numbers, each.name) for each in fields(ContextSeen)})
