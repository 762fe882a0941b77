"""One short answer, listened to from its prompt to its end; several checks look at it."""

from __future__ import annotations

import asyncio
import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from framestream.errors import FrameStreamError
from tools.smoke.calls import api_of
from tools.smoke.findings import FailedError
from tools.smoke.sockets import opened

if TYPE_CHECKING:
    from tools.smoke.site import Site
    from tools.smoke.sockets import Socket

PROMPT = "Write two short sentences about otters."
CHAT = "smoke"
PROMPTS = "/api/chat/generate-response"
ANSWER_SECONDS = 90.0
FINAL = {"completed", "failed", "cancelled"}


@dataclass(slots=True, kw_only=True)
class Answered:
    """What was submitted, and every message about it, as the socket brought them."""

    key: str
    generation_id: str
    messages: list[dict[str, Any]] = field(default_factory=list)
    largest: int = 0
    first_text_seconds: float | None = None

    @property
    def last_attempt(self) -> list[dict[str, Any]]:
        """The messages of the attempt that counts."""
        latest = max((message["attempt"] for message in self.messages), default=1)
        return [message for message in self.messages if message["attempt"] == latest]

    @property
    def statuses(self) -> list[str]:
        return [message["status"] for message in self.last_attempt if message["type"] == "llm_status"]

    @property
    def frames(self) -> list[dict[str, Any]]:
        """The frames that carry text, in the order in which they came."""
        frames = [message["frame"] for message in self.last_attempt if message["type"] == "llm_frame"]
        return [frame for frame in frames if frame.get("status") == "streaming"]

    @property
    def text(self) -> str:
        return "".join(frame["delta"] for frame in self.frames)

    @property
    def response(self) -> dict[str, Any] | None:
        data = [message["data"] for message in self.last_attempt if message["type"] == "llm_response"]
        return data[-1] if data else None

    @property
    def error(self) -> dict[str, Any] | None:
        errors = [message for message in self.last_attempt if message["type"] == "llm_error"]
        return errors[-1] if errors else None


def request_of(site: Site, prompt: str = PROMPT) -> dict[str, str]:
    """Return the body of a prompt."""
    return {"user_id": site.user_id, "chat_id": CHAT, "prompt": prompt}


async def answered(site: Site) -> Answered:
    """Submit the prompt and listen to its end; only once for all checks.

    Raises:
        FailedError: If it was not accepted, or no end was told in time.
    """
    if site.memory.answered is None:
        async with opened(site) as socket:
            await socket.say("heartbeat")
            site.memory.answered = await _asked(site)
            await _listen(socket, site.memory.answered)
    return site.memory.answered


async def submitted(site: Site, *, key: str) -> str:
    """Submit the prompt under a key and return the generation's id.

    Raises:
        FrameStreamError: If it was not accepted.
    """
    accepted = await api_of(site).submit(PROMPTS, request_of(site), key=key)
    return str(accepted["generation_id"])


async def _asked(site: Site) -> Answered:
    key = str(uuid.uuid4())
    try:
        generation_id = await submitted(site, key=key)
    except FrameStreamError as error:
        raise FailedError(f"The prompt was not accepted ({error.code}): {error}") from error
    return Answered(key=key, generation_id=generation_id)


async def _listen(socket: Socket, answer: Answered) -> None:
    begun = time.monotonic()
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            while not answer.statuses or answer.statuses[-1] not in FINAL:
                message = await socket.next()
                if "attempt" in message and message.get("generation_id") == answer.generation_id:
                    answer.messages.append(message)
                    if answer.first_text_seconds is None and answer.frames:
                        answer.first_text_seconds = time.monotonic() - begun
    except (TimeoutError, FailedError) as error:
        heard = ", ".join(answer.statuses) or "nothing"
        raise FailedError(
            f"No end of the answer was told; heard of it: {heard}. {_hint(answer)} {error}".strip()
        ) from error
    finally:
        answer.largest = socket.largest


def _hint(answer: Answered) -> str:
    if not answer.statuses:
        return "Does a worker run (its log, the alarm WaitingPrompts), and may it post to sockets?"
    return "The worker's log has the generation's id."
