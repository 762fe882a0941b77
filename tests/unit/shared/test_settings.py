"""What every function reads from its environment."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from functions.connect.settings import ConnectSettings
from functions.disconnect.settings import DisconnectSettings
from functions.generate.settings import GenerateSettings
from functions.message.settings import MessageSettings
from functions.shared.errors import SettingsError
from functions.shared.models.request_additions import Header
from functions.shared.settings import Settings
from functions.worker.settings import WorkerSettings
from tests.support import environment
from tests.support.builders import ORIGIN

SETTINGS: list[tuple[type[Settings], dict[str, str]]] = [
    (ConnectSettings, environment.CONNECT),
    (DisconnectSettings, environment.DISCONNECT),
    (MessageSettings, environment.MESSAGE),
    (GenerateSettings, environment.GENERATE),
    (WorkerSettings, environment.WORKER),
]
NAMES = [(settings, environ, name) for settings, environ in SETTINGS for name in environ]


class Reading(dict[str, str]):
    """An environment that remembers which variables were read."""

    def __init__(self, environ: dict[str, str]) -> None:
        super().__init__(environ)
        self.names: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        self.names.add(name)
        return super().get(name, default)


@pytest.mark.parametrize(("settings", "environ"), SETTINGS)
def test_a_function_reads_exactly_its_own_variables(
    settings: type[Settings], environ: dict[str, str]
) -> None:
    reading = Reading(environ)

    settings.from_env(reading)

    assert set(environ) <= reading.names <= set(environ) | environment.optional(settings)


@pytest.mark.parametrize(("settings", "environ", "name"), NAMES)
@pytest.mark.parametrize("value", [None, "", " "])
def test_a_missing_variable_is_named(
    settings: type[Settings], environ: dict[str, str], name: str, value: str | None
) -> None:
    incomplete = {key: text for key, text in environ.items() if key != name}
    if value is not None:
        incomplete[name] = value

    if name in environment.optional(settings) - {"TOKEN_SECRET_ARN"}:
        settings.from_env(incomplete)
    else:
        with pytest.raises(SettingsError, match=f"^{name} (is not set$|does not fit: .+, and none is set)"):
            settings.from_env(incomplete)


@pytest.mark.parametrize(("settings", "environ", "name"), NAMES)
def test_no_message_repeats_a_value(settings: type[Settings], environ: dict[str, str], name: str) -> None:
    told = ""
    try:
        settings.from_env(environ | {name: "canary"})
    except SettingsError as error:
        told = str(error)

    assert "canary" not in told
    assert told == "" or told.startswith(f"{name} must be ")


def test_a_function_finds_what_was_written_for_it() -> None:
    headers = (Header("X-Title", value="otters"), Header("api-key", secret="azure"))
    chosen = environment.environment(
        WorkerSettings, lease_seconds=45, llm_headers=headers, llm_query=(("v", "1"),)
    )

    settings = WorkerSettings.from_env(chosen)

    assert settings.lease == timedelta(seconds=45)
    assert settings.llm_headers == headers
    assert settings.llm_query == (("v", "1"),)
    assert settings.queue_url == environment.QUEUE_URL


def test_values_are_read_without_outer_spaces() -> None:
    spaced = {"ALLOWED_ORIGINS": f" {ORIGIN} , https://b.example ", "TOKEN_GRACE_SECONDS": " 7 "}

    settings = ConnectSettings.from_env(environment.CONNECT | spaced)

    assert settings.allowed_origins == (ORIGIN, "https://b.example")
    assert settings.token_grace_seconds == 7


@pytest.mark.parametrize("value", ["-1", "+1", "1.0", "1e3", "0x10", "9", "301", "\u0663", "1 2"])
def test_a_number_is_decimal_and_within_its_bounds(value: str) -> None:
    with pytest.raises(SettingsError, match=r"^LEASE_SECONDS must be a whole number from 10 to 300$"):
        WorkerSettings.from_env(environment.WORKER | {"LEASE_SECONDS": value})


@pytest.mark.parametrize("value", ["True", "1", "yes"])
def test_a_switch_is_true_or_false(value: str) -> None:
    with pytest.raises(SettingsError, match=r"^ALLOW_MISSING_ORIGIN must be true or false$"):
        ConnectSettings.from_env(environment.CONNECT | {"ALLOW_MISSING_ORIGIN": value})


def test_the_stack_may_add_an_origin_to_the_longest_list_that_can_be_set() -> None:
    origins = ",".join(f"https://{number}.example" for number in range(21))

    assert (
        len(ConnectSettings.from_env(environment.CONNECT | {"ALLOWED_ORIGINS": origins}).allowed_origins)
        == 21
    )
