"""Where users see and close their own sockets."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

from functions.generate.problems import NotFound, TooManyThisMinute
from functions.generate.routes import route
from functions.shared.times import rfc3339
from functions.shared.wire.bodies import Connections, ConnectionsClosed

if TYPE_CHECKING:
    from functions.generate.api import Api
    from functions.generate.routes import Call

PATH = "/api/chat/connections"


@route(
    "GET",
    PATH,
    returns=Connections,
    refuses=(TooManyThisMinute,),
    links={"closeConnection": "/connections/0/connection_id"},
)
def list_connections(api: Api, call: Call) -> Connections:
    """List the user's open sockets."""
    api.read_limit.admit(call.user_id, now=call.now)
    api.read_limit.charge(call.user_id, now=call.now)
    return {
        "user_id": call.user_id,
        "connections": [
            {
                "connection_id": connection.connection_id,
                "origin": connection.origin or None,
                "connected_at": rfc3339(connection.connected_at),
                "expires_at": rfc3339(connection.expires_at),
            }
            for connection in api.user_connections.of_user(call.user_id, now=call.now)
        ],
        "maximum": api.settings.connections_per_user,
        "timestamp": rfc3339(call.now),
    }


@route("DELETE", PATH, returns=ConnectionsClosed)
def close_connections(api: Api, call: Call) -> ConnectionsClosed:
    """Close all of the user's sockets."""
    return _closed(call, api.user_connections.close_all(call.user_id, now=call.now))


@route("DELETE", PATH + "/(?P<id>[A-Za-z0-9_=%-]{1,128})", returns=ConnectionsClosed, refuses=(NotFound,))
def close_connection(api: Api, call: Call) -> ConnectionsClosed:
    """Close one of the user's sockets."""
    connection_id = unquote(call.path["id"])
    if not api.user_connections.close(connection_id, user_id=call.user_id, now=call.now):
        raise NotFound("There is no such connection.")
    return _closed(call, [connection_id])


def _closed(call: Call, connection_ids: list[str]) -> ConnectionsClosed:
    return {"user_id": call.user_id, "closed": connection_ids, "timestamp": rfc3339(call.now)}
