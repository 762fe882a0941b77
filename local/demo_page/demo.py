"""The demo page of a local system: served from the beginning, and built after all else is up.

Side by side with all that comes up, the build made the first answer ten seconds later, on two cores.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from local.aws import bare_environ
from local.demo_page.build import reason
from local.errors import StepFailed
from local.paths import shown
from local.processes.services import port_for, port_near, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from local.processes.services import Service
    from local.state_dir import StateDir

PORT = 5173  # Where a front end under development usually lives.


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """The page that is served."""

    port: int
    server: Service

    @property
    def url(self) -> str:
        return self.origins[0]

    @property
    def origins(self) -> tuple[str, str]:
        """What a browser may call it."""
        return f"http://localhost:{self.port}", f"http://127.0.0.1:{self.port}"

    def news_of(self, build: Service) -> str:
        """What became of building it, once that has ended."""
        try:
            build.wait(reason=reason)
        except StepFailed as error:
            log = shown(build.log)
            return f"The demo page could not be built: {error.reason} (all of it: {log}). All else is up."
        return f"The demo page is built: {self.url}"


@contextmanager
def demo(*, state_dir: StateDir, port: int | None) -> Iterator[Demo]:
    """Serve the page for as long as the context lasts.

    Raises:
        PortInUse: If another process listens on the port that was asked for.
    """
    port = port_for(port, "--page-port") if port else port_near(PORT)
    command = [
        sys.executable,
        "-m",
        "local.demo_page.server",
        "--port",
        str(port),
        "--state",
        str(state_dir.directory),
    ]
    with running(
        "The page's server", command, state_dir=state_dir, name="page", environ=bare_environ()
    ) as server:
        yield Demo(port=port, server=server)


def build_of_page(state_dir: StateDir) -> AbstractContextManager[Service]:
    """Build the page, for as long as the context lasts."""
    command = [sys.executable, "-m", "local.demo_page.build"]
    return running("Building the page", command, state_dir=state_dir, name="page-build", environ=os.environ)
