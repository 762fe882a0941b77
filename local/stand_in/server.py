"""The stand-in model: it speaks both providers' APIs, with the pace of a real one and no thoughts."""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

import h11

from local.stand_in.completions import BadRequest, Completion, models, refusal
from local.stand_in.converse import CONTENT_TYPE, SUFFIX, ConverseAnswer, error_headers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from local.stand_in.completions import Json

TOKENS_PER_SECOND = 50.0
LARGEST_BODY = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and its answer on a connection of their own."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    http: h11.Connection
    tokens_per_second: float

    async def serve(self) -> None:
        """Answer, for as long as the client is connected."""
        request, body = await self._request()
        answering = asyncio.create_task(self._answer(request, body))
        leaving = asyncio.create_task(
            self.reader.read(1)
        )  # A client says no more, so anything here is its end.
        await asyncio.wait({answering, leaving}, return_when=asyncio.FIRST_COMPLETED)
        for task in (answering, leaving):
            task.cancel()
        await asyncio.gather(answering, leaving, return_exceptions=True)

    async def _request(self) -> tuple[h11.Request, bytes]:
        request, body = None, b""
        while True:
            event = self.http.next_event()
            if event is h11.NEED_DATA:
                self.http.receive_data(await self.reader.read(65536))
            elif isinstance(event, h11.Request):
                request = event
            elif isinstance(event, h11.Data) and len(body) + len(event.data) <= LARGEST_BODY:
                body += event.data
            elif isinstance(event, h11.EndOfMessage) and request:
                return request, body
            else:
                raise h11.RemoteProtocolError("neither a request nor a part of one")

    async def _answer(self, request: h11.Request, body: bytes) -> None:
        match request.method, request.target.partition(b"?")[0].rstrip(b"/"):
            case b"GET", b"/v1/models":
                await self._reply(HTTPStatus.OK, models(int(time.time())))
            case b"POST", b"/v1/chat/completions":
                await self._complete(body)
            case b"POST", path if path.startswith(b"/model/") and path.endswith(SUFFIX):
                await self._converse(body)
            case _:
                await self._reply(HTTPStatus.NOT_FOUND, refusal("the stand-in has no such page"))

    async def _complete(self, body: bytes) -> None:
        try:
            completion = Completion.asked_for(body, created=int(time.time()))
        except BadRequest as error:
            await self._reply(error.status, refusal(str(error)))
            return
        if completion.stream:
            await self._stream(completion)
        else:
            await asyncio.sleep(len(completion.pieces) / self.tokens_per_second)
            await self._reply(HTTPStatus.OK, completion.whole())

    async def _stream(self, completion: Completion) -> None:
        self._head(HTTPStatus.OK, "text/event-stream")
        await self._at_pace(
            b"data: " + json.dumps(chunk, ensure_ascii=False).encode() + b"\n\n"
            for chunk in completion.chunks()
        )
        await self._send(b"data: [DONE]\n\n")
        await self._end()

    async def _converse(self, body: bytes) -> None:
        try:
            answer = ConverseAnswer.asked_for(body)
        except BadRequest as error:
            await self._reply(error.status, {"message": str(error)}, error_headers(error.status))
            return
        self._head(HTTPStatus.OK, CONTENT_TYPE)
        await self._at_pace(answer.messages())
        await self._end()

    async def _at_pace(self, tokens: Iterable[bytes]) -> None:
        loop = asyncio.get_running_loop()
        begun = loop.time()  # Each token has its own time after this one, so that delays do not add up.
        for number, token in enumerate(tokens):
            await asyncio.sleep(begun + number / self.tokens_per_second - loop.time())
            await self._send(token)

    async def _reply(
        self, status: HTTPStatus, content: Json, headers: Iterable[tuple[str, str]] = ()
    ) -> None:
        self._head(status, "application/json", headers)
        await self._send(json.dumps(content).encode())
        await self._end()

    def _head(self, status: HTTPStatus, content_type: str, more: Iterable[tuple[str, str]] = ()) -> None:
        headers = [("content-type", content_type), ("connection", "close"), *more]
        self.writer.write(self.http.send(h11.Response(status_code=status, headers=headers)) or b"")

    async def _send(self, data: bytes) -> None:
        self.writer.write(self.http.send(h11.Data(data=data)) or b"")
        await self.writer.drain()

    async def _end(self) -> None:
        self.writer.write(self.http.send(h11.EndOfMessage()) or b"")
        await self.writer.drain()


async def serve(*, port: int, tokens_per_second: float = TOKENS_PER_SECOND) -> asyncio.Server:
    """Start to listen on this machine alone."""

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        http = h11.Connection(h11.SERVER)
        exchange = Exchange(reader=reader, writer=writer, http=http, tokens_per_second=tokens_per_second)
        try:
            await exchange.serve()
        except (h11.RemoteProtocolError, ConnectionError):
            pass  # The client did not speak HTTP, or has disconnected.
        finally:
            writer.close()

    return await asyncio.start_server(meet, "127.0.0.1", port)


async def _main() -> None:
    parser = argparse.ArgumentParser(prog="python -m local.stand_in.server", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--tokens-per-second", type=float, default=TOKENS_PER_SECOND)
    options = parser.parse_args()
    server = await serve(port=options.port, tokens_per_second=options.tokens_per_second)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_main())
