"""A model of Bedrock, as a stream of plain pieces.

When to try again is the caller's to decide, except that a request of which Bedrock refused an optional part
is sent again without that part, once for each.
"""

from __future__ import annotations

import os
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from functions.shared import aws
from functions.shared.generations.failures import Failure
from functions.worker.bedrock.assumed_role import in_role
from functions.worker.bedrock.client import bedrock_client
from functions.worker.bedrock.errors import failed_by_name
from functions.worker.bedrock.request import ConverseOptions, Shape, request_body
from functions.worker.bedrock.stream import ConverseStream
from functions.worker.exchange import answer_to, is_refused
from functions.worker.gathering import tick_of
from functions.worker.model import ModelFailed, Provider
from functions.worker.provider_errors import RequestRejected, body_of
from functions.worker.response_bodies import error_body
from functions.worker.retry_after import seconds_to_wait

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from contextlib import AbstractAsyncContextManager

    import aiohttp

    from functions.shared.models.row import ModelRow
    from functions.worker.bedrock.client import BedrockClient
    from functions.worker.conversation import Conversation
    from functions.worker.model import Model, Piece, ReadSecret
    from functions.worker.settings import WorkerSettings

CONTENT_TYPE = "application/vnd.amazon.eventstream"


def bedrock_model(row: ModelRow, settings: WorkerSettings) -> BedrockModel:
    """Make one model of a deployment, asked by the worker's own role.

    Args:
        row: The model.
        settings: The deployment's, as they are for this model.
    """
    region = row.region or _region_in(row.id) or os.environ["AWS_REGION"]
    return BedrockModel(
        client=bedrock_client(
            region=region,
            credentials=aws.credentials(),
            longest=settings.generation_timeout,
            endpoint_url=row.endpoint_url,
        ),
        options=ConverseOptions(
            max_tokens=settings.llm_max_output_tokens,
            system_prompt=settings.llm_system_prompt,
            parameters=dict(row.parameters),
            guardrail=(row.guardrail.id, row.guardrail.version) if row.guardrail else None,
            has_cache_points=row.cache,
            takes_schema=row.structured_output,
        ),
        tick=tick_of(settings),
    )


def _region_in(model_id: str) -> str:
    """The Region in an ARN; an id has none."""
    return model_id.split(":")[3] if model_id.startswith("arn:") else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BedrockModel:
    """Asks models of Bedrock."""

    client: BedrockClient
    options: ConverseOptions = field(repr=False)
    tick: float = 0
    """Seconds between two reads of a stream that brings text; 0: each token is read as it comes."""
    _shapes: dict[str, Shape] = field(default_factory=dict, repr=False)
    """How requests to each model were written that it took, for the worker's life."""

    async def pieces(self, conversation: Conversation, *, model: str) -> AsyncGenerator[Piece]:
        """Yield the pieces of an answer as the model sends them.

        Leaving the iterator early closes the connection. A refusal of a part that can be left out is answered
        by the same request without it.

        Args:
            conversation: What is asked.
            model: The id or ARN of a model, or of an inference profile.

        Raises:
            ModelFailed: If Bedrock refused, failed, or broke off. A clean end is the caller's to judge.
        """
        shape = self._shapes.get(model, Shape())
        while True:
            body = request_body(conversation, options=self.options, shape=shape)
            try:
                answer = answer_to(
                    partial(self._ask, model, body), check=_check, stream=ConverseStream(), tick=self.tick
                )
                async with aclosing(answer) as pieces:
                    async for piece in pieces:
                        self._shapes[model] = replace(shape, has_schema=True)
                        yield piece
            except RequestRejected as rejected:
                other = None if rejected.broke_off else shape.without(rejected.words)
                if other is None:
                    raise
                shape = other
            else:
                return

    async def _ask(
        self, model: str, body: dict[str, Any]
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        return self.client.converse(model, body)


async def _check(response: aiohttp.ClientResponse) -> None:
    """Refuse also what says that it is something else: a proxy's page, or the answer of another API."""
    if is_refused(response):
        raise await _refusal(response)
    said = response.headers.get("Content-Type", CONTENT_TYPE)
    if said.partition(";")[0].strip().lower() != CONTENT_TYPE:
        raise ModelFailed(Failure.INCOMPLETE, broke_off=False, error="NotAnEventStream")


async def _refusal(response: aiohttp.ClientResponse) -> ModelFailed:
    body = body_of(await error_body(response))
    named = body.get("__type") or body.get("code") if isinstance(body, dict) else ""
    return failed_by_name(
        response.headers.get("x-amzn-ErrorType") or str(named or ""),
        body,
        broke_off=False,
        status=response.status,
        retry_after=seconds_to_wait(response.headers, now=datetime.now(UTC)),
        error="ErrorStatus",
    )


def _make(row: ModelRow, settings: WorkerSettings, _secret: ReadSecret) -> Model:
    model = bedrock_model(row, settings)
    return in_role(model, row) if row.role else model


PROVIDER = Provider(make=_make, trace_attributes=lambda _settings: {"gen_ai.provider.name": "aws.bedrock"})
