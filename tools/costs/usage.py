"""What each event but an answer uses: counted in the code where that is possible, and otherwise assumed.

An answer is in `answer_usage`. tests/integration/test_costs.py counts the calls of the running functions
and compares.
"""

from __future__ import annotations

from infra.config.fields import Config
from tools.costs.bill import Usage, together
from tools.costs.calls import read, written
from tools.costs.prices import Item

DEFAULTS = Config()
GB = 1e9

BRIEF_SECONDS = 0.03
"""How long every function but the worker runs when warm."""
BRIEF_MEMORY_MB = 512
HEARTBEAT_SECONDS = 540.0
"""How often our clients show that they live."""

LINE_BYTES = 370
"""What Lambda logs about one invocation by itself (START, END, REPORT)."""
HEARTBEAT_LOG_BYTES = LINE_BYTES + 320
"""With its line of metrics."""
ADMISSION_LOG_BYTES = 3800
"""All lines of a ticket, a handshake and a disconnect, with access log and embedded metrics."""


def running(seconds: float, memory_mb: float = BRIEF_MEMORY_MB) -> Usage:
    """So long a run of a function: its code, or the start of its environment (billed since August 2025)."""
    return {Item.GB_SECOND: seconds * memory_mb / 1024}


def invocation(seconds: float = BRIEF_SECONDS, memory_mb: float = BRIEF_MEMORY_MB) -> Usage:
    """One invocation of a function."""
    return together({Item.INVOCATION: 1}, running(seconds, memory_mb))


def restored(memory_mb: float = BRIEF_MEMORY_MB) -> Usage:
    """What an environment's start from a snapshot adds, where SnapStart is on."""
    return {Item.RESTORED_GB: memory_mb / 1024}


def call() -> Usage:
    """One HTTP call with its function, without what that does. A preflight is such a call."""
    return together({Item.HTTP_REQUEST: 1}, invocation())


ADMISSION = ("ticket", "handshake", "disconnect")
"""Ticket: limit and record; reads of limit and sockets. Handshake: ticket used up, one transaction over two
records (2 each); read of the slots. Disconnect: two records deleted; one read."""


def admission() -> Usage:
    """Return what a socket uses to come and go: ticket, handshake, disconnect."""
    return together(
        call(),
        invocation(),
        invocation(),
        {Item.WRITE: written(*ADMISSION), Item.READ: read(*ADMISSION)},
        {Item.LOG_GB: ADMISSION_LOG_BYTES / GB},
    )


def heartbeat() -> Usage:
    """Return what a heartbeat and its answer use."""
    return together(
        invocation(),
        {Item.WEBSOCKET_MESSAGE: 2, Item.WRITE: written("heartbeat"), Item.LOG_GB: HEARTBEAT_LOG_BYTES / GB},
    )


def open_hour(every: float = HEARTBEAT_SECONDS) -> dict[str, Usage]:
    """Return what an open socket uses in an hour, part by part."""
    beats = 3600 / every
    parts = heartbeat()
    names = {
        "messages": [Item.WEBSOCKET_MESSAGE],
        "function": [Item.INVOCATION, Item.GB_SECOND],
        "DynamoDB": [Item.WRITE],
        "logs": [Item.LOG_GB],
    }
    hour = {name: {item: beats * parts[item] for item in items} for name, items in names.items()}
    return {"connection": {Item.WEBSOCKET_MINUTE: 60}, **hour}
