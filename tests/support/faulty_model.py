"""A model server that misbehaves on request: both providers' APIs over plain asyncio sockets.

What it does stands in the prompt, so that many tests can share one server:

    {"key": "g17", "deltas": ["Hel", "lo"], "repeat": 1, "rate": 50, "faults": [{"kind": "cut", "after": 1}]}

The n-th call with a key gets the n-th fault; null, or no fault left, is a good answer. `GET /calls` tells
every call with its times, so that a test can prove that its fault fired and how many calls were under way.

A delta may also be an object: it is sent as it is, such as {"reasoning_content": "Hm"}; what stands in its
`chunk` is sent beside the choices, such as {"chunk": {"citations": ["https://o.example"]}}. Bedrock's API
says the same in its own words.

`counts_bytes` lets it count a token for three bytes, as estimates do (functions/shared/token_estimate.py),
so that both can be compared; otherwise a delta is a token.

`refuses` names parts of the request that the server does not know, each with the error that it answers then.

Kinds: status (code, retry_after, error), hang, stall, cut, end, malformed, error_object, vllm_error,
model_error, error_200, html, endless, finish (reason), no_usage, silence. `after` counts deltas.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import asdict, dataclass, field
from typing import Any

from tests.support.faulty_apis import CANARY, Api, api_at

LONG = 3600


@dataclass(slots=True)
class Call:
    """One request for an answer."""

    key: str
    number: int
    fault: str | None
    authorization: str
    started: float
    sent: list[str] = field(default_factory=list)
    """The names of what the request holds, and the roles of its messages."""
    query: str = ""
    path: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: dict[str, Any] = field(default_factory=dict, repr=False)
    ended: float | None = None
    aborted: bool = False
    """Whether the client left before we had said everything."""
    prompt_tokens: int = 7
    completion_tokens: int = 0
    """What was said so far."""
    has_begun: bool = False
    is_counted: bool = False
    """Whether the client was told these numbers."""


@dataclass(slots=True)
class FaultyModel:
    """Serves answers and faults."""

    calls: list[Call] = field(default_factory=list)

    async def serve(self, port: int = 0) -> asyncio.Server:
        """Listen on 127.0.0.1."""
        return await asyncio.start_server(self._connection, "127.0.0.1", port)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            headers = {
                name.strip().lower(): value.strip()
                for name, _, value in (line.partition(":") for line in head.split("\r\n")[1:])
            }
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            headers[":path"], _, headers[":query"] = head.split(" ", 2)[1].partition("?")
            if head.startswith("GET /calls"):
                _send(writer, 200, json.dumps([asdict(call) for call in self.calls]))
            else:
                await self._answer(json.loads(body), headers, reader, writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _answer(
        self,
        request: dict[str, Any],
        headers: dict[str, str],
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        query, path = headers.pop(":query", ""), headers.pop(":path", "")
        api = api_at(path)
        plan = _plan(api.question(request))
        number = sum(call.key == plan["key"] for call in self.calls)
        faults = plan.get("faults", [])
        fault = faults[number] if number < len(faults) else None
        call = Call(
            plan["key"],
            number,
            fault and fault["kind"],
            headers.get("authorization", ""),
            time.time(),
            [*sorted(request), *(message["role"] for message in request["messages"]), *_files_in(request)],
            query,
            path,
            headers,
            request,
        )
        if plan.get("counts_bytes"):
            call.prompt_tokens = sum(4 + _tokens_in(_text_of(each)) for each in request["messages"])
        self.calls.append(call)
        for name, refusal in plan.get("refuses", {}).items():
            if name in call.sent:
                status = refusal.get("status", 400)
                _, named = api.error({"code": status})
                _send(writer, status, json.dumps(refusal["body"]), **named)
                return
        telling = asyncio.create_task(_tell(api, plan, fault or {"kind": "none"}, writer, call))
        leaving = asyncio.create_task(reader.read())
        await asyncio.wait({telling, leaving}, return_when=asyncio.FIRST_COMPLETED)
        call.ended = time.time()
        call.aborted = not telling.done() or telling.exception() is not None
        for task in (telling, leaving):
            task.cancel()
        await asyncio.gather(telling, leaving, return_exceptions=True)


def _files_in(request: dict[str, Any]) -> list[str]:
    """The kinds of what questions were sent with."""
    contents = [message["content"] for message in request["messages"]]
    parts = [part for content in contents if isinstance(content, list) for part in content]
    return [kind for part in parts for kind in ("image_url", "file", "image", "document") if kind in part]


def _plan(prompt: str) -> dict[str, Any]:
    try:
        plan = json.loads(prompt.rpartition("\n\n")[2])  # A system prompt may stand before it.
        return {"rate": 0, **plan, "key": plan["key"], "deltas": plan["deltas"] * plan.get("repeat", 1)}
    except (ValueError, KeyError, TypeError):
        return {"key": prompt, "deltas": [f"{word} " for word in prompt.split()], "rate": 0}


async def _tell(
    api: Api, plan: dict[str, Any], fault: dict[str, Any], writer: asyncio.StreamWriter, call: Call
) -> None:
    kind = fault["kind"]
    if kind == "status":
        body, named = api.error(fault)
        retry = {"Retry-After": str(fault["retry_after"])} if "retry_after" in fault else {}
        _send(writer, fault["code"], body, **named, **retry)
        return
    if kind == "hang":
        await asyncio.sleep(LONG)
    if kind == "error_200":
        _send(writer, 200, json.dumps({"error": {"message": CANARY}}))
        return
    if kind == "html":
        _send(writer, 200, f"<html><body>{CANARY}</body></html>", content_type="text/html")
        return
    writer.write(
        f"HTTP/1.1 200 OK\r\nContent-Type: {api.content_type}\r\nConnection: close\r\n"
        "Transfer-Encoding: chunked\r\n\r\n".encode()
    )
    call.has_begun = True
    await _stream(api, plan, fault, writer, call)


async def _stream(
    api: Api, plan: dict[str, Any], fault: dict[str, Any], writer: asyncio.StreamWriter, call: Call
) -> None:
    kind, after = fault["kind"], fault.get("after", 0)
    pause = 1 / plan["rate"] if plan["rate"] else 0
    deltas, said = plan["deltas"], ""
    if kind == "silence":
        await asyncio.sleep(LONG)
    _write(writer, api.start())
    for number, delta in enumerate(deltas):
        if number == after and await _break(api, kind, writer):
            return
        said += delta if isinstance(delta, str) else json.dumps(delta)
        call.completion_tokens = _tokens_in(said) if plan.get("counts_bytes") else number + 1
        _write(writer, api.delta(delta))
        await writer.drain()
        if pause:
            await asyncio.sleep(pause)
    if after >= len(deltas) and await _break(api, kind, writer):
        return
    while kind == "endless":
        _write(writer, api.delta("more and more "))
        await writer.drain()
        await asyncio.sleep(0)
    counts = None if kind == "no_usage" else (call.prompt_tokens, call.completion_tokens)
    call.is_counted = counts is not None
    _write(writer, api.end(fault.get("reason", "stop"), counts=counts))
    writer.write(b"0\r\n\r\n")
    await writer.drain()


async def _break(api: Api, kind: str, writer: asyncio.StreamWriter) -> bool:
    """Break the stream here if the fault says so. Returns whether it did."""
    await writer.drain()
    match kind:
        case "cut":
            writer.transport.abort()
        case "end":
            writer.write(b"0\r\n\r\n")
        case "stall":
            await asyncio.sleep(LONG)
        case _:
            nonsense = api.nonsense(kind)
            if nonsense is None:
                return False
            _write(writer, nonsense)
    return True


def _text_of(message: dict[str, Any]) -> str:
    """OpenAI's messages have a text, Bedrock's a list of blocks."""
    content = message["content"]
    return content if isinstance(content, str) else "".join(block.get("text", "") for block in content)


def _tokens_in(text: str) -> int:
    return -(-len(text.encode("utf-8", "surrogatepass")) // 3)


def _write(writer: asyncio.StreamWriter, payload: bytes) -> None:
    writer.write(f"{len(payload):x}\r\n".encode() + payload + b"\r\n")


def _send(
    writer: asyncio.StreamWriter,
    status: int,
    body: str,
    content_type: str = "application/json",
    **headers: str,
) -> None:
    head = {
        "Content-Type": content_type,
        "Content-Length": str(len(body.encode())),
        "Connection": "close",
        **headers,
    }
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in head.items())
    writer.write(f"HTTP/1.1 {status} Status\r\n{lines}\r\n{body}".encode())


async def _main(port: int) -> None:
    server = await FaultyModel().serve(port)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1]) if len(sys.argv) > 1 else 0))
