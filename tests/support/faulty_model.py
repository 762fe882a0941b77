"""A model server that misbehaves on request: OpenAI's chat completions over plain asyncio sockets.

What it does stands in the prompt, so that many tests can share one server:

    {"key": "g17", "deltas": ["Hel", "lo"], "repeat": 1, "rate": 50, "faults": [{"kind": "cut", "after": 1}]}

The n-th call with a key gets the n-th fault; null, or no fault left, is a good answer. `GET /calls` tells
every call with its times, so that a test can prove that its fault fired and how many calls were under way.

A delta may also be an object: it is sent as it is, such as {"reasoning_content": "Hm"}; what stands in its
`chunk` is sent beside the choices, such as {"chunk": {"citations": ["https://o.example"]}}.

`refuses` names parts of the request that the server does not know, each with the error that it answers then.

Kinds: status (code, retry_after, error), hang, stall, cut, end, malformed, error_object, vllm_error,
error_200, html, endless, finish (reason), no_usage, silence. `after` counts deltas.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import asdict, dataclass, field
from typing import Any

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
    headers: dict[str, str] = field(default_factory=dict)
    body: dict[str, Any] = field(default_factory=dict, repr=False)
    ended: float | None = None
    aborted: bool = False
    """Whether the client left before we had said everything."""


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
            headers[":query"] = head.split(" ", 2)[1].partition("?")[2]
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
        plan = _plan(request["messages"][-1]["content"])
        number = sum(call.key == plan["key"] for call in self.calls)
        faults = plan.get("faults", [])
        fault = faults[number] if number < len(faults) else None
        call = Call(
            plan["key"],
            number,
            fault and fault["kind"],
            headers.get("authorization", ""),
            time.time(),
            [*sorted(request), *(message["role"] for message in request["messages"])],
            headers.pop(":query", ""),
            headers,
            request,
        )
        self.calls.append(call)
        for name, refusal in plan.get("refuses", {}).items():
            if name in call.sent:
                _send(writer, refusal.get("status", 400), json.dumps(refusal["body"]))
                return
        telling = asyncio.create_task(_tell(plan, fault or {"kind": "none"}, writer))
        leaving = asyncio.create_task(reader.read())
        await asyncio.wait({telling, leaving}, return_when=asyncio.FIRST_COMPLETED)
        call.ended = time.time()
        call.aborted = not telling.done() or telling.exception() is not None
        for task in (telling, leaving):
            task.cancel()
        await asyncio.gather(telling, leaving, return_exceptions=True)


def _plan(prompt: str) -> dict[str, Any]:
    try:
        plan = json.loads(prompt.rpartition("\n\n")[2])  # A system prompt may stand before it.
        return {"rate": 0, **plan, "key": plan["key"], "deltas": plan["deltas"] * plan.get("repeat", 1)}
    except (ValueError, KeyError, TypeError):
        return {"key": prompt, "deltas": [f"{word} " for word in prompt.split()], "rate": 0}


async def _tell(plan: dict[str, Any], fault: dict[str, Any], writer: asyncio.StreamWriter) -> None:
    kind = fault["kind"]
    if kind == "status":
        retry = {"Retry-After": str(fault["retry_after"])} if "retry_after" in fault else {}
        error = {"error": {"message": "canary-provider-text", **fault.get("error", {})}}
        _send(writer, fault["code"], json.dumps(error), **retry)
        return
    if kind == "hang":
        await asyncio.sleep(LONG)
    if kind == "error_200":
        _send(writer, 200, json.dumps({"error": {"message": "canary-provider-text"}}))
        return
    if kind == "html":
        _send(writer, 200, "<html><body>canary-provider-text</body></html>", content_type="text/html")
        return
    writer.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n"
    )
    await _stream(plan, fault, writer)


async def _stream(plan: dict[str, Any], fault: dict[str, Any], writer: asyncio.StreamWriter) -> None:
    kind, after = fault["kind"], fault.get("after", 0)
    pause = 1 / plan["rate"] if plan["rate"] else 0
    deltas = plan["deltas"]
    if kind == "silence":
        await asyncio.sleep(LONG)
    _event(writer, _chunk({"role": "assistant", "content": ""}))
    for number, delta in enumerate(deltas):
        if number == after and await _break(kind, writer):
            return
        said = {"content": delta} if isinstance(delta, str) else dict(delta)
        _event(writer, said.pop("chunk", {}) | _chunk(said))
        await writer.drain()
        if pause:
            await asyncio.sleep(pause)
    if after >= len(deltas) and await _break(kind, writer):
        return
    while kind == "endless":
        _event(writer, _chunk({"content": "more and more "}))
        await writer.drain()
        await asyncio.sleep(0)
    _event(writer, _chunk({}, finish_reason=fault.get("reason", "stop")))
    if kind != "no_usage":
        words = len(deltas)
        usage = {"prompt_tokens": 7, "completion_tokens": words, "total_tokens": 7 + words}
        _event(writer, {"object": "chat.completion.chunk", "choices": [], "usage": usage})
    _event(writer, "[DONE]")
    writer.write(b"0\r\n\r\n")
    await writer.drain()


async def _break(kind: str, writer: asyncio.StreamWriter) -> bool:
    """Break the stream here if the fault says so. Returns whether it did."""
    await writer.drain()
    match kind:
        case "cut":
            writer.transport.abort()
        case "end":
            writer.write(b"0\r\n\r\n")
        case "stall":
            await asyncio.sleep(LONG)
        case "malformed":
            _event(writer, '{"choices": [{"delta": {"content": ')
        case "error_object":
            _event(writer, {"error": {"message": "canary-provider-text", "code": 500}})
        case "vllm_error":
            _event(writer, {"object": "error", "message": "canary-provider-text", "code": 500})
        case _:
            return False
    return True


def _chunk(delta: dict[str, Any], finish_reason: str | None = None) -> dict[str, Any]:
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish_reason}],
    }


def _event(writer: asyncio.StreamWriter, data: dict[str, Any] | str) -> None:
    text = data if isinstance(data, str) else json.dumps(data)
    payload = f"data: {text}\n\n".encode()
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
