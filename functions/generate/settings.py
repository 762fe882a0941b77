"""The environment of the generate function."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Self

from functions.shared import environment
from functions.shared.connections.model import POLICIES
from functions.shared.origins import allowed_origins
from functions.shared.tokens.keys import KeySource
from functions.shared.tokens.verifier import TokenRules

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerateSettings:
    """What a deployment decides about prompts."""

    table: str
    queue_url: str
    token_keys: KeySource
    token_rules: TokenRules
    allowed_origins: frozenset[str]
    edge_secret_arn: str
    """How the edge proves itself; empty where there is none."""
    allow_missing_origin: bool
    """Whether clients without an Origin may open sockets, and so may get tickets."""
    connections_per_user: int
    evicts_oldest: bool
    websocket_url: str
    """Where sockets open, as clients see it."""
    model: str
    allowed_models: frozenset[str]
    """The models that a request may name, the default one included."""
    max_prompt_bytes: int
    prompts_per_minute: int
    prompts_at_once: int
    tickets_per_minute: int
    queue_deadline: timedelta
    retention: timedelta

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        """Read the settings.

        Raises:
            SettingsError: If a variable is missing or not usable.
        """
        model = environment.text(environ, "LLM_MODEL")
        return cls(
            table=environment.text(environ, "TABLE_NAME"),
            queue_url=environment.text(environ, "QUEUE_URL"),
            token_keys=KeySource.from_env(environ),
            token_rules=TokenRules.from_env(environ),
            allowed_origins=allowed_origins(environ),
            edge_secret_arn=environment.optional_text(environ, "EDGE_SECRET_ARN"),
            allow_missing_origin=environment.truth(environ, "ALLOW_MISSING_ORIGIN"),
            evicts_oldest=environment.choice(environ, "CONNECTION_POLICY", POLICIES) == "evict_oldest",
            connections_per_user=environment.whole_number(environ, "CONNECTIONS_PER_USER"),
            websocket_url=environment.text(environ, "WEBSOCKET_URL"),
            model=model,
            allowed_models=frozenset({model, *environment.optional_texts(environ, "LLM_ALLOWED_MODELS")}),
            max_prompt_bytes=environment.whole_number(environ, "MAX_PROMPT_BYTES"),
            prompts_per_minute=environment.whole_number(environ, "PROMPTS_PER_MINUTE"),
            prompts_at_once=environment.whole_number(environ, "PROMPTS_AT_ONCE"),
            tickets_per_minute=environment.whole_number(environ, "TICKETS_PER_MINUTE"),
            queue_deadline=environment.seconds(environ, "QUEUE_DEADLINE_SECONDS"),
            retention=timedelta(days=environment.whole_number(environ, "RETENTION_DAYS")),
        )
