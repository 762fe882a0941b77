"""Posts frames to sockets: signed requests on kept connections, without the SDK's overhead.

Frames are most of what a worker does, and one costs a fifth here of what it costs through boto3. Nothing is
retried: the caller has newer text to send by then.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote

import aiohttp
from yarl import URL

from functions.shared.aws_client import stage_of
from functions.shared.http_connections import host_of
from functions.shared.signing import Signer
from functions.worker.http_client import http_client
from functions.worker.ports import ConnectionGone, PostFailed, PostTooLarge, Throttled

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
    client: aiohttp.ClientSession = field(default_factory=lambda: http_client(connect=CONNECT, read=READ))
    _origin: str = field(init=False)
    _stage: str = field(init=False)
    _signer: Signer = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._origin, self._stage = stage_of(self.endpoint)
        self._signer = Signer(
            service="execute-api",
            host=host_of(self._origin),
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
        url = URL(self._origin + path, encoded=True)
        headers = self._signer.headers("POST", path, data, self.credentials(), now=self.clock())
        try:
            async with self.client.post(url, data=data, headers=headers, allow_redirects=False) as reply:
                status = reply.status
        except (aiohttp.ClientError, OSError) as error:
            raise PostFailed(type(error).__name__) from error
        if status == HTTPStatus.GONE:
            raise ConnectionGone(connection_id)
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            raise Throttled(connection_id)
        if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            raise PostTooLarge(str(status))
        if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            raise PostFailed(str(status))
