"""The providers that can be asked for answers. A provider is a file of its own and a row here.

The deployment reads the rows too, and has no provider's SDK. So a row imports its file when it makes a model;
the handler imports it before, while Lambda starts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from functions.worker.model import Model
    from functions.worker.settings import WorkerSettings

    ReadSecret = Callable[[str], Awaitable[str]]
    """Reads a secret by its name or ARN."""


def _openai(settings: WorkerSettings, secret: ReadSecret) -> Model:
    from functions.worker.openai_model import openai_model  # noqa: PLC0415

    return openai_model(settings, secret)


PROVIDERS: Mapping[str, Callable[[WorkerSettings, ReadSecret], Model]] = {"openai": _openai}
"""By the setting `llm_provider`."""


def model_of(settings: WorkerSettings, secret: ReadSecret) -> Model:
    """Make the model that a deployment has set up."""
    return PROVIDERS[settings.llm_provider](settings, secret)
