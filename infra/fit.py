"""How the settings must fit together, where each alone would be allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.config import Config

# What the worker needs once its last generation has run out of time: to say so and to store the text.
SECONDS_TO_END_WELL = 30


class Misfit(NamedTuple):
    """A setting that does not go with another, and what it must be instead."""

    setting: str
    must: str


def misfits(config: Config) -> Iterator[Misfit]:
    """Yield every setting that contradicts another one."""
    yield from _times(config)
    yield from _models(config)
    yield from _addresses(config)


def _times(config: Config) -> Iterator[Misfit]:
    least = config.generation_timeout_seconds + SECONDS_TO_END_WELL
    if config.worker_timeout_seconds < least:
        yield Misfit(
            "worker_timeout_seconds",
            f"it must be at least {least}, {SECONDS_TO_END_WELL} more than generation_timeout_seconds",
        )
    for name in ("first_token_timeout_seconds", "stall_timeout_seconds"):
        if getattr(config, name) > config.generation_timeout_seconds:
            most = config.generation_timeout_seconds
            yield Misfit(name, f"it must be at most {most}, which is generation_timeout_seconds")


def _models(config: Config) -> Iterator[Misfit]:
    if config.llm_model not in config.models:
        yield Misfit(
            "llm_model", f"it must be one of llm_allowed_models, which are {', '.join(config.models)}"
        )


def _addresses(config: Config) -> Iterator[Misfit]:
    if config.target == "local":
        for name in ("execute_api_endpoint", "websocket_endpoint"):
            if "{api_id}" not in getattr(config, name):
                yield Misfit(name, "for target local it must be a URL that contains {api_id}")
        return
    for name in ("execute_api_endpoint", "websocket_endpoint", "aws_endpoint_url"):
        if getattr(config, name):
            yield Misfit(name, "it must be empty, except for target local")
    if not config.llm_base_url.startswith("https://"):
        yield Misfit("llm_base_url", "it must start with https://, except for target local")
