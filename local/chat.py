"""Asks one question and shows the answer as it arrives; what is said about it goes to standard error, dim."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

import httpx
from rich.console import Console
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect
from websockets.typing import Origin

from local.answer import Answer, Gap
from local.tokens import token_for
from local.trouble import CannotAsk

if TYPE_CHECKING:
    from local.endpoints import Endpoints


class Socket(Protocol):
    """What a conversation needs of a WebSocket."""

    def recv(self, timeout: float | None = None) -> str | bytes: ...
    def send(self, message: str) -> None: ...


PATIENCE = 20.0  # Seconds of silence after which we look whether we missed the end.
ENDS = ("completed", "failed", "cancelled")

# An answer is text: it must not move the cursor or change the terminal's title.
CONTROLS = dict.fromkeys({*range(32), *range(127, 160)} - {ord("\n"), ord("\t")}, "\N{REPLACEMENT CHARACTER}")

Json = dict[str, Any]


def ask(prompt: str, *, user: str, endpoints: Endpoints) -> None:
    """Ask, and show the whole answer.

    Raises:
        CannotAsk: If the system does not answer, does not accept the prompt, or the answer failed.
    """
    token = token_for(user, secret=endpoints.jwt_secret, now=datetime.now(UTC), lifetime=timedelta(hours=1))
    headers = {"Authorization": f"Bearer {token}", "Origin": endpoints.origin}
    url = httpx.URL(endpoints.websocket_url, params={"user_id": user, "token": token})
    try:
        with (
            connect(str(url), origin=Origin(endpoints.origin), proxy=None) as socket,
            httpx.Client(base_url=endpoints.http_url, headers=headers, trust_env=False, timeout=30) as http,
        ):
            Conversation(socket=socket, http=http).have(prompt, user=user)
    except (OSError, WebSocketException, httpx.HTTPError) as error:
        raise CannotAsk(f"The system did not answer ({error}): see `python -m local status`.") from error


@dataclass(kw_only=True)
class Conversation:
    """One prompt and its answer, over a socket that is open already."""

    socket: Socket
    http: httpx.Client
    console: Console = field(
        default_factory=lambda: Console(stderr=True, style="dim", highlight=False, markup=False)
    )
    answer: Answer = field(default_factory=Answer)

    def have(self, prompt: str, *, user: str) -> None:
        asked = {"user_id": user, "chat_id": "terminal", "prompt": prompt}
        accepted = _content(self.http.post("/api/chat/generate-response", json=asked))
        generation, status = accepted["generation_id"], accepted["status"]
        self.console.print(f"{status}: generation {generation}")
        try:
            while status not in ENDS:
                status = self._listen(generation) or status
        finally:
            print()

    def _listen(self, generation: str) -> str | None:
        """Take in the next message, or after a long silence what can be read; return the status it tells."""
        try:
            message = json.loads(self.socket.recv(timeout=PATIENCE))
        except TimeoutError:
            self.socket.send('{"type":"heartbeat"}')
            return self._look_up(generation)
        if message.get("generation_id") != generation:
            return None
        self._hear(message)
        status: str | None = message.get("status")
        return status

    def _hear(self, message: Json) -> None:
        match message:
            case {"type": "llm_frame", "frame": {"delta": text, "offset": offset}, "attempt": attempt}:
                self._show(text, offset=offset, attempt=attempt)
            case {"type": "llm_response", "data": {"length": length}, "generation_id": generation}:
                if self.answer.length < length:
                    self._look_up(generation)
            case {"type": "llm_error", "error": sentence, "code": code}:
                raise CannotAsk(f"There is no answer ({code}): {sentence}")
            case {"type": "llm_status", "status": status, "message": words}:
                self.console.print(f"\n{status}: {words}" if status in ENDS else f"{status}: {words}")

    def _show(self, text: str, *, offset: int, attempt: int) -> None:
        earlier = self.answer.attempt
        try:
            new = self.answer.take(text, offset=offset, attempt=attempt)
        except Gap:
            return  # What is missing, and this, will be looked up at the end.
        if 0 < earlier < self.answer.attempt:
            self.console.print(f"\nstarting again, attempt {attempt}")
        sys.stdout.write(new.translate(CONTROLS))
        sys.stdout.flush()

    def _look_up(self, generation: str) -> str:
        """Read over HTTP what the socket did not bring, and return where the generation is."""
        position = {"offset": self.answer.length, "attempt": self.answer.attempt}
        state = _content(self.http.get(f"/api/chat/generations/{generation}", params=position))
        self._show(state["text"], offset=state["offset"], attempt=state["attempt"])
        if state["error"]:
            raise CannotAsk(f"There is no answer ({state['code']}): {state['error']}")
        return str(state["status"])


def _content(response: httpx.Response) -> Json:
    content: Json = response.json()
    if response.is_error:
        raise CannotAsk(f"The system refused ({response.status_code}): {content.get('detail') or content}")
    return content
