"""The models of the protocol hold, and the checker finds the bugs that were planted in them."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

MODELS = Path(__file__).parents[2] / "docs" / "model"
MISSING = [program for program in ("spin", "gcc") if shutil.which(program) is None]


@pytest.mark.slow
@pytest.mark.skipif(bool(MISSING), reason=f"not on this machine: {', '.join(MISSING)}")
def test_the_models_hold_and_every_planted_bug_is_found() -> None:
    done = subprocess.run([MODELS / "check", "--quick"], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def test_every_planted_bug_is_looked_for() -> None:
    planted = {name for model in MODELS.glob("*.pml") for name in re.findall(r"\bBUG_\w+", model.read_text())}

    assert planted == set(re.findall(r"BUG_\w+", (MODELS / "check").read_text()))
