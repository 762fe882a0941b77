"""What may be asked of a system before it comes up, and the deployment settings that follow from it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from local.stand_in.model import STAND_IN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from local.stand_in.model import Model

# Where a front end under development usually lives. The first is what our own commands call themselves.
ORIGINS = "http://localhost:5173,http://localhost:3000,http://localhost:8000,http://localhost:8080"

# Each batch of prompts that is worked on costs a process here, and each new process about a second.
WORKERS = "4"


@dataclass(frozen=True, slots=True, kw_only=True)
class UpOptions:
    """What was asked for; nothing has to be."""

    port: int | None = None
    llm_port: int | None = None
    page_port: int | None = None
    with_page: bool = True
    provider: str = "openai"
    """Whose API the model is asked with; only the stand-in speaks Bedrock's here."""
    settings: Mapping[str, str] = field(default_factory=dict)
    aws_endpoint_url: str | None = None
    ends_with: int | None = None
    """The process without which the system ends."""

    def deployment(self, *, model: Model, emulator: str, origins: Iterable[str] = ()) -> dict[str, str]:
        """Return the deployment's settings; one that was given by name wins.

        The origins are those of the page that is served here: allowed whatever else is.
        """
        endpoint = (self.aws_endpoint_url or emulator).rstrip("/")
        settings = {
            "target": "local",
            "execute_api_endpoint": f"{endpoint}/_aws/execute-api/{{api_id}}/prod",
            "websocket_endpoint": f"{emulator.replace('http', 'ws', 1)}/_aws/execute-api/{{api_id}}/prod",
            "worker_max_concurrency": WORKERS,
            **self._asked(model),
        }
        if self.aws_endpoint_url:
            settings["aws_endpoint_url"] = endpoint
        allowed = [self.settings.get("allowed_origins", ORIGINS), *origins]
        return settings | dict(self.settings) | {"allowed_origins": _without_repeats(",".join(allowed))}

    def _asked(self, model: Model) -> dict[str, str]:
        """Say how the model is asked."""
        if self.provider == "bedrock":
            return {"models": json.dumps({model.name or STAND_IN: bedrock_row(model.base_url)})}
        name = {"llm_model": model.name} if model.name and not self.settings.get("models") else {}
        return {"llm_base_url": model.base_url, **name}


def bedrock_row(base_url: str) -> dict[str, str]:
    """Return the row of a model that a server of this machine stands in for, beside its other API."""
    model_id = "eu.anthropic.stand-in-v1:0"
    return {"provider": "bedrock", "model_id": model_id, "endpoint_url": base_url.removesuffix("/v1")}


def _without_repeats(origins: str) -> str:
    return ",".join(dict.fromkeys(origin.strip() for origin in origins.split(",")))
