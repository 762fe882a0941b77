"""Puts the settings of a stage, which are a file each, on top of what all stages have in common."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from infra.config.fields import PREFIX, ConfigError

FOLDER = Path(__file__).parents[2] / "stages"
CONTEXT = "stage"
STACK_NAME = "stack_name"
_ELSEWHERE = ("account", "region")
_OF_ONE_STACK = (STACK_NAME, "table_name")
"""Two stacks cannot share these, unless they are in different accounts or Regions."""
_OF_ONE_ANYWHERE = ("http_domain", "websocket_domain")


def with_stage(context: Mapping[str, Any], folder: Path = FOLDER) -> Mapping[str, Any]:
    """Return the context with the settings of the stage that it names, if it names one.

    Raises:
        ConfigError: If there is no such stage, its file cannot be read, or its stack would be another one's.
    """
    stage, common = context.get(CONTEXT, ""), context.get(PREFIX, {})
    if stage == "" or not isinstance(common, Mapping):
        return context
    stages = {file.stem: file for file in sorted(folder.glob("*.json"))}
    if not isinstance(stage, str) or stage not in stages:
        raise ConfigError(f"there is no stage {stage!r}: stages/ has {', '.join(stages) or 'none'}")
    settings = {name: _settings(name, file, common) for name, file in stages.items()}
    _refuse_collisions(stage, settings)
    return {**context, PREFIX: settings[stage]}


def _settings(stage: str, file: Path, common: Mapping[str, Any]) -> Mapping[str, Any]:
    """A stage has a stack of its own, also where no name was chosen for it."""
    named = {STACK_NAME: f"{common.get(STACK_NAME, PREFIX)}-{stage}"}
    return {**common, **named, **_read(file)}


def _read(file: Path) -> Mapping[str, Any]:
    shown = f"stages/{file.name}"
    try:
        settings = json.loads(file.read_text(encoding="utf-8"), object_pairs_hook=_without_repeats)
    except (OSError, ValueError) as error:
        raise ConfigError(f"{shown} cannot be read: {error}") from error
    if not isinstance(settings, dict):
        raise ConfigError(f"{shown} must be a JSON object that holds settings")
    return settings


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"{name} stands there twice")
    return dict(pairs)


def _refuse_collisions(stage: str, settings: Mapping[str, Mapping[str, Any]]) -> None:
    ours = settings[stage]
    for other, theirs in settings.items():
        for name in _shared(ours, theirs) if other != stage else ():
            raise ConfigError(
                f"stages {stage} and {other} have the same {name}, {ours[name]!r}, but each needs its own: "
                f"set it in stages/{stage}.json or in stages/{other}.json"
            )


def _shared(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> Iterator[str]:
    apart = any(ours.get(name) and theirs.get(name) and ours[name] != theirs[name] for name in _ELSEWHERE)
    for name in _OF_ONE_ANYWHERE + (() if apart else _OF_ONE_STACK):
        if ours.get(name) and ours.get(name) == theirs.get(name):
            yield name
