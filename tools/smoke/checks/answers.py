"""Checks of answers: a prompt is accepted once, its text arrives whole, and it can be cancelled."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from framestream import FrameStreamClient
from framestream.errors import FrameStreamError
from tools.smoke.answers import ANSWER_SECONDS, CHAT, answered, submitted
from tools.smoke.calls import api_of
from tools.smoke.findings import FailedError, NotApplicableError

if TYPE_CHECKING:
    from framestream import Generation
    from tools.smoke.answers import Answered
    from tools.smoke.site import Site

ORDER = ["started", "processing", "thinking", "streaming", "completed"]
MESSAGE_BYTES = 32 * 1024
LONG_PROMPT = "Count from 1 to 1000 in words, one number to a line, without leaving any out."
CANCEL_SECONDS = 5.0
"""The model's call stops within two seconds; the rest is the way there and back."""
ADVICE = {
    "llm_rejected": "is the model's key in the secret LlmKeySecretArn, and llm_model right? "
    "Of Bedrock: may this account use the model in this Region?",
    "llm_unavailable": "is llm_base_url right, and does the provider answer?",
    "llm_rate_limited": "what may this key ask of its provider?",
    "expired": "no worker had it in time: is the account's Lambda concurrency used up?",
}


async def prompt(site: Site) -> str:
    """See that a prompt is accepted, and once only however often its key is repeated."""
    answer = await answered(site)
    again = await _repeated(site, answer)
    if again != answer.generation_id:
        raise FailedError(
            f"The same key and prompt became another generation: {again}, after {answer.generation_id}."
        )
    return f"A prompt is accepted as {answer.generation_id}, and its repetition is the same generation."


async def frames(site: Site) -> str:
    """See that the answer arrived on the socket: in order, whole, and in messages of the allowed size."""
    answer = await answered(site)
    if error := answer.error:
        code = str(error.get("code"))
        raise FailedError(f"The answer failed ({code}): {error.get('error')} {ADVICE.get(code, '')}".strip())
    if answer.statuses != ORDER:
        raise FailedError(f"The statuses came as {', '.join(answer.statuses)}, not as {', '.join(ORDER)}.")
    _check_offsets(answer)
    _check_response(answer)
    if answer.largest > MESSAGE_BYTES:
        raise FailedError(f"A message had {answer.largest:,} bytes; 32 KB are the most.")
    return (
        f"{len(answer.frames)} frames brought {len(answer.text)} characters, the first "
        f"{answer.first_text_seconds:.1f} s after the prompt."
    )


async def get(site: Site) -> str:
    """See that the answer can be read again, with the same text."""
    answer = await answered(site)
    state = await api_of(site).read(answer.generation_id)
    if state["status"] != "completed":
        raise FailedError(f"The answer is stored as {state['status']}, but its socket was told completed.")
    if state["text"] != answer.text:
        raise FailedError(
            f"The stored text has {len(state['text'])} characters and is not that of the frames "
            f"({len(answer.text)})."
        )
    return f"The answer is read again with its {len(answer.text)} characters."


async def cancel(site: Site) -> str:
    """See with our own client that an answer stops when it is cancelled, and stays cancelled."""
    async with FrameStreamClient(
        site.http_url, site.token, user_id=site.user_id, origin=site.origin, trust_env=not site.is_local
    ) as client:
        generation = await client.generate(CHAT, LONG_PROMPT, timeout=ANSWER_SECONDS)
        async with asyncio.timeout(ANSWER_SECONDS):
            async for _ in generation:
                break  # There is text, so the model is being read.
        began = time.monotonic()
        await generation.cancel()
        seconds = await _end(generation, began)
    state = await api_of(site).read(generation.id)
    if state["status"] != "cancelled":
        raise FailedError(f"The answer was cancelled, but it is stored as {state['status']}.")
    kept = len(state["text"])
    return f"An answer stopped {seconds:.1f} s after it was cancelled, with {kept} characters kept."


async def _end(generation: Generation, began: float) -> float:
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            result = await generation.result()
    except TimeoutError:
        raise FailedError(f"{ANSWER_SECONDS:g} s after it was cancelled, the answer has not ended.") from None
    seconds = time.monotonic() - began
    if result.status == "completed" and seconds <= CANCEL_SECONDS:
        raise NotApplicableError(
            "the model had finished before it could be stopped; its answers are too short"
        )
    if result.status != "cancelled" or seconds > CANCEL_SECONDS:
        raise FailedError(f"The answer ended as {result.status}, {seconds:.1f} s after it was cancelled.")
    return seconds


async def _repeated(site: Site, answer: Answered) -> str:
    try:
        return await submitted(site, key=answer.key)
    except FrameStreamError as error:
        raise FailedError(f"The repeated prompt is refused ({error.code}): {error}") from error


def _check_offsets(answer: Answered) -> None:
    position = 0
    for frame in answer.frames:
        if frame["offset"] != position:
            raise FailedError(f"A frame begins at {frame['offset']}, but {position} characters had come.")
        position += len(frame["delta"])


def _check_response(answer: Answered) -> None:
    response = answer.response
    if response is None:
        raise FailedError("The answer was completed without an llm_response.")
    if response.get("length") != len(answer.text) or response.get("response") not in {None, answer.text}:
        raise FailedError(
            f"llm_response says {response.get('length')} characters, the frames brought {len(answer.text)}."
        )
