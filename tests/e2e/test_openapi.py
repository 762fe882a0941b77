"""Whatever is sent to the HTTP API, it answers as docs/api/openapi.json says."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from websockets.sync.client import connect
from websockets.typing import Origin

from tests.support.fuzzing import OPENAPI, examine
from tests.support.grants import Grants
from tests.support.heard import FINAL
from tests.support.listener import Site

SEED = int(os.environ.get("FUZZING_SEED", "57"))
PATIENCE = 120
HIGHEST_LIMITS = {"PROMPTS_PER_MINUTE": "300", "PROMPTS_AT_ONCE": "100", "TICKETS_PER_MINUTE": "300"}
"""With the usual ones, most calls would be refused for coming too often."""


@pytest.mark.slow
@pytest.mark.fault(57)
def test_no_request_is_answered_otherwise_than_the_document_says(site: Site, tmp_path: Path) -> None:
    users = {user: site.token(user) for user in ("bertha", "carl")}
    described = json.loads(OPENAPI.read_text())["paths"].values()

    with Grants(site).told("generate", **HIGHEST_LIMITS), two_sockets(site, "bertha"):
        examined = examine(site.http_url, users, tmp_path, model="stand-in", seed=SEED)
        wait_for_the_answers(site, "bertha")

    assert not examined.failed, examined.report
    assert examined.operations == sum(len(methods) for methods in described)
    assert examined.requests > 300
    assert examined.links > 0


@contextmanager
def two_sockets(site: Site, user: str) -> Iterator[None]:
    """Let a user have sockets that can be listed and closed."""
    url = site.socket_url(user)
    with connect(url, origin=Origin(site.origin)), connect(url, origin=Origin(site.origin)):
        yield


def wait_for_the_answers(site: Site, user: str) -> None:
    """Let the workers end what was accepted: the next test wants them for itself."""
    for _ in range(PATIENCE):
        if all(status in FINAL for status in statuses(Grants(site), user)):
            return
        time.sleep(1)
    raise TimeoutError


def statuses(grants: Grants, user: str) -> Iterator[str]:
    """Where each generation of a user is."""
    for page in grants.table.get_paginator("scan").paginate(TableName=grants.site.table_name):
        for item in page["Items"]:
            if "status" in item and item.get("user_id", {}).get("S") == user and "waits" not in item:
                yield item["status"]["S"]
