"""Writes what is made from the wire contract with --write, or with --check says what is not current."""

from __future__ import annotations

import argparse
import json
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.api_docs import asyncapi, openapi, schemas, typescript

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path("docs/api")
TYPESCRIPT = Path("clients/js/src/wire.ts")


def documents() -> dict[str, dict[str, Any]]:
    """Make every document, by the name of its file."""
    return {
        "asyncapi.json": asyncapi.document(),
        "openapi.json": openapi.document(),
        "schema.json": schemas.document(),
    }


@cache
def texts() -> Mapping[Path, str]:
    """Make every file, once: that takes longer than all that is done with them."""
    described = {
        FOLDER / name: json.dumps(document, indent=2, ensure_ascii=False) + "\n"
        for name, document in documents().items()
    }
    return {**described, TYPESCRIPT: typescript.text()}


def main(arguments: list[str], *, root: Path = ROOT) -> int:
    """Write, or check. Returns 1 if a check found something."""
    parser = argparse.ArgumentParser(prog="python -m tools.api_docs", description=__doc__)
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--write", action="store_true", help="write every file")
    action.add_argument("--check", action="store_true", help="write nothing; fail if something would change")
    options = parser.parse_args(arguments)
    stale = {path: text for path, text in texts().items() if _now(root / path) != text}
    if options.check and stale:
        names = ", ".join(str(path) for path in stale)
        sys.stderr.write(f"Not current: {names}. Run `python -m tools.api_docs --write`.\n")
        return 1
    for path, text in stale.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return 0


def _now(path: Path) -> str | None:
    return path.read_text() if path.exists() else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
