"""How much one user may ask for: so many times a minute, and so much under way at once.

A record holds what may still count. It is read and judged here. While nothing in it is out of date, a
request is added on condition that the limits allow it: concurrent requests do not make each other fail.
Otherwise it is replaced, without what is out of date, if it is still the version that was read.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from functions.generate.problems import TooManyThisMinute
from functions.generate.under_way import AtOnce, GenerationEnds
from functions.shared.errors import Unavailable
from functions.shared.retry import Retry

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from functions.generate.ports import Archive, RequestRecords
    from functions.generate.settings import GenerateOptions

MINUTE = timedelta(minutes=1)
CONTENDED = Retry(attempts=5, first=0.04, longest=0.32)
"""Writes for one request."""


@dataclass(frozen=True, slots=True)
class RecentRequests:
    """What a user asked for, by name, and when."""

    last_minute: Mapping[str, datetime] = field(default_factory=dict)
    under_way: Mapping[str, datetime] = field(default_factory=dict)
    """Not yet known to have ended."""
    version: int = 0
    """0: there is none yet."""

    def has(self, name: str) -> bool:
        """Say whether a request of this name is counted."""
        return name in self.last_minute or name in self.under_way


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits of one kind of request."""

    records: RequestRecords
    per_minute: int
    at_once: AtOnce | None = None
    sleep: Callable[[float], None] = time.sleep

    def admit(self, user_id: str, name: str, *, now: datetime) -> None:
        """Count a request, once under each name.

        Raises:
            TooManyThisMinute: If the user asked for as many in the last minute.
            TooManyAtOnce: If as many of them are still under way.
            Unavailable: If rivals were faster again and again.
        """
        recent = self.records.read(user_id)
        if recent.has(name):
            return
        for _ in CONTENDED.tries(self.sleep):
            refused = self._count(user_id, name, recent, now)
            if refused is None or refused.has(name):
                return
            recent = refused
        raise Unavailable("limits_contended")

    def _count(self, user_id: str, name: str, recent: RecentRequests, now: datetime) -> RecentRequests | None:
        last_minute = {one: at for one, at in recent.last_minute.items() if at > now - MINUTE}
        if len(last_minute) >= self.per_minute:
            wait = min(last_minute.values()) + MINUTE - now
            raise TooManyThisMinute(f"At most {self.per_minute} a minute.", retry_after=_seconds(wait))
        under_way = recent.under_way
        if self.at_once:
            under_way = self.at_once.still(under_way, now=now)
        if recent.version and (last_minute, under_way) == (recent.last_minute, recent.under_way):
            at_once = self.at_once.most if self.at_once else None
            return self.records.add(user_id, name, per_minute=self.per_minute, at_once=at_once, now=now)
        counted = RecentRequests(
            {**last_minute, name: now},
            {**under_way, name: now} if self.at_once else under_way,
            recent.version + 1,
        )
        return self.records.replace(user_id, counted, now=now)


def prompt_limits(records: RequestRecords, archive: Archive, options: GenerateOptions) -> Limits:
    """How many prompts a user may hand in."""
    return Limits(
        records=records,
        per_minute=options.prompts_per_minute,
        at_once=AtOnce(most=options.prompts_at_once, ends=GenerationEnds(archive)),
    )


def ticket_limits(records: RequestRecords, options: GenerateOptions) -> Limits:
    """How many tickets a user may take."""
    return Limits(records=records, per_minute=options.tickets_per_minute)


def attachment_limits(records: RequestRecords, options: GenerateOptions) -> Limits:
    """How many attachments a user may upload."""
    return Limits(records=records, per_minute=options.prompts_per_minute)


def _seconds(span: timedelta) -> int:
    return max(1, math.ceil(span.total_seconds()))
