"""The command line of `python -m local`."""

from __future__ import annotations

from pathlib import Path

import pytest

from local.__main__ import main
from local.state_dir import StateDir
from tests.unit.local.test_state_dir import ENDPOINTS


@pytest.mark.parametrize(
    "command",
    [["status"], ["show", "http_url"], ["token", "--user", "u1"], ["chat", "Otters?"], ["dashboard"]],
)
def test_without_a_system_there_is_advice_and_a_bad_exit_code(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command, "--state", str(tmp_path)]) == 1

    assert "make dev" in capsys.readouterr().err


def test_down_is_done_where_nothing_is_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["down", "--state", str(tmp_path / "none")]) == 0

    assert capsys.readouterr().out == "Nothing was up.\n"


def test_a_token_is_printed_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    state_dir = StateDir(tmp_path)
    with state_dir.held():
        ENDPOINTS.write(state_dir)

        assert main(["token", "--user", "u1", "--state", str(tmp_path)]) == 0

    assert capsys.readouterr().out.count(".") == 2


def test_an_address_is_printed_alone_and_the_secret_is_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state_dir = StateDir(tmp_path)
    with state_dir.held():
        ENDPOINTS.write(state_dir)

        assert main(["show", "http_url", "--state", str(tmp_path)]) == 0
        with pytest.raises(SystemExit):
            main(["show", "jwt_secret", "--state", str(tmp_path)])

    assert capsys.readouterr().out == f"{ENDPOINTS.http_url}\n"


def test_a_home_that_is_taken_is_not_taken_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with StateDir(tmp_path).held():
        assert main(["up", "--state", str(tmp_path)]) == 1
        assert main(["up", "--detach", "--state", str(tmp_path)]) == 1

    assert capsys.readouterr().err.count("already up") == 2


def test_a_system_without_a_dashboard_is_told_apart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state_dir = StateDir(tmp_path)
    with state_dir.held():
        ENDPOINTS.write(state_dir)
        state_dir.outputs.write_text('{"framestream": {"TableName": "t"}}')

        assert main(["dashboard", "--state", str(tmp_path)]) == 1

    assert "has no dashboard" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--minutes", "0"], "'0' is too little"),
        (["--period", "soon"], "'soon' is too little"),
    ],
)
def test_a_time_that_shows_nothing_is_refused(
    words: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["dashboard", *words])

    assert complaint in capsys.readouterr().err


def test_a_period_longer_than_what_is_shown_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["dashboard", "--minutes", "1", "--period", "61", "--state", str(tmp_path)]) == 1

    assert "not a single point" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--port", "http"], "'http' is no port"),
        (["--llm-port", "65536"], "'65536' is no port"),
        (["--page-port", "0"], "'0' is no port"),
        (["--set", "lease_seconds"], "'lease_seconds' is not NAME=VALUE"),
        (["--set", "=1"], "'=1' is not NAME=VALUE"),
    ],
)
def test_a_slip_of_the_keyboard_is_named(
    words: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["up", *words])

    assert complaint in capsys.readouterr().err
