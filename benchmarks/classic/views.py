"""Takes prompts over HTTP."""

from __future__ import annotations

import asyncio
import json
import uuid
from http import HTTPStatus
from typing import TYPE_CHECKING

import jwt
from django.http import JsonResponse

from benchmarks.classic.tasks import answer
from benchmarks.classic.tokens import user_of

if TYPE_CHECKING:
    from django.http import HttpRequest


async def generate(request: HttpRequest) -> JsonResponse:
    """Queue a prompt."""
    try:
        user_id = user_of(request.headers.get("Authorization", "").removeprefix("Bearer "))
    except jwt.InvalidTokenError:
        return JsonResponse({"code": 4001}, status=HTTPStatus.UNAUTHORIZED)
    asked = json.loads(request.body)
    facts = {"user_id": user_id, "chat_id": asked["chat_id"], "generation_id": uuid.uuid4().hex}
    await asyncio.to_thread(answer.delay, facts, asked["prompt"])
    return JsonResponse({**facts, "status": "queued"}, status=HTTPStatus.ACCEPTED)


async def health(request: HttpRequest) -> JsonResponse:  # noqa: ARG001  Django passes it
    """Say that it is up."""
    return JsonResponse({"status": "ok"})
