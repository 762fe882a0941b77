"""Writes `docs/api`, or with --check says which of its files are not current."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from tools.api_docs import asyncapi, openapi, schemas

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "api"


def documents() -> dict[str, dict[str, Any]]:
    """Make every document, by the name of its file."""
    return {
        "asyncapi.json": asyncapi.document(),
        "openapi.json": openapi.document(),
        "schema.json": schemas.document(),
    }


def main(arguments: list[str]) -> int:
    """Write, or check. Returns 1 if a check found something."""
    parser = argparse.ArgumentParser(prog="python -m tools.api_docs", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if something would change")
    options = parser.parse_args(arguments)
    wanted = {FOLDER / name: _text(document) for name, document in documents().items()}
    if not options.check:
        FOLDER.mkdir(exist_ok=True)
        for path, text in wanted.items():
            path.write_text(text)
        return 0
    stale = [path.name for path, text in wanted.items() if not path.exists() or path.read_text() != text]
    if stale:
        sys.stderr.write(f"Not current in docs/api: {', '.join(stale)}. Run `python -m tools.api_docs`.\n")
    return 1 if stale else 0


def _text(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
