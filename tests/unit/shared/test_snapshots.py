"""Environments that begin as copies of one."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path
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


@pytest.mark.parametrize("name", ["connect", "disconnect", "message", "generate", "worker"])
def test_every_function_asks_for_it(name: str, tmp_path: Path) -> None:
    (tmp_path / f"{snapshots.HOOKS}.py").write_text(
        "registered = []\ndef register_after_restore(hook): registered.append(hook)\n"
    )
    program = (
        f"import sys; sys.path.append({str(tmp_path)!r})\n"
        f"import functions.{name}.handler, {snapshots.HOOKS} as hooks\n"
        "assert len(hooks.registered) == 1"
    )

    subprocess.run([sys.executable, "-c", program], check=True)
