"""Writes the settings into docs/deploying.md: `python -m tools.settings_docs --write` (or --check).

The fields of a model's row, which are declared alike, go into docs/models.md.
"""

from __future__ import annotations

import inspect
import json
import sys
from collections import defaultdict
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from functions.shared.models.row import ONLY, ModelRow
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
    tables = {section: marked.table(HEADER, rows) for section, rows in sections.items()}
    return {**tables, "row": marked.table(["field", "of", *HEADER[1:]], _fields_of_a_model())}


def _section(name: str) -> str:
    (declaring,) = (kind for kind in Config.__mro__ if name in inspect.get_annotations(kind))
    assert issubclass(declaring, Options)
    return declaring.section


def _row(each: Field[Any]) -> list[str]:
    rule = rule_of(each)
    assert rule, each.name
    default = json.dumps(rule.in_json(each.default))
    return [f"`{each.name}`", f"`{default}`", rule.allowed, each.metadata["sentence"]]


def _fields_of_a_model() -> list[list[str]]:
    providers = {name: provider for provider, names in ONLY.items() for name in names}
    declared = [each for each in fields(ModelRow) if rule_of(each)]
    return [[row[0], providers.get(each.name, "all"), *row[1:]] for each in declared for row in [_row(each)]]


if __name__ == "__main__":
    sys.exit(marked.run("settings", blocks()))
