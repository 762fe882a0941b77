"""Writes each function's environment, as `functions/<name>/settings.py` declares it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.connect.settings import ConnectSettings
from functions.disconnect.settings import DisconnectSettings
from functions.generate.settings import GenerateSettings
from functions.message.settings import MessageSettings
from functions.shared.settings import Settings, written
from functions.worker.settings import WorkerSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from functions.shared.models.request_additions import Header
    from infra.config.fields import Config

SETTINGS: Mapping[str, type[Settings]] = {
    "connect": ConnectSettings,
    "disconnect": DisconnectSettings,
    "message": MessageSettings,
    "generate": GenerateSettings,
    "worker": WorkerSettings,
}
FUNCTIONS = tuple(SETTINGS)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceRefs:
    """What the stack made, by the names that functions' settings give it; it comes before what was chosen."""

    table_name: str
    queue_url: str
    reminders_url: str
    token_secret_arn: str
    llm_key_secret_arn: str
    edge_secret_arn: str
    attachments_bucket: str
    websocket_url: str
    llm_headers: tuple[Header, ...]
    """Each secret by what it is asked for by."""
    allowed_origins: tuple[str, ...]
    """With the demo page's own."""
    management_endpoint: str


def environment_of(function: str, config: Config, refs: ResourceRefs) -> dict[str, str]:
    """Return one function's whole environment."""
    return {
        **_for_powertools(function, config),
        **_for_the_sdk(function, config, refs),
        **written(
            SETTINGS[function],
            lambda name: getattr(refs, name) if hasattr(refs, name) else getattr(config, name),
        ),
    }


def _for_powertools(function: str, config: Config) -> dict[str, str]:
    return {
        "POWERTOOLS_SERVICE_NAME": function,
        "POWERTOOLS_METRICS_NAMESPACE": config.stack_name,
        "POWERTOOLS_LOG_LEVEL": config.log_level,
    }


def _for_the_sdk(function: str, config: Config, refs: ResourceRefs) -> dict[str, str]:
    endpoints = {"AWS_ENDPOINT_URL": config.aws_endpoint_url} if config.aws_endpoint_url else {}
    if function in {"connect", "generate", "message", "worker"}:
        endpoints["AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI"] = refs.management_endpoint
    return endpoints
