"""What a load wants of each limit, some of it calculated by hand, and what the command says about it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from functions.shared.errors import SettingsError
from infra.config.fields import Config
from tests.support.deployments import deployment
from tests.support.fake_aws import FakeSession, client_error
from tools.capacity.command import main
from tools.capacity.demand import Demand, demands, ramp, requests_per_second
from tools.capacity.quotas import CODES, Quotas, of_account
from tools.costs.load import Load
from tools.deployment import Deployment

Capture = pytest.CaptureFixture[str]
BUSY = Load(prompts_per_second=100, users=54_000, sockets_per_user=2, visit_minutes=30)
"""675 answers at once, 108,000 sockets of which 60 come each second."""


def by_name(load: Load, config: Config | None = None, quotas: Quotas | None = None) -> dict[str, Demand]:
    return {each.name: each for each in demands(load, config or Config(), quotas or Quotas())}


def test_what_a_load_wants_is_what_it_does_by_hand() -> None:
    wanted = {name: demand.wanted for name, demand in by_name(BUSY).items()}

    # 39 messages to each of 2 sockets, a call each; 60 tickets, 60 handshakes; 108,000 / 540 heartbeats.
    assert wanted["API Gateway's requests per second"] == pytest.approx(7800 + 100 + 2 * 60 + 2 * 200)
    assert wanted["new sockets per second"] == wanted["the setting connect_rate_limit"] == 60
    assert wanted["the setting http_rate_limit"] == 160
    # 22 units of each prompt, 1.1 each second of each answer, 9 of each socket, 1 of each heartbeat.
    assert wanted["the table's writes"] == pytest.approx(2200 + 675 * 1.1 + 540 + 200)
    # 9 units of each prompt, with its reminder; 1.9 each second of each answer; 4 of each socket.
    assert wanted["the table's reads"] == pytest.approx(900 + 675 * 1.9 + 240)
    # 30 answers in each worker, half full.
    assert wanted["the setting worker_max_concurrency"] == pytest.approx(45)
    # 0.6 · √675 = 15.6 answers in a worker; and 580 brief runs of 30 ms each second.
    brief = 0.03 * (160 + 100 + 2 * 60 + 200)
    assert wanted["Lambda's concurrent executions"] == pytest.approx(675 / 15.59 + brief, rel=0.01)


@pytest.mark.parametrize(
    ("load", "first"),
    [
        (Load(prompts_per_second=20, tokens=3000), "the setting worker_max_concurrency"),
        (Load(prompts_per_second=1, users=1_000_000), "the setting connect_rate_limit"),
        (Load(prompts_per_second=50, tokens=10, tokens_per_second=100), "the setting table_warm_writes"),
        (Load(prompts_per_second=0.5, users=60_000, visit_minutes=10), "the setting connect_rate_limit"),
    ],
)
def test_the_limit_that_is_met_first_stands_at_the_top(load: Load, first: str) -> None:
    found = demands(load, Config(), Quotas())

    assert found[0].name == first
    assert [each.used for each in found] == sorted((each.used for each in found), reverse=True)


def test_settings_that_are_raised_leave_the_accounts_quotas() -> None:
    raised = Config(
        worker_max_concurrency=1000, connect_rate_limit=500, http_rate_limit=10_000, table_warm_writes=20_000
    )

    [first, *_] = demands(BUSY, raised, Quotas())

    assert (first.name, first.scope) == ("API Gateway's requests per second", "account")
    assert "L-8A5B8E43" in first.remedy


def test_a_new_account_is_met_by_its_executions() -> None:
    [first, *_] = demands(Load(prompts_per_second=5), Config(), Quotas(executions=10))

    assert first.name == "Lambda's concurrent executions"


def test_how_long_it_takes_to_get_there() -> None:
    growing = ramp(BUSY, Config(), Quotas())

    # 43.3 workers, of which 5 begin at once and 5 more each second; 108,000 sockets at 100 a second.
    assert growing.workers_seconds == 8
    assert growing.reconnect_seconds == 1080
    assert ramp(BUSY, Config(connect_rate_limit=500), Quotas()).reconnect_seconds == 216


def test_more_frames_want_more_posts() -> None:
    dense = Config(frame_interval_milliseconds=100)

    assert requests_per_second(BUSY, dense) > requests_per_second(BUSY, Config())


def test_an_accounts_own_quotas_are_asked_for_by_their_codes() -> None:
    values = dict(zip(CODES.values(), (50.0, 2500.0, 700.0), strict=True))

    def quota(*, ServiceCode: str, QuotaCode: str) -> dict[str, Any]:  # noqa: N803 - AWS's names.
        return {"Quota": {"Value": values[ServiceCode, QuotaCode]}}

    found = of_account(FakeSession({"service-quotas": {"get_service_quota": quota}}))  # type: ignore[arg-type]

    assert (found.executions, found.requests_per_second, found.new_sockets_per_second) == (50, 2500, 700)


@pytest.mark.parametrize(
    "given", [{"executions": "0"}, {"executions": "-5"}, {"executions": "many"}, {"x": "5"}]
)
def test_a_quota_that_cannot_be_is_named(given: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match=next(iter(given))):
        Quotas().with_raised(given)


def test_the_command_says_what_is_met_first_and_what_to_raise(capsys: Capture) -> None:
    assert main(["--prompts-per-second", "1000", "--users", "10000"]) == 1

    said = capsys.readouterr().out
    assert "It does not fit: the setting worker_max_concurrency would have to be" in said
    assert "--quota-code L-8A5B8E43" in said


def test_a_load_that_fits_says_how_far_it_may_grow(capsys: Capture) -> None:
    assert main(["--prompts-per-second", "1", "--set", "worker_max_concurrency=100"]) == 0

    assert "times this load" in capsys.readouterr().out


def test_the_command_writes_json(capsys: Capture) -> None:
    assert main(["--json", "--prompts-per-second", "1", "--quota", "executions=10"]) == 0

    told = json.loads(capsys.readouterr().out)
    assert told["fits"] is True
    assert told["first"] == told["limits"][0]["name"] == "Lambda's concurrent executions"
    assert told["limits"][0]["allowed"] == 10


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--set", "worker_max_concurrency"], "must be NAME=VALUE"),
        (["--set", "worker_max_concurency=5"], "did you mean framestream.worker_max_concurrency?"),
        (["--set", "worker_max_concurrency=1"], "whole number from 2 to 1000"),
        (["--quota", "exections=5"], "There is no quota 'exections'"),
        (["--users", "-1"], "--users is -1"),
    ],
)
def test_a_mistake_is_named(arguments: list[str], says: str, capsys: Capture) -> None:
    assert main(arguments) == 1

    assert says in capsys.readouterr().err


def test_a_deployments_own_settings_and_quotas_count(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    deployed = deployment(
        environment={"WORKER_ANSWERS": "10", "FRAME_INTERVAL_MILLISECONDS": "500"},
        max_concurrency=7,
        connect_rate=50,
        quotas=20.0,
    )
    monkeypatch.setattr(Deployment, "of_stack", lambda _name, _session: deployed)

    main(["--json", "--stack", "framestream"])

    limits = {each["name"]: each for each in json.loads(capsys.readouterr().out)["limits"]}
    assert limits["the setting worker_max_concurrency"]["allowed"] == 7
    assert limits["the setting worker_max_concurrency"]["wanted"] == pytest.approx(6.75 / 5)
    assert limits["the setting connect_rate_limit"]["allowed"] == 50
    assert limits["Lambda's concurrent executions"]["allowed"] == 20


def test_credentials_that_may_not_ask_for_quotas_are_told(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    deployed = deployment(quotas=client_error("AccessDeniedException"))
    monkeypatch.setattr(Deployment, "of_stack", lambda _name, _session: deployed)

    assert main(["--stack", "framestream"]) == 1

    assert "may not do this" in capsys.readouterr().err
