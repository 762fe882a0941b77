"""The deployed dashboard, drawn with what a real socket and a real answer left in logs and metrics."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import httpx

from infra.alarm_table import ALARMS
from local.dashboard.command import DashboardOptions, write_dashboard
from local.state_dir import StateDir
from tests.support.busy import PATIENCE, await_that
from tests.support.grants import Grants
from tests.support.listener import Site, accepted, listening
from tools.drill.provocations import PROVOCATIONS
from tools.drill.run import RED_WITHIN
from tools.drill.site import Site as DrillSite

OPTIONS = DashboardOptions(minutes=5, period=1, output=None, watch=False)


def graphs(state: Path) -> dict[str, dict[str, Any]]:
    """What the page draws, by title; each line's values by its label."""
    html = write_dashboard(StateDir(state), OPTIONS).read_text()
    [found] = re.findall(r'id="content">(.*?)</script>', html, re.DOTALL)
    drawn = [each for each in json.loads(found)["widgets"] if each["kind"] == "graph"]
    return {
        each["title"]: {
            label: [value for value in values if value is not None]
            for label, values in zip(each["labels"], each["data"][1:], strict=True)
        }
        for each in drawn
    }


def is_measured(drawn: dict[str, dict[str, Any]]) -> bool:
    """Whether an answer has ended and its frames are counted; answers of other tests may have had none."""
    return bool(drawn["Answers that ended"]) and sum(drawn["Messages a second"]["frames"]) > 0


async def test_a_socket_and_an_answer_are_seen_on_the_dashboard(
    site: Site, state: Path, http: httpx.AsyncClient
) -> None:
    async with listening(site, "ada") as listener:
        plan = json.dumps({"key": "seen", "deltas": ["a "] * 20, "rate": 40})
        await listener.hear((await accepted(http, site, "ada", plan))["generation_id"])

    # The last frame arrives before the worker writes what it has measured.
    async with asyncio.timeout(PATIENCE):
        while not is_measured(drawn := await asyncio.to_thread(graphs, state)):
            await asyncio.sleep(1)

    assert sum(drawn["Answers that ended"]["completed"]) >= 1
    assert sum(drawn["Handshakes and ends"]["accepted"]) >= 1
    assert sum(drawn["Requests and prompts"]["prompts"]) >= 1
    assert sum(drawn["Messages a second"]["frames"]) > 0
    assert min(drawn["From prompt to first text"]["p50"]) > 0
    assert sum(drawn["By service"]["Lambda"]) > 0
    assert set(drawn["Functions' errors"]) >= {"connect", "generate", "worker"}


async def test_a_dead_letter_turns_its_alarm_red_while_it_is_there(site: Site, state: Path) -> None:
    drilled = DrillSite(StateDir(state))
    [row] = [each for each in ALARMS if each.name == "DeadLetters"]

    # Other tests of this deployment may have left letters.
    Grants(site).queue.purge_queue(QueueUrl=site.dead_letter_queue_url)
    await_that(lambda: drilled.states()["DeadLetters"] == "OK")
    with PROVOCATIONS["DeadLetters"].cause(drilled, row):
        async with asyncio.timeout(RED_WITHIN):
            while (await asyncio.to_thread(drilled.states))["DeadLetters"] != "ALARM":
                await asyncio.sleep(1)
