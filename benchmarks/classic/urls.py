"""The pages."""

from __future__ import annotations

from django.urls import path

from benchmarks.classic.views import generate, health

urlpatterns = [path("api/chat/generate-response", generate), path("health", health)]
