"""The demo page of a local system: served from the beginning, and built beside everything else."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from local.aws import bare_environ
from local.page_build import is_built, reason
from local.paths import shown
from local.services import port_for, port_near, running
from local.trouble import StepFailed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.home import Home
    from local.services import Service

PORT = 5173  # Where a front end under development usually lives.


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """The page that is served, and what builds it if that had to be done."""

    port: int
    server: Service
    building: Service | None

    @property
    def url(self) -> str:
        return self.origins[0]

    @property
    def origins(self) -> tuple[str, str]:
        """What a browser may call it."""
        return f"http://localhost:{self.port}", f"http://127.0.0.1:{self.port}"

    @property
    def outcome(self) -> str:
        """What became of building it, once that has ended."""
        assert self.building
        try:
            self.building.wait(reason=reason)
        except StepFailed as error:
            log = shown(self.building.log)
            return f"The demo page could not be built: {error.reason} (all of it: {log}). All else is up."
        return f"The demo page is built: {self.url}"


@contextmanager
def demo(*, home: Home, port: int | None) -> Iterator[Demo]:
    """Serve the page for as long as the context lasts.

    Raises:
        PortInUse: If somebody listens on the port that was asked for.
    """
    port = port_for(port, "--page-port") if port else port_near(PORT)
    build = [sys.executable, "-m", "local.page_build"]
    serve = [sys.executable, "-m", "local.page_server", "--port", str(port), "--state", str(home.directory)]
    with ExitStack() as both:
        building = None
        if not is_built():
            building = both.enter_context(
                running("Building the page", build, home=home, name="page-build", environ=os.environ)
            )
        server = both.enter_context(
            running("The page's server", serve, home=home, name="page", environ=bare_environ())
        )
        yield Demo(port=port, server=server, building=building)
