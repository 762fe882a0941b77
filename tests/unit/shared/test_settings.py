"""What every function reads from its environment."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from functions.connect.settings import ConnectSettings
from functions.disconnect.settings import DisconnectSettings
from functions.generate.settings import GenerateSettings
from functions.message.settings import MessageSettings
from functions.shared.errors import SettingsError
from functions.shared.tokens.keys import KeySource
from functions.shared.tokens.verifier import TokenRules
from functions.worker.settings import WorkerSettings
from tests.support import environment
from tests.support.builders import ORIGIN

if TYPE_CHECKING:
    from collections.abc import Callable

SETTINGS: list[tuple[Callable[..., Any], dict[str, str]]] = [
    (ConnectSettings.from_env, environment.CONNECT),
    (DisconnectSettings.from_env, environment.DISCONNECT),
    (MessageSettings.from_env, environment.MESSAGE),
    (GenerateSettings.from_env, environment.GENERATE),
    (WorkerSettings.from_env, environment.WORKER),
]
NAMES = [(from_env, environ, name) for from_env, environ in SETTINGS for name in environ]
RULES = TokenRules(
    algorithm="HS256",
    issuer="",
    audience="",
    user_claims=("sub", "user_id"),
    max_age=timedelta(days=1),
)
KEYS = KeySource(secret_arn=environment.TOKENS["TOKEN_SECRET_ARN"], public_key="", jwks_url="")


class Reading(dict[str, str]):
    """An environment that remembers which variables were read."""

    def __init__(self, environ: dict[str, str]) -> None:
        super().__init__(environ)
        self.names: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        self.names.add(name)
        return super().get(name, default)


@pytest.mark.parametrize(("from_env", "environ"), SETTINGS)
def test_a_function_reads_exactly_its_own_variables(
    from_env: Callable[..., Any], environ: dict[str, str]
) -> None:
    reading = Reading(environ)

    from_env(reading)

    assert reading.names == set(environ)


@pytest.mark.parametrize(("from_env", "environ", "name"), NAMES)
@pytest.mark.parametrize("value", [None, "", " "])
def test_a_missing_variable_is_named(
    from_env: Callable[..., Any], environ: dict[str, str], name: str, value: str | None
) -> None:
    incomplete = {key: text for key, text in environ.items() if key != name}
    if value is not None:
        incomplete[name] = value

    if name in environment.OPTIONAL:
        from_env(incomplete)
    else:
        with pytest.raises(SettingsError, match=f"^{name} is not set$"):
            from_env(incomplete)


@pytest.mark.parametrize(("from_env", "environ", "name"), NAMES)
def test_no_message_repeats_a_value(from_env: Callable[..., Any], environ: dict[str, str], name: str) -> None:
    told = ""
    try:
        from_env(environ | {name: "canary"})
    except SettingsError as error:
        told = str(error)

    assert "canary" not in told
    assert told == "" or told.startswith(f"{name} must be ")


def test_connect_knows_whom_it_admits() -> None:
    assert ConnectSettings.from_env(environment.CONNECT) == ConnectSettings(
        table="framestream",
        token_keys=KEYS,
        token_rules=RULES,
        allowed_origins=frozenset({ORIGIN}),
        edge_secret_arn="",
        allow_missing_origin=False,
        connections_per_user=3,
        evicts_oldest=False,
        connection_lifetime=timedelta(hours=2),
        token_grace=timedelta(hours=2),
    )


def test_message_knows_how_much_is_too_much() -> None:
    assert MessageSettings.from_env(environment.MESSAGE) == MessageSettings(
        table="framestream", messages_per_minute=60
    )


def test_generate_knows_what_it_accepts() -> None:
    assert GenerateSettings.from_env(environment.GENERATE) == GenerateSettings(
        table="framestream",
        queue_url=environment.QUEUE_URL,
        token_keys=KEYS,
        token_rules=RULES,
        allowed_origins=frozenset({ORIGIN}),
        edge_secret_arn="",
        model="gpt-test",
        allowed_models=frozenset({"gpt-test", "gpt-other"}),
        max_prompt_bytes=1000,
        prompts_per_minute=30,
        prompts_at_once=10,
        tickets_per_minute=60,
        queue_deadline=timedelta(minutes=5),
        retention=timedelta(days=7),
        allow_missing_origin=False,
        connections_per_user=3,
        evicts_oldest=False,
        websocket_url="wss://socket.example.com/prod",
    )


def test_the_default_model_is_always_allowed() -> None:
    settings = GenerateSettings.from_env(environment.GENERATE | {"LLM_ALLOWED_MODELS": ""})

    assert settings.allowed_models == {"gpt-test"}
