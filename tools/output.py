"""What commands write: lines for people, JSON for programs, and nothing that steers a terminal."""

from __future__ import annotations

import json
import sys


def say(line: str) -> None:
    """Write a line."""
    sys.stdout.write(f"{line}\n")


def progress(line: str) -> None:
    """Say what takes so long, where a person watches."""
    if sys.stderr.isatty():
        sys.stderr.write(f"{line}\n")


def say_json(value: object) -> None:
    """Write a JSON value for programs."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def printable(text: str) -> str:
    """Write what a user chose so that it cannot steer the terminal."""
    return text if text.isprintable() else ascii(text)
