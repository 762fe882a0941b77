"""The stand-in's other API: the published AWS SDK reads it, and so does the worker."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from functions.shared.generations.failures import Failure
from functions.shared.signing import StaticCredentials
from functions.worker.bedrock.client import bedrock_client
from functions.worker.bedrock.model import BedrockModel
from functions.worker.bedrock.request import ConverseOptions
from functions.worker.conversation import Conversation, Turn
from functions.worker.model import ModelFailed, Piece
from local.stand_in.answers import LENGTH, answer_to
from local.stand_in.beside import SOURCES, reasoning_of
from local.stand_in.completions import BadRequest
from local.stand_in.converse import ConverseAnswer
from tests.unit.local.test_stand_in import standin

OTTERS = "Tell me about otters"


def sdk(port: int) -> Any:
    return boto3.client(
        "bedrock-runtime",
        region_name="eu-west-1",
        endpoint_url=f"http://127.0.0.1:{port}",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}, proxies={}),
    )


def asked(prompt: str, **more: Any) -> dict[str, Any]:
    messages = [{"role": "user", "content": [{"text": prompt}]}]
    return {"modelId": "anthropic.claude-v2:1", "messages": messages, **more}


def events_of(port: int, request: dict[str, Any]) -> list[dict[str, Any]]:
    return list(sdk(port).converse_stream(**request)["stream"])


async def test_the_sdk_reads_its_stream() -> None:
    async with standin() as port:
        events = await asyncio.to_thread(events_of, port, asked(OTTERS))

    deltas = [each["contentBlockDelta"]["delta"] for each in events if "contentBlockDelta" in each]
    assert "".join(delta["text"] for delta in deltas) == answer_to(OTTERS)
    assert events[-2]["messageStop"]["stopReason"] == "end_turn"
    assert events[-1]["metadata"]["usage"]["outputTokens"] == LENGTH


async def test_the_sdk_reads_its_refusals() -> None:
    async with standin() as port:
        with pytest.raises(ClientError) as refused:
            await asyncio.to_thread(events_of, port, asked("Fail with 429."))

    assert refused.value.response["Error"]["Code"] == "ThrottlingException"


async def worker_reads(port: int, conversation: Conversation, **options: Any) -> list[Piece]:
    client = bedrock_client(
        region="eu-west-1",
        credentials=lambda: StaticCredentials("a", "b"),
        longest=timedelta(seconds=20),
        endpoint_url=f"http://127.0.0.1:{port}",
    )
    model = BedrockModel(client=client, options=ConverseOptions(**options))
    try:
        return [piece async for piece in model.pieces(conversation, model="eu.anthropic.claude-v2:1")]
    finally:
        await client.http.close()


async def test_the_worker_reads_an_answer_its_reasoning_and_its_sources() -> None:
    prompt = f"{OTTERS}. Think first. Cite your sources."

    async with standin() as port:
        pieces = await worker_reads(port, Conversation(prompt=prompt))

    assert "".join(piece.text for piece in pieces) == answer_to(prompt)
    assert "".join(piece.reasoning for piece in pieces) == "".join(reasoning_of(prompt))
    cited = [json.loads(extra.text)["url"] for piece in pieces for extra in piece.extras]
    assert cited == [source["url"] for source in SOURCES]
    assert pieces[-1].is_done


async def test_it_remembers_what_was_asked_before_and_keeps_to_a_limit() -> None:
    conversation = Conversation(prompt="What did I ask before?", turns=(Turn(OTTERS, "They float."),))

    async with standin() as port:
        pieces = await worker_reads(port, conversation, max_tokens=20)

    assert OTTERS in "".join(piece.text for piece in pieces)
    assert [piece.finish_reason for piece in pieces if piece.finish_reason] == ["length"]


async def test_a_prompt_may_ask_for_a_failure() -> None:
    async with standin() as port:
        with pytest.raises(ModelFailed) as failed:
            await worker_reads(port, Conversation(prompt="Fail with 503."))

    assert failed.value.failure is Failure.UNAVAILABLE


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"messages": []}', b'{"messages": [{"role": "user"}]}']
)
def test_a_request_that_is_none_is_refused(body: bytes) -> None:
    with pytest.raises(BadRequest):
        ConverseAnswer.asked_for(body)


def test_the_system_prompt_counts_as_tokens() -> None:
    body = {"system": [{"text": "be brief"}], "messages": [{"role": "user", "content": [{"text": "a b c"}]}]}

    assert ConverseAnswer.asked_for(json.dumps(body).encode()).prompt_tokens == 5
