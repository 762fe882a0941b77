"""`dashboard`: writes the page of the running system, once or again and again."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from local.dashboard.page import Dashboard
from local.dashboard.readings import Window
from local.deployment import aws_client
from local.endpoints import Endpoints
from local.errors import CannotDraw

if TYPE_CHECKING:
    from pathlib import Path

    from local.state_dir import StateDir

REFRESH = 5
"""Seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DashboardOptions:
    """What was asked for."""

    minutes: int
    period: int
    output: Path | None
    watch: bool


def write_dashboard(state_dir: StateDir, options: DashboardOptions) -> Path:
    """Write the page, and return where it is.

    Raises:
        NotRunning: If no system is up in this state directory.
        CannotDraw: If there is no dashboard, not a single point of it, or nowhere to write it to.
    """
    if options.period > options.minutes * 60:
        raise CannotDraw("--period is longer than --minutes: there is not a single point to show.")
    output = options.output or state_dir.directory / "dashboard.html"
    try:
        page = _page(state_dir, options)
    except (BotoCoreError, ClientError) as error:
        raise CannotDraw(f"CloudWatch did not answer ({error}): see `python -m local status`.") from error
    draft = output.with_suffix(".draft")
    try:
        draft.write_text(page)
        draft.replace(output)  # A browser that loads it meanwhile has the whole page, or the one before.
    except OSError as error:
        raise CannotDraw(f"{output} cannot be written: {error.strerror}.") from error
    return output


def watch_dashboard(state_dir: StateDir, options: DashboardOptions) -> None:
    """Write the page again and again, until Ctrl-C."""
    while True:
        time.sleep(REFRESH)
        write_dashboard(state_dir, options)


def _page(state_dir: StateDir, options: DashboardOptions) -> str:
    window = Window.until(datetime.now(UTC), minutes=options.minutes, period=options.period)
    return _dashboard(state_dir).page(window, refresh=REFRESH if options.watch else None)


def _dashboard(state_dir: StateDir) -> Dashboard:
    endpoint = Endpoints.of(state_dir).aws_endpoint_url
    (outputs,) = json.loads(state_dir.outputs.read_text()).values()
    if "DashboardName" not in outputs:
        raise CannotDraw("This system has no dashboard: bring it up without `--set dashboard=false`.")
    return Dashboard(aws_client("cloudwatch", endpoint), outputs["DashboardName"])
