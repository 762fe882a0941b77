"""A model behind any server that speaks OpenAI's chat completions, as a stream of plain pieces.

The SDK sends the request, once: when to try again is the caller's to decide. The answer is read here: the
SDK's typed chunks cost three times as much, it raises a bare JSONDecodeError on malformed events, and it says
nothing when a stream just ends.
"""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx2
import openai

from functions.shared.generations.failures import Failure
from functions.worker.chat_request import Defaults, Shape, refused_parameter, request_body
from functions.worker.chat_stream import pieces_of
from functions.worker.model import ModelFailed, Piece
from functions.worker.openai_client import openai_client
from functions.worker.provider_errors import RequestRejected, body_of, failed_by
from functions.worker.retry_after import seconds_to_wait

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping

    from functions.worker.settings import WorkerSettings

EXCHANGE = (httpx2.HTTPError, httpx2.StreamError, httpx2.InvalidURL)
KEY_HEADERS = {"authorization", "api-key", "x-api-key", "ocp-apim-subscription-key"}
"""With one of these among the deployment's own headers, the key is not sent as well: Azure refuses both."""


def openai_model(settings: WorkerSettings, secret: Callable[[str], Awaitable[str]]) -> OpenAIModel:
    """Make the model that a deployment has set up.

    Args:
        settings: The deployment's.
        secret: Reads a secret by its name or ARN.
    """
    secrets = {header.name: header.secret for header in settings.llm_headers if header.secret}
    has_own_key = not KEY_HEADERS.isdisjoint(map(str.lower, secrets))

    async def key() -> str:
        return "" if has_own_key else await secret(settings.llm_key_secret_arn)

    async def headers() -> dict[str, str | openai.Omit]:
        own = {name: await secret(arn) for name, arn in secrets.items()}
        return ({"Authorization": openai.Omit()} if has_own_key else {}) | own

    return OpenAIModel(
        client=openai_client(
            base_url=settings.llm_base_url,
            key=key,
            longest=settings.generation_timeout,
            headers={header.name: header.value for header in settings.llm_headers if not header.secret},
            query=dict(settings.llm_query),
        ),
        system_prompt=settings.llm_system_prompt,
        max_output_tokens=settings.llm_max_output_tokens,
        secret_headers=headers,
    )


async def _no_headers() -> Mapping[str, str | openai.Omit]:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAIModel:
    """Asks a chat-completions server."""

    client: openai.AsyncOpenAI
    system_prompt: str = field(repr=False)
    max_output_tokens: int
    secret_headers: Callable[[], Awaitable[Mapping[str, str | openai.Omit]]] = field(
        default=_no_headers, repr=False
    )
    """What is added to each request, and may change while we run."""
    _shapes: dict[str, Shape] = field(default_factory=dict, repr=False)
    """How requests to each model were written that the server took, for the worker's life."""

    async def pieces(self, prompt: str, *, model: str) -> AsyncGenerator[Piece]:
        """Yield the pieces of an answer as the server sends them.

        Leaving the iterator early closes the connection, which is how a server learns to stop. A refusal that
        names a part of the request is answered by the same request without that part, once for each part.

        Raises:
            ModelFailed: If the server refused, failed, or broke off. A clean end is the caller's to judge.
        """
        defaults = Defaults(system_prompt=self.system_prompt, max_output_tokens=self.max_output_tokens)
        shape, given_up = self._shapes.get(model, Shape()), frozenset[str]()
        while True:
            body = request_body(prompt, model=model, defaults=defaults, shape=shape)
            try:
                async with aclosing(self._answer(body)) as pieces:
                    async for piece in pieces:
                        self._shapes[model] = shape
                        yield piece
            except RequestRejected as rejected:
                refused = refused_parameter(body, named=rejected.named, words=rejected.words)
                if rejected.broke_off or refused is None or refused in given_up:
                    raise
                given_up |= {refused}
                shape = shape.without(refused, words=rejected.words, given_up=given_up)
            else:
                return

    async def _answer(self, body: dict[str, Any]) -> AsyncGenerator[Piece]:
        try:
            headers = await self.secret_headers()
            async with (
                self.client.chat.completions.with_streaming_response.create(
                    **body, extra_headers=headers
                ) as response,
                aclosing(pieces_of(response.iter_bytes())) as pieces,
            ):
                async for piece in pieces:
                    yield piece
        except openai.APIStatusError as error:
            raise failed_by(
                body_of(error.response.content),
                broke_off=False,
                status=error.status_code,
                retry_after=seconds_to_wait(error.response.headers, now=datetime.now(UTC)),
                error=type(error).__name__,
            ) from error
        except openai.OpenAIError as error:
            raise _unreachable(error) from error
        except UnicodeError as error:
            # A key or a prompt that HTTP or JSON cannot carry. The error holds it, so it ends here.
            raise ModelFailed(Failure.REJECTED, broke_off=False, error=type(error).__name__) from None
        except EXCHANGE as error:
            raise ModelFailed(
                Failure.INCOMPLETE, broke_off=True, worth_retrying=True, error=type(error).__name__
            ) from error


def _unreachable(error: openai.OpenAIError) -> ModelFailed:
    # A server that takes no connection is down; one that takes it and says nothing is late.
    is_late = isinstance(error, openai.APITimeoutError) and not isinstance(
        error.__cause__, (httpx2.ConnectTimeout, httpx2.PoolTimeout)
    )
    failure = Failure.TIMEOUT if is_late else Failure.UNAVAILABLE
    return ModelFailed(
        failure,
        broke_off=False,
        worth_retrying=isinstance(error, openai.APIConnectionError),
        error=type(error.__cause__ or error).__name__,
    )
