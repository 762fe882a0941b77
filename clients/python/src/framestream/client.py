"""The client: one connection for all of a user's answers, and the calls to start, follow and cancel them."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Self

import httpx

from framestream.address import base_url
from framestream.api import Api
from framestream.backoff import Reconnect
from framestream.chat_sync import ChatSync
from framestream.chats import Chats
from framestream.codes import MALFORMED
from framestream.conversation import Conversation
from framestream.dispatcher import Dispatcher
from framestream.errors import Refused
from framestream.reconnecting_socket import ReconnectingSocket
from framestream.retry import Retry
from framestream.submission import Submission
from framestream.tokens import TIMEOUT, Tokens, TokenSource, user_of
from framestream.websocket_messages import SocketOptions

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from framestream.connection import Phase
    from framestream.generation import Generation
    from framestream.progress import Json

USAGE = "/api/chat/usage"
REQUEST_TIMEOUT = 30.0
"""Seconds; API Gateway's own limit on a function."""


class FrameStreamClient:
    """Follows the answers of one user. Use it with `async with`, in one event loop.

    Args:
        http_url: The deployment's HTTP API, the stack's output HttpUrl.
        get_token: A token, or a function (plain or async) that returns one. It is called again when the
            server refuses the present token, and before a socket expires. A plain function is called in
            a thread of its own.
        user_id: The user; by default, the user in the token.
        origin: The `Origin` to send; the deployment must allow it. Required unless the deployment sets
            `allow_missing_origin`.
        reconnect: Backoff and retry limits. Only a fatal refusal ends reconnecting.
        heartbeat: Seconds of silence after which a ping is sent; API Gateway closes a socket after 600.
        timeout: Seconds to wait for an HTTP connection, a handshake, or the answer to a ping.
        stall_timeout: Seconds without a message about an unfinished answer after which it is fetched.
        token_timeout: Seconds to wait for `get_token`.
        trust_env: Whether the proxy is taken from the environment.
        on_state: Called with the connection's phase, and a code and a reason if there is one, whenever the
            state changes. Its exceptions are logged.

    Raises:
        Misused: If `http_url` is not a valid HTTP address.
    """

    def __init__(  # noqa: PLR0913  one option each, all with a default
        self,
        http_url: str,
        get_token: TokenSource,
        *,
        user_id: str | None = None,
        origin: str | None = None,
        reconnect: Reconnect | None = None,
        heartbeat: float = 540.0,
        timeout: float = 10.0,
        stall_timeout: float = 10.0,
        token_timeout: float = TIMEOUT,
        trust_env: bool = True,
        on_state: Callable[[Phase, int | str | None, str], object] = lambda *_: None,
    ) -> None:
        reconnect = reconnect or Reconnect()
        self._user_id = user_id
        self._tokens = Tokens(get_token, timeout=token_timeout)
        self._http = httpx.AsyncClient(
            base_url=base_url(http_url),
            headers={"Origin": origin} if origin else {},
            timeout=httpx.Timeout(REQUEST_TIMEOUT, connect=timeout),
            trust_env=trust_env,
        )
        self._api = api = Api(self._http, self._tokens)
        retry = Retry(reconnect.backoff, reconnect.longest_retry_after)
        self._dispatcher = Dispatcher(api, retry, stall_timeout=stall_timeout, on_state=on_state)
        self._socket = ReconnectingSocket(
            self._dispatcher,
            ticket=lambda fresh: api.ticket(fresh_token=fresh),
            options=SocketOptions(
                origin=origin,
                heartbeat=heartbeat,
                timeout=timeout,
                trust_env=trust_env,
                reconnect=reconnect,
            ),
        )
        self._dispatcher.socket = self._socket
        self.chats = Chats(self._dispatcher)
        """The user's chats: list, messages, rename, delete, and the queue of each."""

    async def __aenter__(self) -> Self:
        """Connect. After a failed first attempt, retry in the background; answers are fetched meanwhile.

        Raises:
            Refused: If the server refuses this user for good.
            Misused: If no asyncio loop is running, or the client was opened before.
        """
        self._dispatcher.open()
        try:
            await self._socket.open()
            self._dispatcher.check_refusal()
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connection and stop following. The server continues the answers."""
        if self._dispatcher.is_open:
            self._dispatcher.check()
            await self._socket.close()
            await self._dispatcher.close()
        await self._tokens.close()
        await self._http.aclose()

    @property
    def phase(self) -> Phase:
        """The state of the connection."""
        return self._socket.phase

    @property
    def connection_id(self) -> str | None:
        """The server's id of the socket in use."""
        return self._socket.connection_id

    async def generate(  # noqa: PLR0913  one option each, all with a default
        self,
        chat_id: str,
        prompt: str,
        *,
        model: str | None = None,
        parent_id: str | None = None,
        on_busy: str | None = None,
        on_stale: str | None = None,
        response_format: Json | None = None,
        attachments: Sequence[str] | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109  without one, it waits for the network for ever
    ) -> Generation:
        """Submit a prompt, and follow its answer.

        The call is retried until the server accepts or refuses it. After `timeout` seconds, or when the
        call is cancelled, retrying stops; if the prompt was accepted after all, its answer is cancelled.

        Args:
            chat_id: The chat, which the model remembers.
            prompt: The question.
            model: One of the deployment's models; by default, its first one.
            parent_id: The answer that it follows, or `"root"`; by default, the latest one.
            on_busy: What to do while the chat has a running answer: `"reject"` (the default), `"queue"`, or
                `"interrupt"` it.
            on_stale: What to do if the parent is not the latest answer any more: `"fork"` (the default) or
                `"reject"`.
            response_format: The form in which the answer is wanted: `{"type": "json_object"}`, or
                `{"type": "json_schema", "json_schema": {"name": ..., "schema": ...}}`; by default, any text.
            attachments: Ids that `client.chats.attach` gave for the same chat.
            idempotency_key: Names this prompt, so that repeating the call does not ask twice.
            timeout: Seconds to wait for acceptance.

        Raises:
            FrameStreamError: If the prompt was refused: `busy`, `stale_parent`, `budget_exceeded`, ...
            TimeoutError: If the prompt was not accepted in time.
        """
        given = {"model": model, "parent_id": parent_id, "on_busy": on_busy, "on_stale": on_stale}
        enclosed = {"response_format": response_format, "attachments": attachments and list(attachments)}
        request = {"chat_id": chat_id, "prompt": prompt, **given, **enclosed}
        return await self._submitted("/api/chat/generate-response", request, idempotency_key, timeout)

    async def regenerate(
        self,
        generation_id: str,
        *,
        model: str | None = None,
        on_busy: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109  as above
    ) -> Generation:
        """Have the question of an answer answered once more, beside that answer. Options as in `generate`.

        Raises:
            FrameStreamError: If the server refused.
            TimeoutError: If it was not accepted in time.
        """
        path = f"/api/chat/generations/{generation_id}/regenerate"
        return await self._submitted(path, {"model": model, "on_busy": on_busy}, idempotency_key, timeout)

    async def conversation(self, chat_id: str) -> Conversation:
        """Read a chat, and keep it up to date. A chat that does not exist yet is empty.

        Raises:
            FrameStreamError: If the server refused.
        """
        self._dispatcher.request_socket()
        sync = ChatSync(chat_id, self.chats, self._dispatcher)
        self._dispatcher.chats.add(sync)
        conversation = Conversation(sync, self, self._dispatcher)
        try:
            await conversation.load()
        except BaseException:
            conversation.close()
            raise
        return conversation

    async def usage(self) -> Json:
        """What the user has used of the budget, for `day` and `month`: tokens and money, limits, and when
        they begin anew. Money is in millionths of a dollar.

        Raises:
            FrameStreamError: If the server refused.
        """
        self._dispatcher.check_open()
        work = self._dispatcher.retry.until_answered(lambda: self._api.call("GET", USAGE), "usage")
        return await self._dispatcher.until_closed(work)

    def generation(self, generation_id: str) -> Generation:
        """Follow an answer that was requested before, by its id."""
        self._dispatcher.request_socket()
        return self._dispatcher.follow(generation_id)

    async def cancel(self, generation_id: str) -> None:
        """Cancel an answer, by its id.

        Raises:
            FrameStreamError: If the server refused.
        """
        self._dispatcher.check_open()
        await self._dispatcher.cancel(generation_id)

    async def messages(self) -> AsyncIterator[Json]:
        """Yield every message from now on, about all of the user's answers, as the server sent it."""
        self._dispatcher.check()
        queue = self._dispatcher.add_listener()
        try:
            while (message := await queue.get()) is not None:
                yield message
        finally:
            self._dispatcher.remove_listener(queue)

    async def _submitted(
        self,
        path: str,
        request: Json,
        key: str | None,
        timeout: float | None,  # noqa: ASYNC109  the caller's own limit
    ) -> Generation:
        self._dispatcher.request_socket()
        self._dispatcher.submissions += 1
        try:
            given = {name: value for name, value in request.items() if value is not None}
            key = str(uuid.uuid4()) if key is None else key
            submission = Submission(self._dispatcher, path, given, key, self._user)
            accepted = await submission.accepted(timeout=timeout)
            self._dispatcher.check_open()
            generation = self._dispatcher.follow(accepted["generation_id"])
            generation.accepted = accepted
            return generation
        finally:
            self._dispatcher.submission_done()

    async def _user(self) -> str:
        if self._user_id is None:
            self._user_id = user_of(await self._tokens.current())
        if self._user_id is None:
            raise Refused("The token does not say whose it is: give a user_id.", code=MALFORMED)
        return self._user_id
