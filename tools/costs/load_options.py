"""The options of `cost` and `capacity`: a load, and the settings of the deployment that carries it."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

from functions.shared.errors import SettingsError
from infra.config.fields import PREFIX, Config, ConfigError
from tools.command_line import deployment_of
from tools.costs.load import Load
from tools.deployed import settings_of

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from tools.deployment import Deployment

PURPOSES = {
    "prompts_per_second": "prompts a second",
    "users": "users who are online at the same time",
    "sockets_per_user": "open tabs and devices of each, on average",
    "visit_minutes": "how long a socket stays open, 120 at most",
    "tokens": "length of an answer",
    "tokens_per_second": "how fast the model writes",
    "first_token_seconds": "how long it takes to begin",
    "prompt_kb": "length of a prompt, with its chat",
}


def describe(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    group = parser.add_argument_group("the load, on average")
    defaults = Load()
    for name, purpose in PURPOSES.items():
        default = getattr(defaults, name)
        option = f"--{name.replace('_', '-')}"
        group.add_argument(
            option, type=float, default=default, metavar="N", help=f"{purpose} (default: {default:g})"
        )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a setting, instead of its default or of the deployment's own; repeatable",
    )


def load_of(options: argparse.Namespace) -> Load:
    """Return the load.

    Raises:
        SettingsError: If it cannot be; it names the option.
    """
    return Load(**{name: getattr(options, name) for name in PURPOSES})


def deployment_if_named(options: argparse.Namespace) -> Deployment | None:
    """Return the deployment, if one is meant.

    Raises:
        SettingsError: If it is not there.
    """
    if options.stack is None and options.local is None:
        return None
    return deployment_of(options)


def config_of(options: argparse.Namespace, deployment: Deployment | None) -> Config:
    """Return the settings: the defaults or the deployment's own, with those of `--set` on top.

    Raises:
        SettingsError: If there is no such setting, or its value is not allowed.
    """
    given = pairs(options.set, option="--set")
    try:
        checked = Config.from_context({PREFIX: given})  # It names what is unknown or not allowed.
        base = settings_of(deployment) if deployment else Config()
        known = {each.name for each in fields(Config)} & given.keys()
        return replace(base, **{name: getattr(checked, name) for name in known})
    except ConfigError as error:
        raise SettingsError(str(error)) from error


def pairs(given: list[str], *, option: str) -> Mapping[str, str]:
    """Split each NAME=VALUE.

    Raises:
        SettingsError: If there is none of either.
    """
    found = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not (name and equals and value):
            raise SettingsError(f"{option} {text!r} must be NAME=VALUE.")
        found[name] = value
    return found
