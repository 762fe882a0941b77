"""Reminders, as Lambda hands them to the function that sent them."""

from __future__ import annotations

import json

import pytest

from functions.generate import handler as generate
from functions.shared.queue import Queue
from tests.integration.generate.site import Site
from tests.support import environment
from tests.support.chats_in_table import attempts
from tests.support.events import Context
from tests.support.metered import recorded
from tools.costs.calls import CALLS


def look_at(*bodies: str) -> dict[str, list[dict[str, str]]]:
    """What the function answers to a batch of reminders."""
    records = [{"messageId": f"m{number}", "body": body} for number, body in enumerate(bodies)]
    return generate.handler({"Records": records}, Context())


def reminder_of(generation_id: str) -> str:
    return json.dumps({"version": 1, "generation_id": generation_id})


@pytest.mark.fault(61)
def test_a_prompt_whose_message_a_dying_worker_left_hidden_is_queued_again_once(site: Site) -> None:
    generation_id = site.ask().body["generation_id"]
    assert site.queued() == [generation_id]  # A worker has received it, and died.

    first = look_at(reminder_of(generation_id))
    second = look_at(reminder_of(generation_id))

    assert first == second == {"batchItemFailures": [{"itemIdentifier": "m0"}]}
    assert site.queued() == [generation_id]


def test_a_prompt_that_is_queued_again_gets_no_second_reminder(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    generation_id = site.ask().body["generation_id"]
    sent: list[str] = []
    monkeypatch.setattr(Queue, "send", lambda to, *_, **__: sent.append(to.url))

    look_at(reminder_of(generation_id))

    assert sent == [environment.QUEUE_URL]


def test_a_reminder_of_what_was_told_costs_one_read(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    generation_id = site.ask().body["generation_id"]
    attempts(site.dynamodb).note_announced(generation_id)
    counted = recorded(monkeypatch)

    assert look_at(reminder_of(generation_id)) == {"batchItemFailures": []}
    assert counted == CALLS["reminder"]


def test_what_cannot_be_read_is_named_and_the_rest_is_done(site: Site) -> None:
    answer = look_at("no reminder of ours", reminder_of("0" * 32))

    assert answer == {"batchItemFailures": [{"itemIdentifier": "m0"}]}
