"""The load client, a process of its own: users with open sockets who all post at the same moment.

Reads a plan as JSON on standard input, and writes what it saw as JSON on standard output. While answers come
it only notes times; it looks into the messages when all is over.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import jwt

from benchmarks.load.http_post import UnexpectedAnswer, get, post
from benchmarks.load.matching import match
from benchmarks.load.transcript import FINAL, Transcript, message_in, transcripts
from benchmarks.load.websocket import HandshakeRefused, Socket, open_socket
from benchmarks.model.script import Script

if TYPE_CHECKING:
    from collections.abc import Mapping

ACCEPTED = 202
FAILED = -1
HANDSHAKES_AT_ONCE = 8
SETTLE = 1.0
"""Seconds between the last handshake and the posts: what handshakes cost is not measured here."""
ENDINGS = [f'"status":"{ending}"'.encode() for ending in FINAL]


@dataclass(slots=True, kw_only=True)
class User:
    """One user with a prompt and some sockets."""

    name: str
    token: str
    script: Script
    sockets: list[Socket] = field(default_factory=list)
    posted: int = 0
    status: int = 0
    generation_id: str = ""

    async def open(self, stack: Mapping[str, str], turn: asyncio.Semaphore) -> asyncio.Task[None] | None:
        query = urlencode({"user_id": self.name, "token": self.token})
        url = f"{stack['websocket_url']}?{query}"
        async with turn:
            try:
                socket, reading = await open_socket(url, origin=stack["origin"])
            except (HandshakeRefused, OSError, asyncio.IncompleteReadError) as error:
                print(f"{self.name} has a socket less: {error}", file=sys.stderr)
                return None
        socket.send(b'{"type":"heartbeat"}')
        self.sockets.append(socket)
        return reading

    async def ask(self, stack: Mapping[str, str]) -> None:
        content = {"user_id": self.name, "chat_id": uuid.uuid4().hex, "prompt": self.script.prompt}
        headers = {"Authorization": f"Bearer {self.token}", "Origin": stack["origin"]}
        self.posted = time.monotonic_ns()
        url = f"{stack['http_url']}/api/chat/generate-response"
        try:
            self.status, answer = await post(url, content, headers)
            self.generation_id = answer.get("generation_id", "")
        except (UnexpectedAnswer, OSError, asyncio.IncompleteReadError) as error:
            self.status = FAILED
            print(f"{self.name} could not post: {error}", file=sys.stderr)

    @property
    def has_heard_the_end(self) -> bool:
        return self.status not in {0, ACCEPTED} or all(map(_has_an_end, self.sockets))

    def show_what_is_no_message(self) -> None:
        for socket in self.sockets:
            for _, data in socket.messages:
                if not message_in(data):
                    print(f"{self.name} got what is no message: {data[:200]!r}", file=sys.stderr)

    def seen(self, calls: Mapping[str, Mapping[str, Any]], *, sockets: int) -> list[dict[str, Any]]:
        """Return one row for each socket, also for those that did not open."""
        heard = [transcripts(socket.messages) for socket in self.sockets]
        heard += [{}] * (sockets - len(heard))
        return [self._row(found, calls) for found in heard]

    def _row(self, found: Mapping[str, Transcript], calls: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        heard = found.get(self.generation_id, Transcript())
        call = calls.get(f"{self.script.key}-{max(heard.attempt, 1)}")
        row = {"status": self.status, "ending": heard.ending, "frames": heard.frames, "gaps": heard.gaps}
        if call is None or heard.first_text_at is None:
            return row
        found_again = match(heard.text, heard.arrivals, call["text"])
        own = call["first_sent"] - call["asked"]
        return row | {
            "first_text": (heard.first_text_at - self.posted - own) / 1e9,
            "attempt": heard.attempt,
            "lost": found_again.lost,
            "doubled": found_again.doubled,
            "disordered": found_again.disordered,
            "foreign": found_again.foreign,
            "delays": found_again.delays,
        }


def _has_an_end(socket: Socket) -> bool:
    return bool(socket.messages) and any(ending in _compact(socket.messages[-1][1]) for ending in ENDINGS)


def _compact(message: bytes) -> bytes:
    return message.replace(b'": "', b'":"')


async def run(plan: dict[str, Any]) -> list[dict[str, Any]]:
    """Play one plan."""
    stack, turn = plan["stack"], asyncio.Semaphore(HANDSHAKES_AT_ONCE)
    users = [_user(Script(**script), stack["jwt_secret"]) for script in plan["scripts"]]
    opening = [user.open(stack, turn) for _ in range(plan["sockets"]) for user in users]
    reading = await asyncio.gather(*opening)
    await asyncio.sleep(SETTLE)
    gc.disable()
    await asyncio.gather(*(user.ask(stack) for user in users))
    with suppress(TimeoutError):  # What has not come by then is missing from the rows.
        await asyncio.wait_for(_all_ended(users), plan["seconds"])
    for task in filter(None, reading):
        task.cancel()
    for user in users:
        user.show_what_is_no_message()
    calls = {call["key"]: call for call in await get(f"{plan['model_url']}/calls")}
    return [row for user in users for row in user.seen(calls, sockets=plan["sockets"])]


async def _all_ended(users: list[User]) -> None:
    while not all(user.has_heard_the_end for user in users):  # noqa: ASYNC110  an event would cost each message
        await asyncio.sleep(0.1)


def _user(script: Script, secret: str) -> User:
    name, now = f"user-{script.key}", int(time.time())
    token = jwt.encode({"sub": name, "iat": now, "exp": now + 3600}, secret, "HS256")
    return User(name=name, token=token, script=script)


if __name__ == "__main__":
    json.dump(asyncio.run(run(json.load(sys.stdin))), sys.stdout)
