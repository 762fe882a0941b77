"""However many handshakes of one user come at once, as many succeed as the user has slots.

`CONNECT_ROUNDS=200` makes it 10,000 handshakes of each kind.
"""

from __future__ import annotations

import asyncio
import os
import secrets
from concurrent.futures import ThreadPoolExecutor

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin

from functions.shared.connections.model import LONGEST_HANDSHAKE
from tests.support.document_server import good, serving
from tests.support.events import connect_event
from tests.support.grants import Grants
from tests.support.listener import Site

ROUNDS = int(os.environ.get("CONNECT_ROUNDS", "10"))
AT_ONCE = 50
PROCESSES = 12
"""So many functions the emulator runs at the same time without complaint."""


@pytest.mark.fault(29)
@pytest.mark.timeout(1800)
async def test_of_fifty_handshakes_at_once_exactly_three_succeed_in_every_round(site: Site) -> None:
    async def attempt(url: str) -> ClientConnection | None:
        try:
            return await connect(url, origin=Origin(site.origin), open_timeout=60)
        except (InvalidStatus, ConnectionClosed):
            return None

    admitted = []
    for _ in range(ROUNDS):
        url = site.socket_url(f"crowd_{secrets.token_hex(4)}")
        results = await asyncio.gather(*(attempt(url) for _ in range(AT_ONCE)))
        sockets = [socket for socket in results if socket]
        admitted.append(len(sockets))
        await asyncio.gather(*(socket.close() for socket in sockets))

    assert admitted == [3] * ROUNDS


@pytest.mark.fault(29)
@pytest.mark.timeout(1800)
def test_of_fifty_handshakes_in_a_dozen_processes_exactly_three_succeed_in_every_round(site: Site) -> None:
    # The emulator's own gateway lets one handshake in after the other, so this one goes past it: it is the
    # functions, each in a process of its own, that race for the slots here. No gateway knows their sockets,
    # so one that says that all of them live takes its place: a socket that is gone loses its slot to the next
    # handshake, once it is older than a handshake can be. On a busy machine a round takes longer than that.
    grants = Grants(site)
    page = ("Origin", site.origin)

    def handshake(user: str, token: str) -> int:
        query = [("user_id", user), ("token", token)]
        event = connect_event(connection_id=secrets.token_hex(8), query=query, headers=[page])
        status: int = grants.run("connect", event)["statusCode"]
        return status

    admitted, slots = [], []
    with (
        serving(good(b"{}")) as gateway,
        grants.told("connect", AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI=gateway.url),
        ThreadPoolExecutor(PROCESSES) as pool,
    ):
        for _ in range(ROUNDS):
            user = f"crowd_{secrets.token_hex(4)}"
            token = site.token(user)
            statuses = list(pool.map(lambda _, who=user, what=token: handshake(who, what), range(AT_ONCE)))
            let_time_pass(grants, user)
            statuses.append(handshake(user, token))
            admitted.append(statuses.count(200))
            assert set(statuses) <= {200, 429, 503}
            slots.append(len(grants.slots_of(user)))

    assert gateway.requests
    assert admitted == slots == [3] * ROUNDS


def let_time_pass(grants: Grants, user: str) -> None:
    """Make the holders of a user's slots older than a handshake can be, as a slow round would."""
    for slot in grants.slots_of(user):
        grants.table.update_item(
            TableName=grants.site.table_name,
            Key={"pk": slot["pk"], "sk": slot["sk"]},
            UpdateExpression="SET connected_at = connected_at - :handshake",
            ExpressionAttributeValues={":handshake": {"N": str(int(LONGEST_HANDSHAKE.total_seconds()) + 1)}},
        )
