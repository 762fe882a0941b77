"""What uvicorn serves: HTTP by Django, sockets by Channels."""

from __future__ import annotations

from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import OriginValidator
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.urls import path

http = get_asgi_application()  # Sets Django up, which the consumer needs.

from benchmarks.classic.consumers import AnswerConsumer  # noqa: E402

sockets = URLRouter([path("ws", AnswerConsumer.as_asgi())])
application = ProtocolTypeRouter(
    {"http": http, "websocket": OriginValidator(sockets, settings.ALLOWED_ORIGINS)}
)
