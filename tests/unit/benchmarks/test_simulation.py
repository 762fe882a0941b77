"""The simulation's rules, one by one, and what was known of the first design."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import pytest

from benchmarks.simulation import load
from benchmarks.simulation.assumptions import (
    Design,
    Function,
    Mapping,
    Quotas,
    as_deployed,
    continuous_intake,
)
from benchmarks.simulation.backlog import Prompt
from benchmarks.simulation.outcome import Outcome, outcome_of, quantile
from benchmarks.simulation.plot import waits as waits_by_rate
from benchmarks.simulation.runs import CHOSEN, SEED, burst, steady
from benchmarks.simulation.system import System
from benchmarks.simulation.tables import PICTURE, RESULTS

ONE_AT_A_TIME = as_deployed(batch_size=1)


def waits(design: Design, prompts: list[Prompt], mapping: Mapping | None = None) -> list[float]:
    system = System(design=design, seed=1, mapping=mapping or Mapping())
    return [round(prompt.wait, 2) for prompt in sorted(system.run(prompts).answered, key=lambda p: p.asked)]


def asked(*times: float, seconds: float = 30) -> list[Prompt]:
    return [Prompt(asked=time, seconds=seconds) for time in times]


def test_the_first_five_batches_begin_at_once_and_five_more_each_second() -> None:
    cold = Function().cold_start + Function().first_token

    assert waits(ONE_AT_A_TIME, asked(*[0] * 8)) == pytest.approx(
        [cold] * 6 + [cold + 0.2, cold + 0.4], abs=0.01
    )


def test_in_steps_the_sixth_waits_for_the_next_minute() -> None:
    told = waits(ONE_AT_A_TIME, asked(*[0] * 6, seconds=100), Mapping(growth="steps"))

    assert told == [2.7] * 5 + [62.7]


def test_no_more_batches_are_taken_than_the_maximum() -> None:
    design = replace(ONE_AT_A_TIME, max_concurrency=2)

    assert waits(design, asked(0, 0, 0, seconds=30)) == [2.7, 2.7, 32.73]


def test_a_trickle_gives_batches_of_one_however_large_they_may_be() -> None:
    system = System(design=as_deployed(batch_size=10), seed=1).run(asked(0, 0.1, 0.2, 0.3))

    assert system.busiest == 4


def test_a_batch_holds_its_worker_until_its_longest_answer_ends() -> None:
    design = replace(as_deployed(batch_size=2, max_concurrency=1), reminder_after=0)
    prompts = [Prompt(0, 10), Prompt(1, 5), Prompt(1, 50), Prompt(20, 5)]

    # 2 s of start and 10 of the first; then two begin together, and the last waits for the longer of them.
    assert waits(design, prompts) == [2.7, 11.73, 11.73, pytest.approx(12 + 50.03 + 0.03 + 0.7 - 20)]


def test_a_running_worker_takes_what_comes_while_it_has_room() -> None:
    design = continuous_intake(answers=3, max_concurrency=1)
    system = System(design=design, seed=1).run(asked(0, 5, 6, 7, seconds=20))

    assert [round(prompt.wait, 2) for prompt in sorted(system.answered, key=lambda p: p.asked)] == [
        2.7, 0.7, 0.7, 15.7,
    ]  # fmt: skip
    assert system.workers == 1


def test_a_running_worker_takes_nothing_when_its_time_is_short() -> None:
    design = replace(continuous_intake(max_concurrency=1), intake_seconds=10)

    # The one asked at 11 s was taken at once; the next waits until the worker has ended.
    assert waits(design, asked(0, 11, 15, seconds=10)) == [2.7, 0.7, pytest.approx(21.73 - 15)]


def test_a_worker_without_work_ends_with_its_poll() -> None:
    system = System(design=continuous_intake(), seed=1).run(asked(0, seconds=10.25))

    assert system.worker_seconds == pytest.approx(2.0 + 11)


def test_what_waited_too_long_expires_and_is_told_so() -> None:
    design = replace(ONE_AT_A_TIME, max_concurrency=1, reminder_after=0)
    outcome = outcome_of(System(design=design, seed=1).run(asked(0, 0, seconds=400)))

    assert outcome.expired == 0.5
    assert outcome.longest == pytest.approx(402.03, abs=0.1)


def test_a_reminder_takes_a_place_in_a_batch_and_comes_again_while_its_answer_lives() -> None:
    system = System(design=as_deployed(), seed=1).run(asked(0, seconds=60))

    assert system.workers == 3  # the answer, the reminder after 35 s, and again 601 s later


def test_the_account_bounds_the_workers() -> None:
    system = System(design=continuous_intake(), seed=1, quotas=Quotas(concurrency=3))

    assert system.run(load.burst(250, seed=1)).busiest == 3


@pytest.mark.parametrize(("share", "value"), [(0, 1), (0.5, 3), (0.95, 4), (1, 4)])
def test_a_quantile_is_one_of_the_values(share: float, value: float) -> None:
    assert quantile([1, 2, 3, 4], share) == value


# Known of the first design from a simulation that was made independently.
@pytest.mark.parametrize(
    ("number", "p50", "p95"), [(20, 2.8, 2.9), (50, 3.2, 3.6), (100, 4.2, 5.5), (1000, 90, 173)]
)
def test_the_first_design_met_a_burst_as_was_known(number: int, p50: float, p95: float) -> None:
    outcome = burst(as_deployed(), number)

    assert outcome.p50 == pytest.approx(p50, rel=0.1)
    assert outcome.p95 == pytest.approx(p95, rel=0.1)


@pytest.mark.parametrize(
    ("per_second", "p50", "p95", "per_worker"),
    [
        (1.3, 0.7, 1.6, 1.0),
        (1.5, 0.7, 2.5, 1.1),
        (2, 1.4, 5.1, 1.4),
        (2.25, 2.1, 7.2, 1.6),
        (3, 161, 293, 1.9),
    ],
)
def test_the_first_design_met_a_flow_as_was_known(
    per_second: float, p50: float, p95: float, per_worker: float
) -> None:
    outcome = steady(as_deployed(), per_second)

    assert outcome.p50 == pytest.approx(p50, rel=0.3)
    assert outcome.p95 == pytest.approx(p95, rel=0.3)
    assert outcome.per_worker == pytest.approx(per_worker, abs=0.1)


@pytest.mark.parametrize(("per_second", "expired"), [(4, 0.24), (5, 0.40), (7, 0.57)])
def test_the_first_design_let_prompts_expire_as_was_known(per_second: float, expired: float) -> None:
    assert steady(as_deployed(), per_second).expired == pytest.approx(expired, abs=0.03)


def test_the_present_design_carries_ten_prompts_a_second() -> None:
    outcome = steady(CHOSEN, 10)

    assert outcome.p95 <= 1
    assert not outcome.expired


def test_the_same_seed_gives_the_same_figures() -> None:
    def once() -> Outcome:
        return outcome_of(System(design=CHOSEN, seed=3).run(load.steady(5, seed=3, lasts=300)))

    assert asdict(once()) == asdict(once())


def test_the_documents_show_what_the_simulation_gives() -> None:
    results = json.loads(RESULTS.read_text())

    assert results["seed"] == SEED
    assert results["bursts"][CHOSEN.name]["250"] == asdict(burst(CHOSEN, 250))
    assert results["steady"][as_deployed().name]["2"] == asdict(steady(as_deployed(), 2))


def test_the_picture_shows_the_results() -> None:
    assert PICTURE.read_text() == waits_by_rate(json.loads(RESULTS.read_text())["steady"])


def test_the_settings_that_are_recommended_meet_a_burst_within_three_seconds() -> None:
    assert burst(CHOSEN, 250).p95 <= 3
