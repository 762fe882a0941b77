"""The command `cost`: a bill for people and for programs, with a deployment's own settings."""

from __future__ import annotations

import json

import pytest

from tests.support.deployments import deployment
from tools.costs.command import main
from tools.costs.prices import AS_OF
from tools.deployment import Deployment

Capture = pytest.CaptureFixture[str]


def told(capsys: Capture, *arguments: str) -> dict[str, object]:
    assert main(["--json", *arguments]) == 0
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


def test_the_bill_has_its_services_its_causes_and_the_date_of_its_prices(capsys: Capture) -> None:
    assert main([]) == 0

    said = capsys.readouterr().out
    assert AS_OF in said
    for word in ("by service", "API Gateway", "by cause", "open sockets", "for 1,000 answers"):
        assert word in said


def test_services_and_causes_add_up_to_the_same(capsys: Capture) -> None:
    bill = told(capsys, "--prompts-per-second", "3")

    for part in ("by_service", "by_cause"):
        rows = bill[part]
        assert isinstance(rows, dict)
        assert sum(rows.values()) == pytest.approx(bill["usd_a_month"], abs=0.05)


@pytest.mark.parametrize(
    "more",
    [
        ["--users", "5000"],
        ["--sockets-per-user", "3"],
        ["--visit-minutes", "5"],
        ["--tokens", "5000"],
        ["--prompt-kb", "50"],
        ["--per-worker", "1"],
        ["--set", "frame_interval_milliseconds=100"],
        ["--set", "edge=true"],
        ["--set", "snap_start=true"],
        ["--set", "retention_days=365"],
    ],
)
def test_everything_that_is_more_costs_more(more: list[str], capsys: Capture) -> None:
    assert told(capsys, *more)["usd_a_month"] > told(capsys)["usd_a_month"]  # type: ignore[operator]


def test_a_deployments_own_settings_count_and_those_that_are_set_come_first(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    slow = deployment(environment={"FRAME_INTERVAL_MILLISECONDS": "2000"})
    monkeypatch.setattr(Deployment, "of_stack", lambda _name, _session: slow)

    own, default = told(capsys, "--stack", "framestream"), told(capsys)
    forced = told(capsys, "--stack", "framestream", "--set", "frame_interval_milliseconds=250")

    assert own["usd_a_month"] < default["usd_a_month"]  # type: ignore[operator]
    assert forced["usd_a_month"] == default["usd_a_month"]


@pytest.mark.parametrize("number", ["0", "0.5", "nan"])
def test_less_than_one_answer_in_a_worker_cannot_be(number: str, capsys: Capture) -> None:
    assert main(["--per-worker", number]) == 1

    assert "--per-worker must be 1 or more" in capsys.readouterr().err
