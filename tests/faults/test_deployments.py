"""A deployment and a rollback while answers are under way: none is lost, none is made twice."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from local.state_dir import StateDir
from tests.support import releases
from tests.support.heard import FINAL
from tests.support.history import Asked, History
from tests.support.lab import Lab, laboratory
from tests.support.writes_more import ADDITION, LATER

PRODUCTION = {"lease_seconds": 60, "first_token_timeout_seconds": 60, "stall_timeout_seconds": 30}
"""Not the laboratory's short times: the emulator answers nothing for many seconds while it takes zips."""
ANSWERS = 20
USERS = 4
LASTING: dict[str, Any] = {"rate": 3, "repeat": 4}
"""For 130 seconds, so that none ends before the deployment does."""


@pytest.fixture
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A deployment of its own, which no other test has to share."""
    with laboratory(tmp_path_factory.mktemp("deployments"), **PRODUCTION) as lab:
        yield lab


@pytest.mark.fault(97)
async def test_twenty_answers_outlive_a_deployment_and_twenty_more_a_rollback(
    history: History, tmp_path: Path
) -> None:
    history.patience = 240
    lab = history.lab
    this, later = StateDir(lab.state), StateDir(tmp_path)
    releases.make_later_release(this, later)
    users = [f"{history.user}-{number}" for number in range(USERS)]
    for user in users:
        await history.listen(user)

    first = await begun(history, users)
    old = lab.versions_at_work()
    await deployed(later, lab)
    assert await under_way(history, first) == ANSWERS
    second = await begun(history, users)
    assert old <= lab.versions_at_work(), "workers of the version before end what they have"
    await deployed(this, lab)
    assert await under_way(history, second) == ANSWERS
    await history.settle()
    last = await history.ask(users[0], rate=0)
    await history.settle()

    assert await written_by(lab, first) == {None}
    assert await written_by(lab, second) == {LATER}
    assert await written_by(lab, [last]) == {None}
    assert lab.versions_at_work() - old, "new work is done by the version that is live"
    # The history judges the rest: each answer whole, once, on each socket, with one call of the model.


async def begun(history: History, users: list[str]) -> list[Asked]:
    """Ask for answers, and wait until all of them are being made."""
    asked = [await history.ask(users[number % USERS], **LASTING) for number in range(ANSWERS)]
    for one in asked:
        await history.status(one, "processing")
    return asked


async def under_way(history: History, asked: Iterable[Asked]) -> int:
    states = await asyncio.gather(*(history.read(one) for one in asked))
    return sum(state["status"] not in FINAL for state in states)


async def deployed(release: StateDir, lab: Lab) -> None:
    await asyncio.to_thread(releases.deploy, release, endpoint=lab.site.aws_endpoint_url)


async def written_by(lab: Lab, asked: Iterable[Asked]) -> set[str | None]:
    """Which releases have accepted these prompts; None is this one."""
    table = lab.aws("dynamodb")
    found = set()
    for one in asked:
        key = {"pk": {"S": f"GENERATION#{one.generation_id}"}, "sk": {"S": "META"}}
        item = table.get_item(TableName=lab.site.table_name, Key=key)["Item"]
        found.add(item.get(ADDITION, {}).get("S"))
    return found
