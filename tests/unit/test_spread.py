"""How the suite is spread over processes."""

from __future__ import annotations

import pytest

from tests.support.spread import SHARED, choose, suite

LABS = SHARED["tests/faults"]
FAULTS, E2E, UNIT = "tests/faults/test_a.py", "tests/e2e/test_b.py", "tests/unit/test_c.py"


def test_a_process_goes_on_with_the_suite_that_it_is_set_up_for() -> None:
    assert choose([FAULTS, E2E], {"tests/e2e"}, {"tests/e2e": 1, "tests/faults": LABS}) == E2E


def test_the_next_process_makes_a_deployment_of_its_own_only_while_there_are_few() -> None:
    assert choose([FAULTS, UNIT], set(), {"tests/faults": LABS - 1}) == FAULTS
    assert choose([FAULTS, UNIT], set(), {"tests/faults": LABS}) == UNIT


def test_no_process_idles_while_there_is_something_to_do() -> None:
    assert choose([FAULTS], set(), {"tests/faults": LABS}) == FAULTS


@pytest.mark.parametrize("name", sorted(SHARED))
def test_what_is_shared_is_a_suite(name: str, pytestconfig: pytest.Config) -> None:
    assert name in pytestconfig.getini("testpaths")
    assert suite(f"{name}/deep/test_x.py") == name
