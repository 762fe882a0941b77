"""What is known of one stream of a model: whether it is alive, and whether it has ended. No I/O.

A `finish_reason` alone is no end. Some servers put one on every chunk, others go on after it, and a stream
may break after any of them. How a stream stopped decides together with what it had said:

    stopped by     after a last word   a word on every chunk   text after a word   no word
    [DONE]         whole               whole                   whole               whole ("stop")
    end of stream  whole               whole                   whole if the last   broke off
                                                               chunk has a word
    silence        whole, after        whole, after the        timed out           timed out
                   AFTERWORD           stall time-out
    an error       whole               failed                  failed              failed

Whatever is whole and has no text is a failure all the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from functions.shared.generations.failures import Failure
from functions.worker.model import ModelFailed

if TYPE_CHECKING:
    from functions.shared.generations.model import Usage
    from functions.worker.model import Piece

AFTERWORD = timedelta(seconds=5)
"""How long to wait for token counts and [DONE] after a last word. Servers were seen to go on after 2.6 s."""
STOP = "stop"
"""What an end without a word of its own is called: the server said that it had finished by itself."""
FILTERED = re.compile(
    r"filter|safety|sensitive|prohibited|blocklist|guardrail|moderat|refusal|spii", re.IGNORECASE
)
TOO_LONG = re.compile(r"context", re.IGNORECASE)
"""In the word for why there is no text: OpenAI's word is one of many."""


@dataclass(frozen=True, slots=True)
class Ending:
    """What the model said last."""

    finish_reason: str
    usage: Usage | None


@dataclass(slots=True, kw_only=True)
class Reading:
    """One stream, as far as it was read. All times are of one clock, in seconds."""

    begin_by: float
    """When the model must have begun, or at least sent a keep-alive."""
    stall_timeout: float
    has_begun: bool = False
    """Whether there was text or reasoning; a greeting is neither."""
    has_text: bool = False
    is_alive: bool = False
    usage: Usage | None = None
    is_counted: bool = False
    """Whether the latest usage counts all of the text."""
    first_text_at: float | None = None
    pieces: int = 0
    """With text."""
    _finish_reason: str | None = field(default=None, repr=False)
    """The last word, if neither text nor reasoning came after it."""
    _finished_at: float = 0
    _goes_on: bool = False
    """Whether something came after a finish_reason: this server's words do not mean that it has finished."""
    _has_plain: bool = False
    """Whether text or reasoning came without a finish_reason: this server does not put it on every chunk."""
    _latest: float = float("-inf")
    begun_at: float | None = None
    """When the first text or reasoning came."""

    @property
    def deadline(self) -> float:
        """When silence means that nothing more will come."""
        if self._finish_reason is not None and self.has_text and not self._goes_on:
            afterword = AFTERWORD.total_seconds() if self._has_plain else self.stall_timeout
            return self._finished_at + min(afterword, self.stall_timeout)
        until = self._latest + self.stall_timeout
        return until if self.has_begun else max(self.begin_by, until)

    def take(self, piece: Piece, *, now: float) -> None:
        """Note what one piece says about the stream."""
        self._latest = now
        self.is_alive = True
        if piece.usage:
            self.usage, self.is_counted = piece.usage, True
        elif piece.text:
            self.is_counted = False
        if piece.text or piece.reasoning or piece.is_reasoning:
            self._goes_on = self._goes_on or self._finish_reason is not None
            self._has_plain = self._has_plain or piece.finish_reason is None
            self._finish_reason = None
            self.has_begun = True
            self.begun_at = now if self.begun_at is None else self.begun_at
            if piece.text:
                self.first_text_at = self.first_text_at if self.has_text else now
                self.has_text = True
                self.pieces += piece.events
        if piece.finish_reason is not None:
            self._finished_at = now if self._finish_reason is None else self._finished_at
            self._finish_reason = piece.finish_reason

    def after_done(self) -> Ending:
        """Judge a stream whose server said that it is over.

        Raises:
            ModelFailed: If there is no answer.
        """
        return self._whole()

    def after_end(self) -> Ending:
        """Judge a stream that just ended.

        Raises:
            ModelFailed: If it broke off.
        """
        if self._finish_reason is None:
            raise ModelFailed(Failure.INCOMPLETE, broke_off=True, worth_retrying=True)
        return self._whole()

    def after_silence(self) -> Ending:
        """Judge a stream from which nothing came until the deadline.

        Raises:
            ModelFailed: If the model may have had more to say.
        """
        if self._finish_reason is None or self._goes_on:
            raise ModelFailed(Failure.TIMEOUT, broke_off=self.has_begun, worth_retrying=self.has_begun)
        return self._whole()

    def after_error(self, failed: ModelFailed) -> Ending:
        """Judge a stream that failed: after a last word only token counts are missing.

        Raises:
            ModelFailed: If more than that may be missing.
        """
        if self._finish_reason is None or self._goes_on or not (self._has_plain and self.has_text):
            raise failed
        return self._whole()

    def _whole(self) -> Ending:
        if not self.has_text:
            raise self._empty()
        return Ending(self._finish_reason or STOP, self.usage)

    def _empty(self) -> ModelFailed:
        """An answer without text. A model that said why it stopped had its say, and it was paid for."""
        for known, failure in ((FILTERED, Failure.CONTENT_FILTERED), (TOO_LONG, Failure.CONTEXT_TOO_LONG)):
            if known.search(self._finish_reason or ""):
                return ModelFailed(failure, broke_off=False)
        said_nothing = self._finish_reason is None
        return ModelFailed(Failure.INCOMPLETE, broke_off=False, worth_retrying=said_nothing)
