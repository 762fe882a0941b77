"""Checks of the gateway's limits: 32 KB in a frame, 128 KB in a message, in both directions."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from tools.sdk import CLIENT
from tools.smoke.findings import FailedError
from tools.smoke.sockets import opened

if TYPE_CHECKING:
    from tools.smoke.site import Site
    from tools.smoke.sockets import Socket

KB = 1024
TOO_LARGE = 1009
PART = 25 * KB
"""A frame of a message in parts; each is below 32 KB."""
NOT_LIMITED = "the emulator knows no limit of this kind"


async def limit_32k(site: Site) -> str:
    """See that a message of 32 KB, the most that we send, arrives whole and as one."""
    async with opened(site) as socket:
        connection_id = (await socket.say("heartbeat"))["connection_id"]
        data = json.dumps({"type": "smoke", "padding": ""})
        data = data.replace('""', f'"{"x" * (32 * KB - len(data))}"')
        await _post(site, connection_id, data.encode())
        message = await socket.until(lambda message: message["type"] == "smoke")
        if socket.largest != 32 * KB or len(json.dumps(message)) != 32 * KB:
            raise FailedError(f"Of 32,768 bytes that were posted to a socket, {socket.largest:,} arrived.")
    return "A post of 32 KB arrives whole, as one message."


async def limit_32k_frame(site: Site) -> str:
    """See that a client which sends a frame of more than 32 KB is closed with 1009."""
    site.only_on_aws(NOT_LIMITED)
    async with opened(site) as socket:
        await socket.say("heartbeat")
        await socket.connection.send("x" * (33 * KB))
        await _closed_as_too_large(socket, "a frame of 33 KB")
    return "A frame of 33 KB closes the socket with 1009."


async def limit_128k_message(site: Site) -> str:
    """See that a message in parts passes below 128 KB, and is refused as one of ours; above, 1009."""
    site.only_on_aws(NOT_LIMITED)
    async with opened(site) as socket:
        await socket.say("heartbeat")
        await socket.connection.send(["x" * PART] * 4)
        answer = await socket.next()
        if answer.get("code") != 4000:
            raise FailedError(f"A message of 100 KB in parts is answered {answer}, not with code 4000.")
        await socket.connection.send(["x" * PART] * 6)
        await _closed_as_too_large(socket, "a message of 150 KB")
    return "A message of 100 KB in parts is answered (code 4000); one of 150 KB closes the socket with 1009."


async def limit_128k_post(site: Site) -> str:
    """See that a post of more than 128 KB is refused, so that a too long message is noticed."""
    site.only_on_aws(NOT_LIMITED)
    async with opened(site) as socket:
        connection_id = (await socket.say("heartbeat"))["connection_id"]
        try:
            await _post(site, connection_id, b"x" * (128 * KB + 1))
        except ClientError as error:
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
            if status != 413:
                raise
            return "A post of 128 KB and a byte is refused with 413."
    raise FailedError("A post of 128 KB and a byte was taken.")


async def _post(site: Site, connection_id: str, data: bytes) -> None:
    endpoint = site.deployment.output("ManagementEndpoint")
    client = site.deployment.session.client("apigatewaymanagementapi", endpoint_url=endpoint, config=CLIENT)
    await asyncio.to_thread(client.post_to_connection, ConnectionId=connection_id, Data=data)


async def _closed_as_too_large(socket: Socket, what: str) -> None:
    code = await socket.close_code()
    if code != TOO_LARGE:
        raise FailedError(
            f"After {what} the socket {'stayed open' if code is None else f'was closed with {code}'}, "
            f"not closed with {TOO_LARGE}."
        )
