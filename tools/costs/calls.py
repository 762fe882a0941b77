"""Which calls to AWS each event makes, counted in the running functions, and the units that they take.

`python -m tools.costs.calls` prints the table as JSON. tests/integration/test_costs.py and
tests/integration/worker/test_worker_costs.py count again, and fail when a call is added.
"""

from __future__ import annotations

import json
import sys

UNITS = {
    "GetItem": (0, 1),
    "Query": (0, 1),
    "PutItem": (1, 0),
    "UpdateItem": (1, 0),
    "DeleteItem": (1, 0),
    "TransactedPut": (2, 0),
    "TransactedUpdate": (2, 0),
}
"""Written and read, by calls to the table: each read is consistent, and each item below 1 KB."""

CALLS: dict[str, dict[str, int]] = {
    "ticket": {"GetItem": 1, "Query": 1, "PutItem": 2},
    "handshake": {"DeleteItem": 1, "Query": 1, "TransactedPut": 2},
    "disconnect": {"GetItem": 1, "DeleteItem": 2},
    "heartbeat": {"UpdateItem": 1, "PostToConnection": 1},
    "prompt": {"GetItem": 2, "Query": 1, "PutItem": 1, "TransactedPut": 3, "SendMessage": 2},
    "answer": {
        "UpdateItem": 2,
        "PutItem": 1,
        "GetItem": 2,
        "Query": 3,
        "TransactedUpdate": 3,
        "TransactedPut": 3,
    },
    "earlier turn that a prompt is sent with": {"Query": 1},
    "beat that looks": {"PutItem": 1, "GetItem": 1, "Query": 1},
    "beat that renews the lease": {"PutItem": 1, "UpdateItem": 1, "Query": 1},
    "message of an answer that has ended": {"UpdateItem": 1},
    "reminder": {"GetItem": 1},
}
"""Of an answer, what it takes without any length; its frames are posted one by one, and come on top."""


def written(*events: str) -> int:
    """Return the write units that these events take."""
    return sum(UNITS.get(call, (0, 0))[0] * times for event in events for call, times in CALLS[event].items())


def read(*events: str) -> int:
    """Return the read units that these events take."""
    return sum(UNITS.get(call, (0, 0))[1] * times for event in events for call, times in CALLS[event].items())


def as_data() -> dict[str, object]:
    """Return the table with its sums, as plain data."""
    return {
        event: {"calls": calls, "write units": written(event), "read units": read(event)}
        for event, calls in CALLS.items()
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(as_data(), indent=2) + "\n")
