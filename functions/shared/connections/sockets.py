"""Sockets, as API Gateway's management API sees them: post to one, ask for one, close one."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from functions.shared.wire.encoding import encode

if TYPE_CHECKING:
    from datetime import datetime

    from mypy_boto3_apigatewaymanagementapi import ApiGatewayManagementApiClient

    from functions.shared.wire.system import Closing


@dataclass(frozen=True, slots=True)
class Sockets:
    """The open sockets of this deployment."""

    client: ApiGatewayManagementApiClient

    def is_gone(self, connection_id: str) -> bool:
        """Say whether a connection is known to have ended; without an answer it is not."""
        try:
            self.client.get_connection(ConnectionId=connection_id)
        except self.client.exceptions.GoneException:
            return True
        except (BotoCoreError, ClientError):
            return False
        return False

    def post(self, connection_id: str, data: bytes) -> bool:
        """Send one text frame. Returns False if the connection has ended."""
        try:
            self.client.post_to_connection(ConnectionId=connection_id, Data=data)
        except self.client.exceptions.GoneException:
            return False
        return True

    def tell(self, connection_id: str, data: bytes) -> None:
        """Send one text frame, if that can be done."""
        with contextlib.suppress(BotoCoreError, ClientError):
            self.post(connection_id, data)

    def end(self, connection_id: str, closing: Closing, *, now: datetime) -> None:
        """Tell a connection why, if it can be told, and close it."""
        with contextlib.suppress(BotoCoreError, ClientError):
            self.post(connection_id, encode(closing.message(now=now)))
        self.close(connection_id)

    def dismiss(self, connection_id: str, closing: Closing, *, now: datetime) -> bool:
        """End a connection. Returns False if that failed: AWS closes it sooner or later."""
        try:
            self.end(connection_id, closing, now=now)
        except (BotoCoreError, ClientError):
            return False
        return True

    def close(self, connection_id: str) -> None:
        """Close a connection; the client sees 1000, whatever the reason (there is no other code)."""
        with contextlib.suppress(self.client.exceptions.GoneException):
            self.client.delete_connection(ConnectionId=connection_id)
