"""Sockets that end in the middle of an answer, and the Python client that comes back for the rest."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from framestream import Backoff, FrameStreamClient, Reconnect
from tests.support.history import History
from tests.support.lab import Lab

DELTAS = [f"{number} 😀 " for number in range(150)]


def client(history: History) -> FrameStreamClient:
    """The user's client: quick to come back, and with much to say, so that it hears what is said to it."""
    site = history.lab.site
    return FrameStreamClient(
        site.http_url,
        lambda: site.token(history.user),
        user_id=history.user,
        origin=site.origin,
        reconnect=Reconnect(backoff=Backoff(base=0.1, cap=0.5)),
        heartbeat=1,
        trust_env=False,
    )


async def collect(following: FrameStreamClient, messages: list[dict[str, Any]]) -> None:
    async for message in following.messages():
        messages.append(dict(message))  # noqa: PERF401  what was said until this is cancelled counts


def end_time_of(lab: Lab, user_id: str, connection_id: str) -> None:
    """Let a connection's time be over, as two hours would."""
    table = lab.aws("dynamodb")
    key = {"pk": {"S": f"CONNECTION#{connection_id}"}, "sk": {"S": "META"}}
    number = table.get_item(TableName=lab.site.table_name, Key=key)["Item"]["slot"]["N"]
    for each in (key, {"pk": {"S": f"USER#{user_id}"}, "sk": {"S": f"SLOT#{number}"}}):
        table.update_item(
            TableName=lab.site.table_name,
            Key=each,
            UpdateExpression="SET expires_at = :past",
            ExpressionAttributeValues={":past": {"N": "1"}},
        )


@pytest.mark.fault(79)
@pytest.mark.parametrize("end", ["its two hours are over", "ten minutes without a word"])
async def test_a_socket_that_is_closed_in_the_middle_is_followed_by_one_that_brings_the_rest(
    history: History, end: str
) -> None:
    said: list[dict[str, Any]] = []
    async with client(history) as following:
        collecting = asyncio.create_task(collect(following, said))
        asked = await history.ask(history.user, deltas=DELTAS, rate=20)
        answer = following.generation(asked.generation_id)
        pieces = aiter(answer)
        await anext(pieces)
        first = following.connection_id
        assert first is not None

        if end == "ten minutes without a word":  # The gateway closes it, and says nothing.
            await asyncio.to_thread(history.lab.gateway().delete_connection, ConnectionId=first)
        else:
            await asyncio.to_thread(end_time_of, history.lab, history.user, first)
        async with asyncio.timeout(60):
            while following.connection_id in {None, first}:
                await asyncio.sleep(0.05)
        assert not answer.has_ended
        result = await answer.result()
        rest = [piece async for piece in pieces]
        collecting.cancel()

    closings = [m["code"] for m in said if m.get("status") == "closing"]
    assert closings == ([4001] if end == "its two hours are over" else [])
    assert result.text == asked.text
    assert asked.text.endswith("".join(rest))
    assert {piece.attempt for piece in rest} == {1}


@pytest.mark.fault(80)
async def test_a_socket_that_is_cut_after_any_number_of_bytes_costs_no_character(history: History) -> None:
    """Cut in the answer to the handshake, in `connected`, between two frames, and inside of frames."""
    lengths = [40, 129, 200, 600, 1_234, 2_000]
    for length in lengths:
        history.lab.cable.rule("tcp", times=1, cut_reply={"after_bytes": length})

    async with client(history) as following:
        asked = await history.ask(history.user, deltas=DELTAS, rate=15)
        answer = following.generation(asked.generation_id)
        pieces = [piece async for piece in answer]
        result = await answer.result()

    fired = history.lab.cable.fired()
    assert len(fired) == len(lengths)
    assert "".join(pieces) == result.text == asked.text
    assert {piece.attempt for piece in pieces} == {1}
    assert len(history.lab.calls(asked.key)) == 1
