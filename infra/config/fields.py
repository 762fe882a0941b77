"""The deployment's settings: the functions' and its own, checked one by one and together."""

from collections.abc import Iterable, Mapping
from dataclasses import Field, dataclass, fields
from difflib import get_close_matches
from typing import Any, Self

from functions.connect.settings import ConnectOptions
from functions.generate.settings import GenerateOptions
from functions.message.settings import MessageOptions
from functions.shared.setting_rules import NotAllowedError, NotAllowedInside
from functions.shared.setting_texts import NOT_SHOWN, shown
from functions.shared.settings import rule_of
from functions.worker.settings import ContentOptions, IntakeOptions, TraceOptions, WorkerOptions
from infra.config.consistency import inconsistencies
from infra.config.entrance_options import GatewayOptions, LogAndAlarmOptions, WayInOptions
from infra.config.stack_options import (
    ContentFilesOptions,
    EmulatorOptions,
    ModelKeyOptions,
    StackOptions,
    TokenSecretOptions,
    WorkerCapacityOptions,
)

PREFIX = "framestream"


class ConfigError(Exception):
    """A deployment setting that cannot be used; the sentence names it."""


@dataclass(frozen=True, kw_only=True)
class Config(
    EmulatorOptions,
    WayInOptions,
    LogAndAlarmOptions,
    TraceOptions,
    GatewayOptions,
    WorkerCapacityOptions,
    IntakeOptions,
    ContentFilesOptions,
    ContentOptions,
    ModelKeyOptions,
    TokenSecretOptions,
    WorkerOptions,
    MessageOptions,
    ConnectOptions,
    GenerateOptions,
    StackOptions,
):
    """Every deployment setting, checked; each is declared, with its sentence, in one of the bases."""

    def __post_init__(self) -> None:
        for setting in fields(self):
            object.__setattr__(self, setting.name, _parsed(setting, getattr(self, setting.name)))
        for inconsistency in inconsistencies(self):
            value = inconsistency.instead_of_value or repr(getattr(self, inconsistency.setting))
            raise ConfigError(f"{PREFIX}.{inconsistency.setting} is {value}, but {inconsistency.must}")

    @classmethod
    def from_context(cls, context: Mapping[str, Any]) -> Self:
        """Read the "framestream" object of cdk.json, with every `-c framestream.<name>=<value>` on top.

        Raises:
            ConfigError: If a name is unknown, or a value is not allowed.
        """
        given = context.get(PREFIX, {})
        if not isinstance(given, Mapping):
            raise ConfigError(f"{PREFIX} is {given!r}, but it must be an object that holds settings")
        given = {**given, **_from_command_line(context)}
        known = {setting.name for setting in fields(cls)}
        for name in given:
            if name not in known:
                raise ConfigError(f"{PREFIX}.{name} is not a setting{_meant(name, known)}")
        return cls(**given)

    @property
    def has_wildcard_origins(self) -> bool:
        """Whether some pages are allowed without being named one by one."""
        return any("*" in origin for origin in self.allowed_origins)


def _from_command_line(context: Mapping[str, Any]) -> dict[str, Any]:
    dotted = f"{PREFIX}."
    return {key.removeprefix(dotted): value for key, value in context.items() if key.startswith(dotted)}


def _parsed(setting: Field[Any], given: object) -> object:
    rule = rule_of(setting)
    assert rule, setting.name
    try:
        return rule.parse(given)
    except NotAllowedInside as error:
        raise ConfigError(f"{PREFIX}.{setting.name}.{error}") from None
    except ValueError as error:
        why = str(error) if isinstance(error, NotAllowedError) else f"it must be {rule.allowed}"
        told = shown(given, hides=rule.hides)
        # An error that is chained would repeat what is not shown.
        raise ConfigError(f"{PREFIX}.{setting.name} is {told}, but {why}") from (
            None if told == NOT_SHOWN else error
        )


def _meant(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, known, n=1)
    return f"; did you mean {PREFIX}.{close[0]}?" if close else ""
