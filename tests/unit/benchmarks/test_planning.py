"""The plan for many users is divided rightly, simulated as documented, and rests on what was simulated."""

from __future__ import annotations

import json
import math

import pytest

from benchmarks.simulation.planning import RESULTS, SOCKETS, blocks, one_stack
from benchmarks.simulation.reconnects import BASE, CAP, reconnects
from benchmarks.simulation.runs import EXAMPLE, SEED
from benchmarks.simulation.tables import RESULTS as WAITS
from framestream.backoff import Backoff, Reconnect
from infra.config.fields import Config
from tools import marked
from tools.capacity.demand import demands
from tools.capacity.planning import FULL, LARGEST, RAISED, USERS, plan
from tools.capacity.quotas import Quotas
from tools.costs.load import Load

WITHIN = 2.0


@pytest.mark.parametrize("users", USERS)
def test_what_each_stack_and_each_account_is_given_fits_with_room(users: int) -> None:
    found = plan(users)

    def most(load: Load, quotas: Quotas, scope: str) -> float:
        return max(each.used for each in demands(load, LARGEST, quotas) if each.scope == scope)

    assert most(found.load, Quotas(), "account") / found.places <= FULL
    assert most(found.load, Quotas().times(RAISED), "account") / found.raised_places <= FULL
    assert most(found.load, Quotas().times(RAISED), "stack") / found.stacks <= FULL
    assert found.stacks >= found.raised_places


def test_more_users_take_more_of_everything() -> None:
    plans = [plan(users) for users in USERS]

    for part in ("stacks", "places", "raised_places"):
        numbers = [getattr(each, part) for each in plans]
        assert numbers == sorted(numbers)
    assert plans[0].places == plans[0].stacks == 1
    # 10 million users ask 33,333 times a second, and each answer is 39 messages to 1.2 sockets: 1.56 million
    # posts and 90,000 other requests a second, where 7,000 are planned with.
    assert plans[-1].places == pytest.approx(1_650_000 / 7000, rel=0.02)


def test_a_stack_of_the_plan_lets_no_prompt_wait() -> None:
    outcome = one_stack(USERS[0], gathering=20, steady=20)

    assert outcome.expired == 0
    assert outcome.p95 < 5
    assert outcome.workers <= LARGEST.worker_max_concurrency


def test_no_stack_of_the_documented_plan_lets_a_prompt_wait() -> None:
    stacks = json.loads(RESULTS.read_text())["stacks"]

    assert set(stacks) == {str(users) for users in USERS}
    for outcome in stacks.values():
        assert outcome["expired"] == 0
        assert outcome["p50"] < 1
        assert outcome["p95"] < 5
        assert outcome["workers"] <= LARGEST.worker_max_concurrency


def test_answers_that_share_a_worker_are_as_many_as_the_simulation_found() -> None:
    waits = json.loads(WAITS.read_text())
    flows = [(35.0, waits["steady"]["30 answers"]), (7.0, waits["short"]["30 answers"])]
    config = Config()

    for seconds, flow in flows:
        for rate, outcome in flow.items():
            load = Load(
                prompts_per_second=float(rate), first_token_seconds=seconds, tokens=1, tokens_per_second=1e9
            )
            if outcome["expired"]:
                continue  # Not a steady flow any more.
            ratio = load.per_worker(config) / outcome["per_worker"]
            assert 1 / WITHIN <= ratio <= WITHIN, (seconds, rate, ratio)
    assert EXAMPLE == (6.9, 6.9)


def test_the_workers_that_are_planned_suffice_in_the_simulation() -> None:
    stacks = json.loads(RESULTS.read_text())["stacks"]

    for users in USERS:
        share = plan(users).of_one_stack
        per_worker = share.per_worker(LARGEST)
        assert 1 / WITHIN <= per_worker / stacks[str(users)]["per_worker"] <= WITHIN


def test_a_clients_pauses_are_those_of_the_simulation() -> None:
    assert Backoff().base == BASE
    assert Reconnect().idle_cap == CAP


def test_all_sockets_come_back_no_sooner_than_the_quota_allows_and_not_much_later() -> None:
    outcome = reconnects(5000, per_second=500, at_once=500, seed=1)

    least = (5000 - 500) / 500
    assert least <= outcome.all <= least + 2 * CAP
    assert outcome.half < outcome.most <= outcome.all
    assert outcome.tries > 1


def test_few_sockets_come_back_at_once() -> None:
    outcome = reconnects(100, per_second=500, at_once=500, seed=1)

    assert outcome.all < BASE
    assert outcome.tries == 1


def test_the_documented_results_are_the_simulations() -> None:
    documented = json.loads(RESULTS.read_text())

    assert set(documented["reconnects"]) == {str(sockets) for sockets in SOCKETS}
    again = reconnects(SOCKETS[0], per_second=500, at_once=500, seed=SEED)
    for name in ("half", "most", "all", "tries"):
        assert math.isclose(documented["reconnects"][str(SOCKETS[0])][name], getattr(again, name))


def test_the_document_shows_them(capsys: pytest.CaptureFixture[str]) -> None:
    results = json.loads(RESULTS.read_text())

    assert marked.run("planning", blocks(results), ["--check"]) == 0, capsys.readouterr().err
