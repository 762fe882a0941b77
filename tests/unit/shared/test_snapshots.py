"""Environments that begin as copies of one."""

from __future__ import annotations

import random
import sys
from types import ModuleType
from typing import Any

import pytest

from functions.shared import snapshots


@pytest.fixture
def hooks(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was registered with the module that only Lambda has."""
    registered: list[Any] = []
    lambdas = ModuleType(snapshots.HOOKS)
    lambdas.__spec__ = sys.__spec__
    lambdas.register_after_restore = registered.append  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, snapshots.HOOKS, lambdas)
    return registered


def test_a_restored_environment_goes_on_differently_from_its_copies(hooks: list[Any]) -> None:
    snapshots.reseed_after_restore()
    (restore,) = hooks
    snapshot = random.getstate()

    def restored() -> float:
        random.setstate(snapshot)
        restore()
        return random.random()  # noqa: S311 - what is asked is whether it repeats itself.

    assert restored() != restored()
