"""The settings that say how many sockets a user may hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from functions.shared.setting_rules import OneOf, Whole
from functions.shared.settings import Options, setting


@dataclass(frozen=True, kw_only=True)
class ConnectionOptions(Options, section="admission"):
    """How many sockets a user may hold, and what happens to one more."""

    connections_per_user: int = setting(3, Whole(1, 10), "live sockets that one user may hold")
    connection_policy: Literal["reject", "evict_oldest"] = setting(
        "reject",
        OneOf("reject", "evict_oldest"),
        "what happens to one connection too many: it is refused, or the user's oldest is told and closed",
    )

    @property
    def evicts_oldest(self) -> bool:
        """Whether a user's new connection takes the place of the oldest one, instead of being refused."""
        return self.connection_policy == "evict_oldest"
