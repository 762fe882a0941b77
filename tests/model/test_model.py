"""The models of the protocol hold, and the checker finds the bugs that were planted in them."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from types import FunctionType

import pytest

from functions.shared.generations import transitions as written
from functions.shared.generations.attempt_transitions import AttemptTransitions
from functions.shared.generations.submission_transitions import SubmissionTransitions

MODELS = Path(__file__).parents[2] / "docs" / "model"
NAMED = ("submission", "generation", "chat")
"""Models of what is recorded; `slots` is of connections."""
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


def gives_an_entry(name: str) -> bool:
    """Whether a function is one of the transitions that are entries of a transaction."""
    value = vars(written)[name]
    return isinstance(value, FunctionType) and value.__module__ == written.__name__ and name[0] != "_"


def test_the_models_name_every_transition_of_the_code_and_no_other() -> None:
    """A transition is named by the comment at its line, and by its row in README.md."""
    methods = {
        name
        for part in (SubmissionTransitions, AttemptTransitions)
        for name in vars(part)
        if not name.startswith("_") and name not in READS
    }
    transitions = methods | {name for name in vars(written) if gives_an_entry(name)}
    at_lines = {
        name
        for model in NAMED
        for name in re.findall(r"/\* ([a-z_]+) \*/", (MODELS / f"{model}.pml").read_text())
    }
    readme = (MODELS / "README.md").read_text().split("Each transition of ")[1]
    rows = {
        name: models.split(", ")
        for name, models in re.findall(
            rf"^\| `(\w+)` \| ((?:{'|'.join(NAMED)}|, )+) \|", readme, re.MULTILINE
        )
    }

    assert at_lines - NOT_TRANSITIONS == transitions == set(rows)
    for name, models in rows.items():
        for model in models:
            assert f"/* {name} */" in (MODELS / f"{model}.pml").read_text(), f"{name} in {model}.pml"
