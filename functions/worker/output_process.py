"""A process of its own that says whether a text is valid under a JSON Schema: 0 if it is, 3 if not.

Some schemas take longer than the world will last, and what has begun cannot be stopped in a thread. Here it
ends when it has used TIME of a processor.
"""

from __future__ import annotations

import json
import resource
import sys

from functions.shared.generations.json_schemas import compiled
from functions.shared.strict_json import check_portable, read_value

TIME = 2
"""Seconds of a processor, once all is imported. Even a megabyte of JSON takes a tenth of one."""
VALID, INVALID = 0, 3
"""1 is what Python ends with after an exception."""


def main() -> int:
    """Read `{"schema": …, "text": …}`, and judge."""
    asked = json.load(sys.stdin.buffer)
    validator = compiled(asked["schema"])
    used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    resource.setrlimit(resource.RLIMIT_CPU, (int(used) + TIME, resource.RLIM_INFINITY))
    try:
        value = read_value(asked["text"].encode())
        check_portable(value)
    except ValueError:
        return INVALID
    return VALID if validator.is_valid(value) else INVALID


if __name__ == "__main__":
    sys.exit(main())
