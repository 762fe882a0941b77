"""Who can be asked for answers. A provider is a file of its own and a row here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.shared.errors import SettingsError
from functions.worker.openai_model import openai_model

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from functions.worker.model import Model
    from functions.worker.settings import WorkerSettings

    ReadSecret = Callable[[str], Awaitable[str]]
    """Reads a secret by its name or ARN."""

PROVIDERS: Mapping[str, Callable[[WorkerSettings, ReadSecret], Model]] = {"openai": openai_model}
"""By the setting `llm_provider`, whose words infra/config/fields.py repeats: a test compares."""


def model_of(settings: WorkerSettings, secret: ReadSecret) -> Model:
    """Make the model that a deployment has set up.

    Raises:
        SettingsError: If the provider is not known.
    """
    if settings.llm_provider not in PROVIDERS:
        raise SettingsError(f"LLM_PROVIDER must be one of {', '.join(PROVIDERS)}")
    return PROVIDERS[settings.llm_provider](settings, secret)
