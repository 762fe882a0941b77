"""Requests, refusals by status and accepted prompts, measured in one line or two for each request."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.integration.generate.site import Site

if TYPE_CHECKING:
    import pytest


def measured(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_prompt_that_is_accepted_is_one_line(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    site.ask()

    [line] = measured(capsys)
    assert (line["Requests"], line["AcceptedPrompts"]) == (1, 1)


def test_a_request_that_is_refused_is_counted_by_its_status(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    site.ask(prompt=" ")

    every, refused = measured(capsys)
    assert every["Requests"] == 1
    assert (refused["RefusedRequests"], refused["status"]) == (1, "422")
    assert "AcceptedPrompts" not in every


def test_other_requests_are_no_prompts(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    site.read("0" * 32)

    every, refused = measured(capsys)
    assert refused["status"] == "404"
    assert "AcceptedPrompts" not in every
