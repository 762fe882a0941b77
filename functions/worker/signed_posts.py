"""Posts frames to sockets: signed requests on kept connections, without the SDK's overhead.

Frames are most of what a worker does. Nothing is retried: the caller has newer text to send by then.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote

from functions.shared.aws_client import stage_of
from functions.shared.http_connections import host_of
from functions.shared.signing import Signer
from functions.worker.ports import ConnectionGone, PostFailed, PostTooLarge, Throttled
from functions.worker.post_connections import PostConnections

if TYPE_CHECKING:
    from collections.abc import Callable

    from functions.shared.signing import Credentials

CONNECT, READ = 1.0, 3.0  # seconds


@dataclass(slots=True, kw_only=True)
class Posts:
    """Sends frames."""

    endpoint: str
    """`https://{api}.execute-api.{region}.amazonaws.com/{stage}`"""
    region: str
    credentials: Callable[[], Credentials]
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    connections: PostConnections = field(init=False)
    _stage: str = field(init=False)
    _signer: Signer = field(init=False, repr=False)

    def __post_init__(self) -> None:
        origin, self._stage = stage_of(self.endpoint)
        self.connections = PostConnections(origin=origin, connect=CONNECT, read=READ)
        self._signer = Signer(
            service="execute-api",
            host=host_of(origin),
            region=self.region,
            content_type="application/json",
        )

    async def post(self, connection_id: str, data: bytes) -> None:
        """Send one text frame.

        Raises:
            ConnectionGone: If there is no such socket.
            Throttled: If the gateway wants fewer posts.
            PostTooLarge: If the frame is too large.
            PostFailed: If nothing is known of what became of it.
        """
        path = f"{self._stage}/@connections/{quote(connection_id, safe='')}"
        headers = self._signer.headers("POST", path, data, self.credentials(), now=self.clock())
        try:
            status = await self.connections.post(path, data, headers)
        except OSError as error:
            raise PostFailed(type(error).__name__) from error
        if status == HTTPStatus.GONE:
            raise ConnectionGone(connection_id)
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            raise Throttled(connection_id)
        if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            raise PostTooLarge(str(status))
        if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            raise PostFailed(str(status))
