"""Where a running local system answers, and the secret that opens it: `.local/endpoints.json`."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Self

from local.trouble import NotRunning

if TYPE_CHECKING:
    from local.home import Home


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
    def of(cls, home: Home) -> Self:
        """Read them.

        Raises:
            NotRunning: If no system is up in this home.
        """
        if not home.is_held or not home.endpoints.exists():
            raise NotRunning(home.directory)
        return cls(**json.loads(home.endpoints.read_text()))

    def write(self, home: Home) -> None:
        """Write them for this user's eyes only, all at once: a reader sees the whole file or none."""
        draft = home.endpoints.with_suffix(".draft")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(asdict(self), file, indent=2)
            file.write("\n")
        draft.replace(home.endpoints)
