"""The queue as a delivery sees it, in memory: a fake that cannot be reached a few times."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from functions.shared.errors import Unavailable
from functions.shared.queue_message import ReceivedMessage


@dataclass
class FakeQueue:
    """Notes what is asked of it, once it can be reached."""

    failures: int = 0
    waiting: list[ReceivedMessage] = field(default_factory=list)
    """What can be received."""
    received_for: list[timedelta] = field(default_factory=list)
    """For how long each poll wanted messages to be hidden."""
    hidden: list[timedelta] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    """What was queued anew."""

    def send(self, generation_id: str) -> None:
        self._fail()
        self.sent.append(generation_id)

    def receive(self, most: int, *, wait: int, hidden_for: timedelta) -> list[ReceivedMessage]:
        self.received_for.append(hidden_for)
        taken, self.waiting = self.waiting[:most], self.waiting[most:]
        return taken

    def change_visibility(self, receipt_handle: str, duration: timedelta) -> None:
        self._fail()
        self.hidden.append(duration)

    def delete(self, receipt_handle: str) -> None:
        self._fail()
        self.deleted.append(receipt_handle)

    def _fail(self) -> None:
        if self.failures:
            self.failures -= 1
            raise Unavailable("EndpointConnectionError")
