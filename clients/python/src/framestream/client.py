"""The front door: one connection for all of a user's answers, and the calls that start them."""

from __future__ import annotations

import asyncio
import uuid
from typing import TYPE_CHECKING, Self

import httpx

from framestream.api import Api
from framestream.codes import FATAL
from framestream.connection import Phase, Reconnect
from framestream.errors import Disconnected, Refused
from framestream.generation import Generation
from framestream.lifeline import Lifeline
from framestream.tokens import Tokens, TokenSource, user_of
from framestream.wire import Habits

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from framestream.progress import Json


class FrameStreamClient:
    """Follows the answers of one user.

    Args:
        http_url: The deployment's HTTP API.
        get_token: A token, or a function (of either kind) that gives one; it is called again when the
            server refuses the present one, and shortly before a socket's end.
        user_id: Who asks. Without it, it is read from the token.
        origin: What to send as `Origin`; the deployment must allow it.
        reconnect: How stubbornly to reconnect.
        heartbeat: Seconds of silence after which a sign of life is sent.
        patience: Seconds that the server may take to answer one, or a handshake.
        stall_timeout: Seconds without a word about an unfinished answer after which it is fetched.
        trust_env: Whether the environment names the proxy to use.
        on_connection: Told how the connection is: its phase, and a code and a sentence if there is a reason.
    """

    def __init__(  # noqa: PLR0913  one option each, all with a default
        self,
        http_url: str,
        get_token: TokenSource,
        *,
        user_id: str | None = None,
        origin: str | None = None,
        reconnect: Reconnect | None = None,
        heartbeat: float = 55.0,
        patience: float = 10.0,
        stall_timeout: float = 15.0,
        trust_env: bool = True,
        on_connection: Callable[[Phase, int | str | None, str], object] = lambda *_: None,
    ) -> None:
        self._tokens = Tokens(get_token)
        self._user_id = user_id
        self._stall_timeout = stall_timeout
        self._on_connection = on_connection
        headers = {"Origin": origin} if origin else {}
        self._http = httpx.AsyncClient(
            base_url=http_url, headers=headers, timeout=max(30.0, patience), trust_env=trust_env
        )
        self._api = Api(self._http, self._tokens)
        self._lifeline = Lifeline(
            self,
            ticket=lambda fresh: self._api.ticket(fresh_token=fresh),
            habits=Habits(
                origin=origin,
                heartbeat=heartbeat,
                patience=patience,
                trust_env=trust_env,
                reconnect=reconnect or Reconnect(),
            ),
        )
        self._generations: dict[str, Generation] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._asking = 0
        self._early: list[Json] = []
        self._audience: set[asyncio.Queue[Json | None]] = set()
        self._over: Refused | None = None
        self._is_closed = False

    async def __aenter__(self) -> Self:
        """Connect.

        Raises:
            Refused: If the server lets this user in neither now nor later.
        """
        await self._lifeline.open()
        refusal = self._over
        if refusal and refusal.code in FATAL:
            await self.close()
            raise refusal
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Stop following. The server goes on with what it was asked."""
        self._is_closed = True
        await self._lifeline.close()
        for generation in list(self._generations.values()):
            generation.fail(Disconnected("The client was closed."))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for queue in self._audience:
            queue.put_nowait(None)
        await self._http.aclose()

    @property
    def phase(self) -> Phase:
        """How the connection is."""
        return self._lifeline.phase

    @property
    def connection_id(self) -> str | None:
        """The server's name for the socket in use."""
        return self._lifeline.connection_id

    async def generate(
        self, chat_id: str, prompt: str, *, model: str | None = None, idempotency_key: str | None = None
    ) -> Generation:
        """Hand in a prompt, and follow its answer.

        Raises:
            FrameStreamError: If it was not accepted.
        """
        request = {"user_id": await self._user(), "chat_id": chat_id, "prompt": prompt}
        if model is not None:
            request["model"] = model
        self._wake()
        self._asking += 1
        try:
            accepted = await self._api.submit(request, key=idempotency_key or str(uuid.uuid4()))
            return self.generation(accepted["generation_id"])
        finally:
            self._asking -= 1
            if not self._asking:
                self._early.clear()

    def generation(self, generation_id: str) -> Generation:
        """Follow an answer that was asked for before, by its id."""
        self._wake()
        if generation_id in self._generations:
            return self._generations[generation_id]
        generation = Generation(generation_id, self, stall_timeout=self._stall_timeout)
        self._generations[generation_id] = generation
        for message in self._early:
            if message.get("generation_id") == generation_id:
                generation.take(message)
        task = asyncio.create_task(self._follow(generation))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return generation

    async def messages(self) -> AsyncIterator[Json]:
        """Yield every message from now on, of all of the user's answers, as the server sent it."""
        queue: asyncio.Queue[Json | None] = asyncio.Queue()
        self._audience.add(queue)
        try:
            while (message := await queue.get()) is not None:
                yield message
        finally:
            self._audience.discard(queue)

    def _wake(self) -> None:
        """Somebody waits again, so a connection that was given up gets another chance."""
        if self._is_closed:
            raise Disconnected("The client is closed.")
        self._lifeline.want()

    async def _follow(self, generation: Generation) -> None:
        try:
            await generation.follow()
        finally:
            self._generations.pop(generation.id, None)

    async def _user(self) -> str:
        if self._user_id is None:
            self._user_id = user_of(await self._tokens.current())
        if self._user_id is None:
            raise Refused("The token does not say whose it is: give a user_id.", code=4000)
        return self._user_id

    # What the connection tells, and what the answers ask for.

    def on_message(self, message: Json) -> None:
        for queue in self._audience:
            queue.put_nowait(message)
        generation = self._generations.get(str(message.get("generation_id")))
        if generation:
            if generation.take(message):
                self._lifeline.prove()
        elif self._asking:
            self._early.append(message)

    def on_phase(self, phase: Phase) -> None:
        if phase is not Phase.CLOSED:
            self._over = None
        for generation in self._generations.values():
            generation.reconsider()
        self._on_connection(phase, None, "")

    @property
    def is_busy(self) -> bool:
        return bool(self._asking or self._generations)

    def on_report(self, code: int | str, reason: str) -> None:
        if self.is_over:
            self._over = Refused(reason, code=code)
        self._on_connection(self.phase, code, reason)

    @property
    def is_connected(self) -> bool:
        return self.phase is Phase.OPEN

    @property
    def is_over(self) -> bool:
        return self.phase is Phase.CLOSED

    async def read(self, generation_id: str, *, offset: int, attempt: int) -> Json:
        return await self._api.read(generation_id, offset=offset, attempt=attempt)

    async def cancel(self, generation_id: str) -> None:
        """Ask for the end of an answer, by its id."""
        await self._api.cancel(generation_id)
