"""What an operator's commands say of the running system, and what they do to it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.listener import Site, accepted, listening
from tools.__main__ import main

PATIENCE = 60
"""The emulator delivers the lines of an invocation when it has ended."""


def run(state: Path, capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    """Run a command on the local system and read its JSON."""
    capsys.readouterr()
    status = main([*words, "--local", str(state), "--json"])
    said = capsys.readouterr()
    assert status == 0, said.err
    return json.loads(said.out)


async def test_a_story_is_told_from_the_post_to_its_end(
    site: Site, state: Path, http: httpx.AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    async with listening(site, "grace") as listener:
        plan = json.dumps({"key": "story", "deltas": ["canary-", "text"]})
        generation_id = (await accepted(http, site, "grace", plan))["generation_id"]
        await listener.hear(generation_id)
        said: list[str] = []
        for _ in range(PATIENCE):
            story = run(state, capsys, "generation", generation_id)
            said = [event["facts"].get("message", event["what"]) for event in story["events"]]
            if {"answered", "told"} <= set(said):
                break
            await asyncio.sleep(1)

    order = ["answered", "claimed", "model asked", "first text", "completed", "told"]
    assert [message for message in said if message in order] == order
    assert "served" in said
    for event in story["events"]:
        assert event["source"] == "record" or event["facts"]["trace_id"] == story["trace_id"]
    assert "canary" not in str(story)


async def test_a_users_data_are_counted_handed_out_and_erased(
    site: Site, state: Path, tmp_path: Path, http: httpx.AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    async with listening(site, "hedy") as listener:
        plan = json.dumps({"key": "erased", "deltas": ["Otters ", "swim"]})
        generation_id = (await accepted(http, site, "hedy", plan))["generation_id"]
        await listener.hear(generation_id)
        assert len(run(state, capsys, "connections", "list", "hedy")) == 1

        [row] = run(state, capsys, "usage", "--user", "hedy")["rows"]
        assert (row["answers"], row["calls"]) == (1, 1)
        file = tmp_path / "hedy.jsonl"
        run(state, capsys, "export", "hedy", "--output", str(file))
        documents = [json.loads(line) for line in file.read_text().splitlines()]
        [generation] = [document for document in documents if "prompts" in document]
        assert generation["answer"] == "Otters swim"
        assert [document["text"] for document in documents if document.get("role") == "user"] == [plan]

        erased = run(state, capsys, "erase", "hedy", "--yes")

    assert len(erased["closed_connections"]) == 1
    assert run(state, capsys, "usage", "--user", "hedy")["rows"] == []
    gone = await http.get(
        f"{site.http_url}/api/chat/generations/{generation_id}", headers=site.headers("hedy")
    )
    assert gone.status_code == httpx.codes.NOT_FOUND
