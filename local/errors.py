"""Why the local system could not do what it was asked, each in one sentence that says what to do.

LocalError
├── AlreadyRunning   another `up` holds this state directory
├── NotRunning       nothing is up in this state directory
├── PortInUse        another process listens on the port that was asked for
├── ToolMissing      this machine lacks a program
├── StepFailed       a command that `up` ran failed
├── UnusableModel    the model server's address cannot be used
├── ServiceDied      a server of the system ended by itself
├── CannotDraw       the dashboard cannot be drawn, or its page not be written
└── CannotAsk        a prompt was not accepted, or its answer could not be followed
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.shared.models.texts import BASE_URL

if TYPE_CHECKING:
    from pathlib import Path


class LocalError(Exception):
    """An error that the developer can do something about."""


class AlreadyRunning(LocalError):
    """Another `up` holds this state directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def __str__(self) -> str:
        return (
            f"The system is already up in {self.directory}: "
            "end it with `python -m local down`, or give another directory with --state."
        )


class NotRunning(LocalError):
    """Nothing is up in this state directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def __str__(self) -> str:
        return f"Nothing is up in {self.directory}: start it with `make dev` or `python -m local up`."


class PortInUse(LocalError):
    """Another process listens on a port that was asked for."""

    def __init__(self, port: int, option: str) -> None:
        self.port = port
        self.option = option

    def __str__(self) -> str:
        return (
            f"Port {self.port} is in use: end what listens there, or give another {self.option} "
            "(without it, a free one is taken)."
        )


class ToolMissing(LocalError):
    """This machine lacks a program."""


class StepFailed(LocalError):
    """A command that `up` ran failed."""

    def __init__(self, step: str, reason: str, log: Path) -> None:
        self.step = step
        self.reason = reason
        self.log = log

    def __str__(self) -> str:
        return f"{self.step} failed: {self.reason} (all of it: {self.log})"


class UnusableModel(LocalError):
    """The environment names a model server by an address that the deployment would refuse."""

    def __init__(self, variable: str) -> None:
        self.variable = variable

    def __str__(self) -> str:
        return f"{self.variable} must be {BASE_URL.allowed}."


class ServiceDied(LocalError):
    """A server of the system ended by itself."""

    def __init__(self, service: str, log: Path) -> None:
        self.service = service
        self.log = log

    def __str__(self) -> str:
        return f"{self.service} ended by itself: see the end of {self.log}, then start again."


class CannotDraw(LocalError):
    """The dashboard cannot be drawn, or its page not be written."""


class CannotAsk(LocalError):
    """A prompt was not accepted, or its answer could not be followed."""
