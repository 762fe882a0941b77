"""Where a running local system answers, and the secret that opens it: `.local/endpoints.json`."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Self

from local.errors import NotRunning

if TYPE_CHECKING:
    from local.state_dir import StateDir


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """What a client, a test or a curious person needs to know."""

    websocket_url: str
    http_url: str
    page_url: str  # Empty where no page was wanted.
    jwt_secret: str = field(repr=False)
    origin: str
    llm_base_url: str
    table_name: str
    queue_url: str
    dead_letter_queue_url: str
    aws_endpoint_url: str
    region: str

    @classmethod
    def of(cls, state_dir: StateDir) -> Self:
        """Read them.

        Raises:
            NotRunning: If no system is up in this state_dir.
        """
        if not state_dir.is_held or not state_dir.endpoints.exists():
            raise NotRunning(state_dir.directory)
        return cls(**json.loads(state_dir.endpoints.read_text()))

    def write(self, state_dir: StateDir) -> None:
        """Write them for this user's eyes only, all at once: a reader sees the whole file or none."""
        draft = state_dir.endpoints.with_suffix(".draft")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(asdict(self), file, indent=2)
            file.write("\n")
        draft.replace(state_dir.endpoints)
