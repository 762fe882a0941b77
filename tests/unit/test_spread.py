"""How the suite is spread over processes."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest

from local.paths import ROOT
from tests.support import spread
from tests.support.spread import (
    APART,
    COMPUTING,
    FULL,
    LONG,
    SHARED,
    Spread,
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
    monkeypatch.setattr(spread, "processors", lambda: 2)

    assert [fills_gaps(f"gw{number}", 5) for number in range(5)] == [False] * 4 + [True]
    assert not any(fills_gaps(f"gw{number}", 4) for number in range(4))
    assert not fills_gaps("", 0)


@dataclass
class Process:
    """What xdist knows of one, and which tests it was given."""

    number: int
    given: list[int] = field(default_factory=list)
    shutting_down: bool = False

    def __hash__(self) -> int:
        return self.number

    @property
    def gateway(self) -> SimpleNamespace:
        return SimpleNamespace(id=f"gw{self.number}")

    def send_runtest_some(self, indices: list[int]) -> None:
        assert indices, "a unit without a test is no next one"
        self.given += indices

    def shutdown(self) -> None:
        self.shutting_down = True


def scheduled(
    tests: list[str], *, ready: list[int], monkeypatch: pytest.MonkeyPatch
) -> tuple[Spread, list[Process]]:
    """Spread tests over processes that are ready in this order, on two processors."""
    monkeypatch.setattr(spread, "processors", lambda: 2)
    config = SimpleNamespace(option=SimpleNamespace(loadscopereorder=False), getvalue=lambda _: ["popen"] * 5)
    scheduler, processes = Spread(config, None), [Process(number) for number in ready]
    scheduler.numnodes = len(ready)
    for process in processes:
        scheduler.add_node(process)
        scheduler.add_node_collection(process, tests)
    scheduler.schedule()
    return scheduler, processes


def test_the_filling_process_does_what_is_left_if_it_is_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    _, processes = scheduled([f"{E2E}::test_one"], ready=[4, 0, 1, 2, 3], monkeypatch=monkeypatch)

    assert [index for process in processes for index in process.given] == [0]


def test_what_a_process_had_done_before_it_crashed_is_not_given_out_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tests = [f"tests/faults/test_{letter}.py::test_one" for letter in "abcdefgh"]
    scheduler, processes = scheduled(tests, ready=[0, 1, 2], monkeypatch=monkeypatch)
    first = processes[0]
    done, lost = first.given[:-1], first.given[-1]
    for index in done:
        scheduler.mark_test_complete(first, index)
    lost = first.given[-1]

    scheduler.remove_node(first)
    for process in processes[1:]:
        for index in process.given:  # It grows meanwhile.
            scheduler.mark_test_complete(process, index)

    assert lost in [index for process in processes[1:] for index in process.given]
    assert not scheduler.workqueue


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
