"""Posts frames to sockets: signed requests on kept connections, without the SDK's overhead.

One frame costs 1 ms of CPU through boto3 and a third of that here, and frames are most of what a worker does.
The SDK still signs (SigV4). Nothing is retried here: the caller has newer text to send by then.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

import httpx2
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest

from functions.worker.ports import ConnectionGone, PostFailed, Throttled

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.credentials import ReadOnlyCredentials

TIMEOUT = httpx2.Timeout(connect=1, read=3, write=3, pool=3)
SERVICE = "execute-api"


@dataclass(frozen=True, slots=True, kw_only=True)
class Posts:
    """Sends frames."""

    client: httpx2.AsyncClient
    endpoint: str
    """`https://{api}.execute-api.{region}.amazonaws.com/{stage}`"""
    region: str
    credentials: Callable[[], ReadOnlyCredentials]

    async def post(self, connection_id: str, data: bytes) -> None:
        """Send one text frame.

        Raises:
            ConnectionGone: If there is no such socket.
            Throttled: If the gateway wants fewer posts.
            PostFailed: If nothing is known of what became of it.
        """
        url = f"{self.endpoint}/@connections/{quote(connection_id, safe='')}"
        request = AWSRequest("POST", url, data=data, headers={"Content-Type": "application/json"})
        SigV4Auth(self.credentials(), SERVICE, self.region).add_auth(request)
        try:
            reply = await self.client.post(url, content=data, headers=dict(request.headers.items()))
        except httpx2.HTTPError as error:
            raise PostFailed(type(error).__name__) from error
        if reply.status_code == httpx2.codes.GONE:
            raise ConnectionGone(connection_id)
        if reply.status_code == httpx2.codes.TOO_MANY_REQUESTS:
            raise Throttled(connection_id)
        if not reply.is_success:
            raise PostFailed(str(reply.status_code))
