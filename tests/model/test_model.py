"""The models of the protocol hold, and the checker finds the bugs that were planted in them."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from functions.shared.generations.transitions import AttemptTransitions, SubmissionTransitions

MODELS = Path(__file__).parents[2] / "docs" / "model"
NOT_TRANSITIONS = {"expired"}
"""Comments of one word that name a condition."""
MISSING = [program for program in ("spin", "gcc") if shutil.which(program) is None]


@pytest.mark.slow
@pytest.mark.skipif(bool(MISSING), reason=f"not on this machine: {', '.join(MISSING)}")
def test_the_models_hold_and_every_planted_bug_is_found() -> None:
    done = subprocess.run([MODELS / "check", "--quick"], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


READS = {"look"}
"""What changes nothing."""


def test_every_planted_bug_is_looked_for() -> None:
    planted = {name for model in MODELS.glob("*.pml") for name in re.findall(r"\bBUG_\w+", model.read_text())}

    assert planted == set(re.findall(r"BUG_\w+", (MODELS / "check").read_text()))


def test_the_models_name_every_transition_of_the_code_and_no_other() -> None:
    """A transition is named by the comment at its line, and by its row in README.md."""
    transitions = {
        name
        for part in (SubmissionTransitions, AttemptTransitions)
        for name in vars(part)
        if not name.startswith("_") and name not in READS
    }
    at_lines = {
        name
        for model in ("submission.pml", "generation.pml")
        for name in re.findall(r"/\* ([a-z_]+) \*/", (MODELS / model).read_text())
    }
    readme = (MODELS / "README.md").read_text().split("Each transition of ")[1]
    rows = {
        name: models.split(", ")
        for name, models in re.findall(
            r"^\| `(\w+)` \| (submission|generation|submission, generation) \|", readme, re.MULTILINE
        )
    }

    assert at_lines - NOT_TRANSITIONS == transitions == set(rows)
    for name, models in rows.items():
        for model in models:
            assert f"/* {name} */" in (MODELS / f"{model}.pml").read_text(), f"{name} in {model}.pml"
