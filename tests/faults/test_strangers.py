"""What is not yours, what never was, and what is no more: they cannot be told apart."""

from __future__ import annotations

import json
import secrets
from typing import Any

import pytest

from tests.support.history import History
from tests.support.listener import accepted, read

VOLATILE = {
    "date",
    "apigw-requestid",
    "x-amzn-requestid",
    "x-amz-request-id",
    "x-amz-id-2",
    "x-amzn-trace-id",
}
"""Headers that the gateway makes anew for each answer."""


async def finished(history: History, user_id: str) -> str:
    """Another user's generation that has ended."""
    plan = json.dumps({"key": secrets.token_hex(4), "deltas": ["a ", "b"], "faults": []})
    taken = await accepted(history.http, history.lab.site, user_id, plan)
    generation_id: str = taken["generation_id"]
    while (await read(history.http, history.lab.site, user_id, generation_id))["status"] != "completed":
        pass
    return generation_id


def expire(history: History, generation_id: str) -> None:
    """Let a record's life be over, although the table has not swept it away."""
    history.lab.aws("dynamodb").update_item(
        TableName=history.lab.site.table_name,
        Key={"pk": {"S": f"GENERATION#{generation_id}"}, "sk": {"S": "META"}},
        UpdateExpression="SET expires_at = :past",
        ExpressionAttributeValues={":past": {"N": "1"}},
    )


@pytest.mark.fault(51, 93)
@pytest.mark.parametrize(
    ("method", "what"), [("GET", ""), ("GET", "?offset=1&attempt=1"), ("POST", "/cancel")]
)
async def test_all_that_may_not_be_read_makes_the_same_reads_and_gets_the_same_bytes(
    history: History, method: str, what: str
) -> None:
    """Time is not measured: what takes the same way takes the same time."""
    ours = await finished(history, history.user)
    expire(history, ours)
    ids = {"another's": await finished(history, "somebody-else"), "none": secrets.token_hex(16), "over": ours}

    seen: dict[str, Any] = {}
    for name, generation_id in ids.items():
        history.lab.proxy.calm()
        mentioned = f"contains(to_string(@), '{generation_id}')"
        history.lab.proxy.rule("dynamodb", body=mentioned, latency=1, times=100)
        reply = await history.http.request(
            method,
            f"{history.lab.site.http_url}/api/chat/generations/{generation_id}{what}",
            headers=history.lab.site.headers(history.user),
        )
        calls = [(event["service"], event["operation"]) for event in history.lab.proxy.fired()]
        head = {name: value for name, value in reply.headers.items() if name not in VOLATILE}
        seen[name] = (reply.status_code, reply.content, head, calls)

    assert seen["another's"] == seen["none"] == seen["over"]
    status, content, _, calls = seen["none"]
    assert (status, json.loads(content)["code"]) == (404, "not_found")
    assert calls == [("dynamodb", "GetItem")]
