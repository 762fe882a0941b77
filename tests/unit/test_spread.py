"""How the suite is spread over processes."""

from __future__ import annotations

import pytest

from local.paths import ROOT
from tests.support.spread import (
    APART,
    COMPUTING,
    FULL,
    LONG,
    SHARED,
    choose,
    choose_computing,
    fills_gaps,
    place_of,
    suite,
    unit_of,
)

FAULTS, E2E, INFRA = "tests/faults/test_a.py", "tests/e2e/test_b.py", "tests/infra/test_c.py"
UNIT, LAST = "tests/unit/test_d.py", "tests/unit/test_e.py"
APART_FROM_OTHERS = "tests/faults/test_deployments.py"


def test_a_process_goes_on_with_the_suite_that_it_is_set_up_for() -> None:
    assert choose([FAULTS, UNIT, E2E], {"tests/e2e", "tests/unit"}, {"tests/e2e": 1}) == E2E


def test_the_next_process_makes_a_deployment_of_its_own_only_while_there_are_few() -> None:
    assert choose([FAULTS, UNIT], set(), {"tests/faults": SHARED["tests/faults"] - 1}) == FAULTS
    assert choose([FAULTS, UNIT], set(), {"tests/faults": SHARED["tests/faults"]}) == UNIT


def test_a_file_that_does_without_its_suites_deployment_is_for_any_process() -> None:
    assert choose([FAULTS, APART_FROM_OTHERS], set(), {"tests/faults": 9}) == APART_FROM_OTHERS


def test_files_that_share_a_deployment_of_their_own_stay_together() -> None:
    together = [path for path, name in APART.items() if name == FULL]

    assert len(together) > 1
    assert {unit_of(path) for path in together} == {FULL}
    assert choose([E2E, FULL], set(), {"tests/e2e": 9}) == FULL


def test_what_waits_behind_another_file_is_short() -> None:
    assert choose([INFRA, UNIT, LAST], set(), {}, is_next=True) == LAST
    assert choose([E2E, UNIT, LAST], {"tests/e2e"}, {"tests/e2e": 1}, is_next=True) == E2E


def test_no_process_idles_while_there_is_something_to_do() -> None:
    assert choose([FAULTS], set(), {"tests/faults": SHARED["tests/faults"]}) == FAULTS


def test_the_filling_process_takes_what_computes_the_longest_first_and_nothing_else() -> None:
    assert choose_computing([FAULTS, UNIT, INFRA, E2E]) == INFRA
    assert choose_computing([FAULTS, UNIT, LAST]) == UNIT
    assert choose_computing([FAULTS, E2E, FULL, APART_FROM_OTHERS]) is None


def test_one_of_many_processes_fills_gaps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 2)

    assert [fills_gaps(f"gw{number}", 5) for number in range(5)] == [False] * 4 + [True]
    assert not any(fills_gaps(f"gw{number}", 4) for number in range(4))
    assert not fills_gaps("", 0)


def test_what_takes_longest_comes_first_and_what_computes_last() -> None:
    long = [path if path.endswith(".py") else f"{path}/test_f.py" for path in LONG]

    order = sorted([UNIT, INFRA, E2E, FAULTS, *reversed(long)], key=place_of)

    assert order == [*long, FAULTS, E2E, INFRA, UNIT]


@pytest.mark.parametrize("path", sorted({*APART, *LONG}))
def test_what_is_named_is_there(path: str) -> None:
    assert (ROOT / path).exists()


@pytest.mark.parametrize("name", sorted({*SHARED, *COMPUTING}))
def test_what_is_named_as_a_suite_is_one(name: str, pytestconfig: pytest.Config) -> None:
    assert name in pytestconfig.getini("testpaths")
    assert suite(f"{name}/deep/test_x.py") == name
