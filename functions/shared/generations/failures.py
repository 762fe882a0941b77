"""Why an answer could not be given: the closed list of the wire contract.

The sentence is for people. Nothing that a provider said ever joins it.
"""

from __future__ import annotations

from enum import Enum


class Failure(Enum):
    """A word, the sentence that goes with it, and whether asking again may help."""

    def __init__(self, code: str, sentence: str, retryable: bool) -> None:  # noqa: FBT001
        self.code = code
        self.sentence = sentence
        self.retryable = retryable

    RATE_LIMITED = ("llm_rate_limited", "The model is busy right now. Please try again in a moment.", True)
    UNAVAILABLE = ("llm_unavailable", "The model cannot be reached right now. Please try again.", True)
    TIMEOUT = ("llm_timeout", "The model took too long to answer. Please try again.", True)
    REJECTED = ("llm_rejected", "The model did not accept this request.", False)
    INCOMPLETE = ("llm_incomplete", "The answer broke off before its end. Please try again.", True)
    CONTENT_FILTERED = ("content_filtered", "The model declined to answer this.", False)
    INVALID_OUTPUT = ("invalid_output", "The answer is not in the form that was asked for.", True)
    CONTEXT_TOO_LONG = ("context_too_long", "This is too long for the model. Please shorten it.", False)
    BUDGET_EXCEEDED = ("budget_exceeded", "Today's budget for answers is used up.", False)
    EXPIRED = ("expired", "This request waited too long and was not started. Please try again.", True)
    WORKER_LOST = ("worker_lost", "The answer was interrupted several times. Please try again.", True)
    INTERNAL = ("internal", "Something went wrong on our side. Please try again.", True)

    @classmethod
    def of(cls, code: str) -> Failure:
        """The failure with this code; INTERNAL for a word that is not on the list."""
        return next((failure for failure in cls if failure.code == code), cls.INTERNAL)
