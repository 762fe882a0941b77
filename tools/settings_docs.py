"""Writes the settings into docs/deploying.md: `python -m tools.settings_docs --write` (or --check)."""

from __future__ import annotations

import inspect
import json
import sys
from collections import defaultdict
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from functions.shared.settings import Options, rule_of
from infra.config.fields import Config
from tools import marked

if TYPE_CHECKING:
    from dataclasses import Field

HEADER = ["setting", "default", "allowed", "meaning"]


def blocks() -> dict[str, str]:
    """Return a table for each section that the settings' classes name."""
    sections: defaultdict[str, list[list[str]]] = defaultdict(list)
    for each in fields(Config):
        sections[_section(each.name)].append(_row(each))
    return {section: marked.table(HEADER, rows) for section, rows in sections.items()}


def _section(name: str) -> str:
    (declaring,) = (kind for kind in Config.__mro__ if name in inspect.get_annotations(kind))
    assert issubclass(declaring, Options)
    return declaring.section


def _row(each: Field[Any]) -> list[str]:
    rule = rule_of(each)
    assert rule, each.name
    default = json.dumps(rule.in_json(each.default))
    return [f"`{each.name}`", f"`{default}`", rule.allowed, each.metadata["sentence"]]


if __name__ == "__main__":
    sys.exit(marked.run("settings", blocks()))
