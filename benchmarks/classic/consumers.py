"""The socket: a user's sockets form a group, and each gets what is sent to the group."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs

import jwt
from channels.generic.websocket import AsyncWebsocketConsumer

from benchmarks.classic.tokens import group_of, user_of


class AnswerConsumer(AsyncWebsocketConsumer):
    """One open socket."""

    group: str | None = None

    async def connect(self) -> None:
        query = parse_qs(self.scope["query_string"].decode())
        try:
            user_id = user_of(query["token"][0])
        except (KeyError, jwt.InvalidTokenError):
            await self.close(code=4001)
            return
        self.group = group_of(user_id)
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        if self.group:
            await self.channel_layer.group_discard(self.group, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        await self.send(text_data=json.dumps({"type": "system", "status": "connected"}))

    async def message(self, event: dict[str, Any]) -> None:
        """Pass on what the worker encoded."""
        await self.send(text_data=event["text"])
