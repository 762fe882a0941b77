"""What each function finds in its environment; `functions/<name>/settings.py` reads exactly this."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from infra.config.llm_request import headers_for, query_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra.config.fields import Config


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceRefs:
    """What the stack made, as functions address it."""

    table_name: str
    queue_url: str
    token_secret: str
    llm_key_secret: str
    llm_header_secrets: Mapping[str, str]
    """What each secret that a header names is asked for by."""
    management_endpoint: str
    websocket_url: str
    edge_secret: str
    origins: tuple[str, ...]


def environment_of(function: str, config: Config, refs: ResourceRefs) -> dict[str, str]:
    """Return one function's whole environment."""
    return {
        **_for_powertools(function, config),
        **_for_the_sdk(function, config, refs),
        **_OWN[function](config, refs),
    }


def _connect(config: Config, refs: ResourceRefs) -> dict[str, str]:
    return {
        "TABLE_NAME": refs.table_name,
        **_admission(config, refs),
        "CONNECTIONS_PER_USER": str(config.connections_per_user),
        "CONNECTION_POLICY": config.connection_policy,
        "CONNECTION_LIFETIME_SECONDS": str(config.connection_lifetime_seconds),
        "TOKEN_GRACE_SECONDS": str(config.token_grace_seconds),
    }


def _disconnect(_config: Config, refs: ResourceRefs) -> dict[str, str]:
    return {"TABLE_NAME": refs.table_name}


def _message(config: Config, refs: ResourceRefs) -> dict[str, str]:
    return {"TABLE_NAME": refs.table_name, "MESSAGES_PER_MINUTE": str(config.messages_per_minute)}


def _generate(config: Config, refs: ResourceRefs) -> dict[str, str]:
    return {
        "TABLE_NAME": refs.table_name,
        "QUEUE_URL": refs.queue_url,
        **_admission(config, refs),
        "CONNECTIONS_PER_USER": str(config.connections_per_user),
        "CONNECTION_POLICY": config.connection_policy,
        "WEBSOCKET_URL": refs.websocket_url,
        "LLM_MODEL": config.llm_model,
        "LLM_ALLOWED_MODELS": ",".join(config.models),
        "MAX_PROMPT_BYTES": str(config.max_prompt_bytes),
        "QUEUE_DEADLINE_SECONDS": str(config.queue_deadline_seconds),
        "PROMPTS_PER_MINUTE": str(config.prompts_per_minute),
        "PROMPTS_AT_ONCE": str(config.prompts_at_once),
        "TICKETS_PER_MINUTE": str(config.tickets_per_minute),
        "RETENTION_DAYS": str(config.retention_days),
    }


def _worker(config: Config, refs: ResourceRefs) -> dict[str, str]:
    return {
        "TABLE_NAME": refs.table_name,
        "QUEUE_URL": refs.queue_url,
        "LLM_PROVIDER": config.llm_provider,
        "LLM_BASE_URL": config.llm_base_url,
        "LLM_KEY_SECRET_ARN": refs.llm_key_secret,
        "LLM_SYSTEM_PROMPT": config.llm_system_prompt,
        "LLM_MAX_OUTPUT_TOKENS": str(config.llm_max_output_tokens),
        "LLM_HEADERS": headers_for(config.llm_headers, refs.llm_header_secrets),
        "LLM_QUERY": query_for(config.llm_query),
        "FIRST_TOKEN_TIMEOUT_SECONDS": str(config.first_token_timeout_seconds),
        "STALL_TIMEOUT_SECONDS": str(config.stall_timeout_seconds),
        "GENERATION_TIMEOUT_SECONDS": str(config.generation_timeout_seconds),
        "MAX_ANSWER_CHARACTERS": str(config.max_answer_characters),
        "MAX_ATTEMPTS": str(config.max_attempts),
        "LEASE_SECONDS": str(config.lease_seconds),
        "FRAME_INTERVAL_MILLISECONDS": str(config.frame_interval_milliseconds),
    }


_OWN = {
    "connect": _connect,
    "disconnect": _disconnect,
    "message": _message,
    "generate": _generate,
    "worker": _worker,
}
FUNCTIONS = tuple(_OWN)


def _admission(config: Config, refs: ResourceRefs) -> dict[str, str]:
    """Who may come in, by socket and by HTTP alike."""
    return {
        "TOKEN_SECRET_ARN": refs.token_secret,
        "TOKEN_ALGORITHM": config.token_algorithm,
        "TOKEN_PUBLIC_KEY": config.token_public_key.strip(),
        "TOKEN_JWKS_URL": config.token_jwks_url,
        "TOKEN_MAX_AGE_SECONDS": str(config.token_max_age_seconds),
        "TOKEN_ISSUER": config.token_issuer,
        "TOKEN_AUDIENCE": config.token_audience,
        "TOKEN_USER_CLAIMS": ",".join(config.token_user_claims),
        "ALLOWED_ORIGINS": ",".join(refs.origins),
        "ALLOW_MISSING_ORIGIN": str(config.allow_missing_origin).lower(),
        "EDGE_SECRET_ARN": refs.edge_secret,
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
