"""The messages of an answer that are the same for all: what is asked, how far it is, why it failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from functions.worker.message_sizes import fits

if TYPE_CHECKING:
    from collections.abc import Callable

    from functions.shared.generations.failures import Failure
    from functions.shared.generations.model import Generation
    from functions.shared.wire.messages import (
        ChatEvent,
        GenerationMessage,
        LlmFrame,
        LlmStatus,
        OfGeneration,
        StatusWord,
        ThinkingFrame,
    )

Content: TypeAlias = "Callable[[OfGeneration], GenerationMessage | ChatEvent]"
"""Completes a message with the fields that all have."""


def status_message(status: StatusWord, message: str) -> Content:
    """Tell how far an answer is."""

    def content(about: OfGeneration) -> LlmStatus:
        # `about` never has the field that LlmStatus alone may have.
        return {"type": "llm_status", "status": status, "message": message, **about}  # type: ignore[typeddict-item]

    return content


def question_messages(generation: Generation, prompt: str) -> tuple[Content, ...]:
    """Tell what is being answered; nothing in records of older releases, which belong to no chat."""
    if not generation.prompt_id:
        return ()

    def event(about: OfGeneration) -> ChatEvent:
        told: ChatEvent = {
            "type": "chat_message",
            "user_id": about["user_id"],
            "chat_id": about["chat_id"],
            "version": generation.chat_version,
            "event": "regenerate" if generation.is_regenerated else "prompt",
            "message_id": generation.prompt_id,
            "parent_id": generation.parent_id or None,
            "generation_id": generation.generation_id,
            "text": prompt if fits(len(prompt), {"text": prompt}) else None,
            "title": None,
            "timestamp": about["timestamp"],
        }
        if generation.attachments and not generation.is_regenerated:
            told["attachments"] = list(generation.attachments)
        return told

    return (event,)


def error_message(failure: Failure) -> Content:
    """Tell why there is no answer."""
    return lambda about: {
        "type": "llm_error",
        "error": failure.sentence,
        "code": failure.code,
        "retryable": failure.retryable,
        **about,
    }


def _thinking(about: OfGeneration) -> LlmFrame:
    frame: ThinkingFrame = {"status": "thinking", "message": "Thinking …", "progress": "indeterminate"}
    return {"type": "llm_frame", "frame": frame, **about}


OPENING: tuple[Content, ...] = (
    status_message("started", "Your request was picked up."),
    status_message("processing", "Your request is being worked on."),
    status_message("thinking", "Thinking …"),
    _thinking,
)
STREAMING = status_message("streaming", "The answer is coming in.")
