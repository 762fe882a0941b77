"""A model behind any server that speaks OpenAI's chat completions, as a stream of plain pieces.

When to try again is the caller's to decide, except that a request of which the server refused an optional
part is sent again without that part, once for each.
"""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from functions.worker.chat_request import Shape, is_of_this_request, refused_parameter, request_body
from functions.worker.exchange import answer_to, is_refused
from functions.worker.gathering import tick_of
from functions.worker.model import Provider
from functions.worker.openai_client import openai_client
from functions.worker.provider_errors import RequestRejected, body_of, failed_by
from functions.worker.response_bodies import error_body
from functions.worker.retry_after import seconds_to_wait

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
    from contextlib import AbstractAsyncContextManager

    import aiohttp

    from functions.shared.models.row import ModelRow
    from functions.worker.conversation import Conversation
    from functions.worker.model import Piece, ReadSecret
    from functions.worker.openai_client import OpenAIClient
    from functions.worker.settings import ModelOptions, WorkerSettings

KEY_HEADERS = {"authorization", "api-key", "x-api-key", "ocp-apim-subscription-key"}
"""With one of these among the deployment's own headers, the key is not sent as well: Azure refuses both."""


def openai_model(row: ModelRow, settings: WorkerSettings, secret: ReadSecret) -> OpenAIModel:
    """Make one model of a deployment.

    Args:
        row: The model.
        settings: The deployment's, as they are for this model.
        secret: Reads a secret by its name or ARN.
    """
    # The key of one server is not shown to another.
    key_secret = row.key_secret or ("" if row.base_url else settings.llm_key_secret_arn)
    secrets = {header.name: header.secret for header in settings.llm_headers if header.secret}

    async def key() -> str:
        return await secret(key_secret)

    async def headers() -> dict[str, str]:
        return {name: await secret(arn) for name, arn in secrets.items()}

    return OpenAIModel(
        client=openai_client(
            base_url=settings.llm_base_url,
            key=key if key_secret and KEY_HEADERS.isdisjoint(map(str.lower, secrets)) else "",
            longest=settings.generation_timeout,
            headers={header.name: header.value for header in settings.llm_headers if not header.secret},
            query=dict(settings.llm_query),
        ),
        options=settings,
        parameters=row.parameters,
        takes_schemas=row.structured_output,
        secret_headers=headers,
        tick=tick_of(settings),
    )


async def _no_headers() -> Mapping[str, str]:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAIModel:
    """Asks a chat-completions server."""

    client: OpenAIClient
    options: ModelOptions = field(repr=False)
    parameters: tuple[tuple[str, object], ...] = field(default=(), repr=False)
    """What joins the body of each request."""
    takes_schemas: bool = True
    """Whether the server takes a JSON Schema for an answer; otherwise the prompt asks for it in words."""
    secret_headers: Callable[[], Awaitable[Mapping[str, str]]] = field(default=_no_headers, repr=False)
    """What is added to each request, and may change while we run."""
    tick: float = 0
    """Seconds between two reads of a stream that brings text; 0: each token is read as it comes."""
    _shapes: dict[str, Shape] = field(default_factory=dict, repr=False)
    """How requests to each model were written that the server took, for the worker's life."""

    async def pieces(self, conversation: Conversation, *, model: str) -> AsyncGenerator[Piece]:
        """Yield the pieces of an answer as the server sends them.

        Leaving the iterator early closes the connection, which is how a server learns to stop. A refusal that
        names a part of the request is answered by the same request without that part, once for each part.

        Raises:
            ModelFailed: If the server refused, failed, or broke off. A clean end is the caller's to judge.
        """
        shape = taken = self._shapes.get(model, self._first_shape())
        given_up = frozenset[str]()
        while True:
            body = request_body(conversation, model=model, options=self.options, shape=shape)
            body = {**dict(self.parameters), **body}
            try:
                answer = answer_to(partial(self._ask, body), check=_check, tick=self.tick)
                async with aclosing(answer) as pieces:
                    async for piece in pieces:
                        self._shapes[model] = taken
                        yield piece
            except RequestRejected as rejected:
                refused = refused_parameter(body, named=rejected.named, words=rejected.words)
                if rejected.broke_off or refused is None or refused in given_up:
                    raise
                given_up |= {refused}
                shape = shape.without(refused, words=rejected.words, given_up=given_up)
                if not is_of_this_request(refused, rejected.words):
                    taken = taken.without(refused, words=rejected.words, given_up=given_up)
            else:
                return

    def _first_shape(self) -> Shape:
        return Shape(form="json_schema" if self.takes_schemas else "text")

    async def _ask(self, body: dict[str, Any]) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        headers = await self.client.request_headers(await self.secret_headers())
        return self.client.post(body, headers)


async def _check(response: aiohttp.ClientResponse) -> None:
    if is_refused(response):
        raise failed_by(
            body_of(await error_body(response)),
            broke_off=False,
            status=response.status,
            retry_after=seconds_to_wait(response.headers, now=datetime.now(UTC)),
            error="ErrorStatus",
        )


def _trace_attributes(settings: WorkerSettings) -> dict[str, str]:
    return {
        "gen_ai.provider.name": "openai",
        "server.address": urlsplit(settings.llm_base_url).hostname or "",
    }


PROVIDER = Provider(make=openai_model, trace_attributes=_trace_attributes)
