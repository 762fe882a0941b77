"""How progress is shown while the system starts."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from local.progress import Steps


def steps_shown_on(said: io.StringIO, *, live: bool) -> Steps:
    return Steps(Console(file=said, force_terminal=live, width=80))


@pytest.mark.parametrize("live", [True, False])
@pytest.mark.parametrize(("error", "word"), [(ValueError(), "failed"), (KeyboardInterrupt(), "stopped")])
def test_each_step_is_shown_with_its_time_and_how_it_ended(
    *, live: bool, error: BaseException, word: str
) -> None:
    said = io.StringIO()
    steps = steps_shown_on(said, live=live)

    with steps.shown():
        with steps.step("Install"):
            pass
        with pytest.raises(type(error)), steps.step("Deploy"):
            raise error

    assert f"Deploy: {word}" in said.getvalue()
    assert "0.0 s" in said.getvalue()
