from __future__ import annotations

import asyncio

import pytest
from websockets.asyncio.server import ServerConnection, serve

from benchmarks.load.websocket import CLOSE, PING, TEXT, Frames, HandshakeRefused, open_socket


@pytest.mark.parametrize("length", [0, 1, 125, 126, 65_535, 65_536, 100_000])
def test_a_frame_of_any_length_is_read_however_it_is_cut(length: int) -> None:
    content = bytes(length)
    if length < 126:
        header = bytes([0x81, length])
    elif length < 65_536:
        header = bytes([0x81, 126]) + length.to_bytes(2, "big")
    else:
        header = bytes([0x81, 127]) + length.to_bytes(8, "big")
    stream = header + content + b"\x89\x01p" + b"\x88\x00"

    for cut in range(1, 14):
        frames = Frames()
        found = frames.feed(stream[:cut]) + frames.feed(stream[cut:])
        assert found == [(TEXT, content), (PING, b"p"), (CLOSE, b"")]


async def test_messages_of_a_real_server_are_noted_in_order_with_their_times() -> None:
    async def talk(socket: ServerConnection) -> None:
        await socket.recv()
        for number in range(3):
            await socket.send(f"{number} é")
        await (await socket.ping())

    async with serve(talk, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        socket, reading = await open_socket(f"ws://127.0.0.1:{port}/?a=b", origin="http://localhost")
        socket.send(b"begin")
        async with asyncio.timeout(30):
            await reading

    assert [content.decode() for _, content in socket.messages] == ["0 é", "1 é", "2 é"]
    assert [at for at, _ in socket.messages] == sorted(at for at, _ in socket.messages)


async def test_a_refused_handshake_says_what_the_server_said() -> None:
    async def refuse(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 403 Forbidden\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(HandshakeRefused, match="403"):
            await open_socket(f"ws://127.0.0.1:{port}/?a=b", origin="http://localhost")
