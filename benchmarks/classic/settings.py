"""Django's settings."""

from __future__ import annotations

import os

SECRET_KEY = os.environ["CLASSIC_JWT_SECRET"]
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
ALLOWED_ORIGINS = [os.environ["CLASSIC_ORIGIN"]]
ROOT_URLCONF = "benchmarks.classic.urls"
ASGI_APPLICATION = "benchmarks.classic.asgi.application"
INSTALLED_APPS = ["channels"]
MIDDLEWARE: list[str] = []
USE_TZ = True
REDIS_URL = os.environ["CLASSIC_REDIS_URL"]
LLM_BASE_URL = os.environ["LLM_BASE_URL"]
CHANNEL_LAYERS = {
    "default": {
        # One publication for each message: the other layer, channels_redis.core, needs several round trips.
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL]},
    }
}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "loggers": {"django.request": {"handlers": ["console"], "level": "ERROR"}},
}
