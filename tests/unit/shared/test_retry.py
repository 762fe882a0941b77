"""Pauses between tries: within their bounds, longer each time, and as the documentation's table says."""

from __future__ import annotations

import importlib
import re
from dataclasses import replace
from pathlib import Path

import pytest

from functions.shared.retry import Retry

ROOT = Path(__file__).parents[3]
POLICY = Retry(attempts=5, first=1, longest=4, chance=lambda: 1)


def test_the_bound_of_a_pause_doubles_up_to_the_longest() -> None:
    assert [POLICY.pause(failures) for failures in range(5)] == [1, 2, 4, 4, 4]


@pytest.mark.parametrize(("fixed", "shortest"), [(0, 0), (0.5, 0.5), (1, 1)])
def test_chance_decides_all_of_a_pause_but_its_fixed_share(fixed: float, shortest: float) -> None:
    policy = replace(POLICY, fixed=fixed)

    assert replace(policy, chance=lambda: 0).pause(0) == shortest
    assert policy.pause(0) == 1


def test_rivals_do_not_pause_in_step() -> None:
    pauses = {Retry(attempts=2, first=1, longest=1).pause(0) for _ in range(20)}

    assert len(pauses) > 10
    assert all(0 <= pause <= 1 for pause in pauses)


@pytest.mark.parametrize(("asked_for", "pause"), [(None, 0.5), (0.1, 0.5), (30, 30), (3600, 60), (-5, 0.5)])
def test_a_server_may_ask_for_a_longer_pause_within_a_bound(asked_for: float | None, pause: float) -> None:
    policy = replace(POLICY, fixed=0.5, chance=lambda: 0)

    assert policy.pause(0, asked_for=asked_for) == pause


def test_a_pause_that_was_asked_for_is_spread_too() -> None:
    assert replace(POLICY, fixed=0.5).pause(0, asked_for=30) == 30.5


def test_tries_pause_between_two_but_neither_before_nor_after() -> None:
    slept: list[float] = []

    slept_before = [list(slept) for _ in POLICY.tries(slept.append)]

    assert slept_before == [[], [1], [1, 2], [1, 2, 4], [1, 2, 4, 4]]
    assert slept == [1, 2, 4, 4]


def test_after_a_success_there_is_no_pause() -> None:
    slept: list[float] = []

    for _ in POLICY.tries(slept.append):
        break

    assert slept == []


def test_however_often_it_failed_the_pause_is_finite() -> None:
    assert POLICY.pause(1000) == 4


def test_all_pauses_together_have_a_bound() -> None:
    assert POLICY.longest_in_all == 1 + 2 + 4 + 4
    assert replace(POLICY, attempts=1).longest_in_all == 0


def policies() -> dict[str, Retry]:
    """Every constant of the functions that is a policy."""
    found = {}
    for path in (ROOT / "functions").rglob("*.py"):
        for name in re.findall(r"^([A-Z_]+) = Retry\(", path.read_text(), re.MULTILINE):
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            found[f"{module}.{name}".removeprefix("functions.")] = getattr(
                importlib.import_module(module), name
            )
    return found


def test_the_table_in_the_documentation_says_what_every_policy_is() -> None:
    rows = re.findall(
        r"^\| `([\w.]+\.[A-Z_]+)` \| [^|]+ \| (.+) \|$",
        (ROOT / "docs/architecture.md").read_text(),
        re.MULTILINE,
    )

    assert dict(rows) == {
        name: f"{policy.attempts} | {policy.first * policy.fixed:g} to {policy.first:g} s, "
        f"doubling up to {policy.longest:g} s | {policy.longest_in_all:.3g} s"
        for name, policy in policies().items()
    }
