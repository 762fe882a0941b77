"""How the settings must fit together, where each alone would be allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.shared.tokens.key_strength import is_good, loaded, wanted
from infra.config.account_limits import Inconsistency, inconsistencies_with_aws
from infra.config.model_consistency import inconsistent_models

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.config.fields import Config

# What the worker needs once its last generation has run out of time: to say so and to store the text.
SECONDS_TO_END_WELL = 30
# Sixty answers at 80 tokens a second take two thirds of a processor (docs/performance.md), and Lambda gives a
# whole one with 1,769 MB.
MB_PER_ANSWER = 30
# CloudFront is everywhere, but takes its certificates and its firewall from here.
EDGE_REGION = "us-east-1"


def inconsistencies(config: Config) -> Iterator[Inconsistency]:
    """Yield every setting that contradicts another one."""
    yield from _times(config)
    yield from _memory(config)
    yield from _table(config)
    yield from inconsistent_models(config)
    yield from _addresses(config)
    yield from _keys(config)
    yield from _domains(config)
    yield from _content(config)
    yield from _deployment(config)
    yield from inconsistencies_with_aws(config)


def _times(config: Config) -> Iterator[Inconsistency]:
    least = config.generation_timeout_seconds + SECONDS_TO_END_WELL
    if config.worker_timeout_seconds < least:
        yield Inconsistency(
            "worker_timeout_seconds",
            f"it must be at least {least}, {SECONDS_TO_END_WELL} more than generation_timeout_seconds",
        )
    for name in ("first_token_timeout_seconds", "stall_timeout_seconds"):
        if getattr(config, name) > config.generation_timeout_seconds:
            most = config.generation_timeout_seconds
            yield Inconsistency(name, f"it must be at most {most}, which is generation_timeout_seconds")


def _memory(config: Config) -> Iterator[Inconsistency]:
    least = config.worker_answers * MB_PER_ANSWER
    if config.worker_memory_mb < least:
        most = config.worker_memory_mb // MB_PER_ANSWER
        yield Inconsistency(
            "worker_memory_mb",
            f"it must be at least {least}, {MB_PER_ANSWER} for each of worker_answers, since the processor "
            f"grows with it; or worker_answers at most {most}",
        )


def _table(config: Config) -> Iterator[Inconsistency]:
    default = type(config).__dataclass_fields__["table_warm_writes"].default
    if config.table_name and config.table_warm_writes != default:
        yield Inconsistency(
            "table_warm_writes", f"with table_name it must be {default}: that table is not the stack's"
        )


def _content(config: Config) -> Iterator[Inconsistency]:
    if config.content_hook and not config.content_hook_path:
        yield Inconsistency("content_hook", "with it, content_hook_path must name the folder of its module")
    if config.content_hook_path and not config.content_hook:
        yield Inconsistency(
            "content_hook_path", "without content_hook, which names a function, it must be empty"
        )


def _keys(config: Config) -> Iterator[Inconsistency]:
    algorithm, key = config.token_algorithm, config.token_public_key
    for setting, must in config.contradictions():
        yield Inconsistency(setting, must)
    if config.has_shared_secret:
        return
    if config.token_secret_name:
        yield Inconsistency(
            "token_secret_name", f"it must be empty with token_algorithm {algorithm}, which takes none"
        )
    if key and not is_good(loaded(key), algorithm):
        yield Inconsistency(
            "token_public_key", f"for token_algorithm {algorithm} it must be {wanted(algorithm)}"
        )


def _domains(config: Config) -> Iterator[Inconsistency]:
    if config.target == "local":
        for name in ("demo_page", "edge", "http_domain", "websocket_domain"):
            if getattr(config, name):
                yield Inconsistency(
                    name, "for target local it must not be set: the emulator has its own address"
                )
    for domain, arn in (
        ("http_domain", "http_certificate_arn"),
        ("websocket_domain", "websocket_certificate_arn"),
    ):
        if bool(getattr(config, domain)) != bool(getattr(config, arn)):
            yield Inconsistency(domain, f"it and {arn} must be set together")
        elif config.edge and getattr(config, arn) and f":acm:{EDGE_REGION}:" not in getattr(config, arn):
            yield Inconsistency(arn, f"with edge it must be in {EDGE_REGION}, where CloudFront looks for it")
    if config.http_domain and config.http_domain == config.websocket_domain:
        yield Inconsistency("websocket_domain", "it must not be http_domain: the two APIs cannot share one")


def _deployment(config: Config) -> Iterator[Inconsistency]:
    if config.target == "local" and config.deployment != "all_at_once":
        yield Inconsistency("deployment", "for target local it must be all_at_once: it has no CodeDeploy")


def _addresses(config: Config) -> Iterator[Inconsistency]:
    if config.target == "local":
        for name in ("execute_api_endpoint", "websocket_endpoint"):
            if "{api_id}" not in getattr(config, name):
                yield Inconsistency(name, "for target local it must be a URL that contains {api_id}")
        return
    for name in ("execute_api_endpoint", "websocket_endpoint", "aws_endpoint_url"):
        if getattr(config, name):
            yield Inconsistency(name, "it must be empty, except for target local")
    for name in ("token_jwks_url", "llm_base_url", "otlp_endpoint"):
        if getattr(config, name).startswith("http://"):
            yield Inconsistency(name, "it must start with https://, except for target local")
