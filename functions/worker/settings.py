"""The environment of the worker function."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Self

from functions.shared import environment

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSettings:
    """What a deployment decides about making answers."""

    table: str
    queue_url: str
    llm_provider: str
    llm_base_url: str
    llm_key_secret_arn: str
    system_prompt: str = field(repr=False)
    max_output_tokens: int
    """0: no limit is sent to the model."""
    llm_headers: Mapping[str, str] = field(repr=False)
    llm_header_secrets: Mapping[str, str]
    """The headers whose value is in a secret, with what that secret is asked for by."""
    llm_query: Mapping[str, str] = field(repr=False)
    first_token_timeout: timedelta
    stall_timeout: timedelta
    generation_timeout: timedelta
    max_answer_characters: int
    max_attempts: int
    lease: timedelta
    frame_interval: timedelta

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        """Read the settings.

        Raises:
            SettingsError: If a variable is missing or not usable.
        """
        headers = environment.optional_object(environ, "LLM_HEADERS")
        return cls(
            table=environment.text(environ, "TABLE_NAME"),
            queue_url=environment.text(environ, "QUEUE_URL"),
            llm_provider=environment.text(environ, "LLM_PROVIDER"),
            llm_base_url=environment.text(environ, "LLM_BASE_URL"),
            llm_key_secret_arn=environment.text(environ, "LLM_KEY_SECRET_ARN"),
            system_prompt=environment.optional_text(environ, "LLM_SYSTEM_PROMPT"),
            max_output_tokens=environment.whole_number(environ, "LLM_MAX_OUTPUT_TOKENS", minimum=0),
            llm_headers={name: value for name, value in headers.items() if isinstance(value, str)},
            llm_header_secrets={
                name: str(value["secret"])
                for name, value in headers.items()
                if isinstance(value, dict) and "secret" in value
            },
            llm_query={
                name: str(value) for name, value in environment.optional_object(environ, "LLM_QUERY").items()
            },
            first_token_timeout=environment.seconds(environ, "FIRST_TOKEN_TIMEOUT_SECONDS"),
            stall_timeout=environment.seconds(environ, "STALL_TIMEOUT_SECONDS"),
            generation_timeout=environment.seconds(environ, "GENERATION_TIMEOUT_SECONDS"),
            max_answer_characters=environment.whole_number(environ, "MAX_ANSWER_CHARACTERS"),
            max_attempts=environment.whole_number(environ, "MAX_ATTEMPTS"),
            lease=environment.seconds(environ, "LEASE_SECONDS"),
            frame_interval=timedelta(
                milliseconds=environment.whole_number(environ, "FRAME_INTERVAL_MILLISECONDS", minimum=10)
            ),
        )
