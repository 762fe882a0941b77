"""Each check passes on a deployment that is well, and finds the faults of its kind, each with a sentence."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from infra.alarm_table import ALARMS
from tests.support.fake_aws import client_error
from tests.support.fake_deployment import TOKEN, FakeDeployment, fake_deployment
from tests.support.fake_watching import watched
from tools.smoke import answers, sockets
from tools.smoke.checks import answers as answer_checks
from tools.smoke.findings import Finding, Outcome
from tools.smoke.running import findings
from tools.smoke.site import Site
from tools.smoke.table import CHECKS

DOMAINS = {"HttpDomainTarget": "d-1.example", "WebSocketDomainTarget": "d-2.example"}
ONLY_ON_AWS = {
    "subprotocol",
    "refusal-status",
    "refusal-body",
    "limit-32k-frame",
    "limit-128k-message",
    "limit-128k-post",
    "route-settings",
    "access-log",
    "metric",
    "alarm-state",
    "alarm-mail",
}
FAULTS = [
    ("health", "health fails", "answered 500, not 200"),
    ("health", "another server answers", "with no JSON object"),
    ("ticket", "the token is refused", "the token is refused"),
    ("ticket", "tickets lead elsewhere", "wss://elsewhere.example"),
    ("ticket", "tickets are for anybody", "not 401"),
    ("socket", "a ticket works twice", "must work once"),
    ("socket", "handshakes fail", "refused with 500"),
    ("heartbeat", "nothing is answered", "Nothing came"),
    ("heartbeat", "sockets are not connected", "answered system alive, not connected"),
    ("heartbeat", "pings are refused", "A later ping is answered system rejected 4000, not pong"),
    ("heartbeat", "sockets have expired", "is this clock right?"),
    ("subprotocol", "no subprotocol is chosen", "chose nothing"),
    ("subprotocol", "the token is echoed", "chose something else"),
    ("prompt", "prompts are refused", "was not accepted (invalid)"),
    ("prompt", "a key is forgotten", "became another generation"),
    ("prompt", "no worker runs", "Does a worker run"),
    ("frames", "a frame is lost", "A frame begins at 18, but 13 characters had come"),
    ("frames", "the model refuses", "LlmKeySecretArn"),
    ("frames", "a message is too long", "32 KB are the most"),
    ("frames", "statuses come in another order", "streaming, thinking"),
    ("frames", "the response is not sent", "without an llm_response"),
    ("frames", "the response has another length", "llm_response says"),
    ("frames", "the end is not told", "No end of the answer was told; heard of it: started"),
    ("get", "the stored text differs", "is not that of the frames"),
    ("get", "the end is not stored", "stored as processing"),
    ("cancel", "cancelling does nothing", "ended as completed"),
    ("cancel", "the end is not stored", "it is stored as processing"),
    ("preflight", "preflights are refused", "so pages cannot call"),
    ("preflight", "every page passes the preflight", "allows '*'"),
    ("preflight", "a header is not allowed", "headers content-type, idempotency-key"),
    ("refused-page", "any page may call", "answered 201, not 403"),
    ("refused-page", "a page is refused with another code", "code 4001, not 4003"),
    ("refused-origin", "sockets open for any page", "a page that is in no list"),
    ("refused-cap", "the cap does not hold", "the cap does not hold"),
    ("refused-cap", "a ticket is issued beside a full cap", "answered 201, not 429"),
    ("refused-cap", "handshakes fail", "Socket 1 of 3 was refused"),
    ("refusal-status", "every refusal is a 403", "is refused with 403, not 401"),
    ("refusal-body", "refusals have no body", "without a body of ours"),
    ("limit-32k", "posts are cut", "Of 32,768 bytes"),
    ("limit-32k-frame", "long frames are taken", "stayed open"),
    ("limit-128k-message", "messages in parts are refused", "closed with 1009"),
    ("limit-128k-message", "long messages are taken", "stayed open"),
    ("limit-128k-post", "long posts are taken", "was taken"),
    ("route-settings", "limits have another casing", "written so"),
    ("route-settings", "limits are not taken over", "no limit for sockets"),
    ("access-log", "no line is logged", "has no line about r"),
    ("access-log", "the query is logged", "holds the query"),
    ("metric", "no metric is read", "AcceptedConnects has no value in framestream"),
    ("alarms", "an alarm is missing", f"AlarmTopicArn: {ALARMS[0].name}."),
    ("alarms", "an alarm is raised", "These alarms are raised: framestream-Alarms"),
    ("alarms", "an alarm's actions are off", "switched off: framestream-Alarms"),
    ("alarm-state", "an alarm is raised", "not OK: framestream-Alarms"),
    ("alarm-state", "an alarm has no data", "look again"),
    ("alarm-mail", "nothing is subscribed", "nothing is subscribed"),
    ("alarm-mail", "the mail is not confirmed", "waits for its confirmation"),
]


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "ANSWER_SECONDS", 0.3)
    monkeypatch.setattr(answers, "ANSWER_SECONDS", 3.0)
    monkeypatch.setattr(answer_checks, "ANSWER_SECONDS", 3.0)
    monkeypatch.setattr(answer_checks, "CANCEL_SECONDS", 0.2)


@asynccontextmanager
async def site_with(*faults: str, **changes: Any) -> AsyncIterator[tuple[Site, FakeDeployment]]:
    async with fake_deployment(*faults) as fake:
        site = await Site.of_stack(watched(fake, **changes), TOKEN, patience=0.1, pause=0.02)
        try:
            yield site, fake
        finally:
            await site.http.aclose()


async def found(site: Site, *only: str) -> dict[str, Finding]:
    return {each.check: each async for each in findings(site, only=only)}


async def test_a_deployment_that_is_well_passes_every_check_and_has_no_domain_of_its_own() -> None:
    async with site_with() as (site, _):
        outcomes = await found(site)

    failed = {name: each.sentence for name, each in outcomes.items() if each.outcome is not Outcome.OK}
    assert failed == {
        "custom-domain": "This deployment has no domain of its own (http_domain, websocket_domain)."
    }
    assert list(outcomes) == list(CHECKS)
    assert all(each.sentence.endswith(".") for each in outcomes.values())


@pytest.mark.parametrize(("check", "fault", "says"), FAULTS, ids=[f"{c}: {f}" for c, f, _ in FAULTS])
async def test_a_fault_is_found_by_its_check(check: str, fault: str, says: str) -> None:
    async with site_with(fault) as (site, _):
        finding = (await found(site, check))[check]

    assert (finding.outcome, says in finding.sentence) == (Outcome.FAILED, True), finding.sentence


def test_every_check_has_a_fault_that_it_finds() -> None:
    assert {check for check, _, _ in FAULTS} | {"custom-domain"} == set(CHECKS)


async def test_a_check_that_fails_lets_the_others_be_made() -> None:
    async with site_with("health fails", "handshakes fail") as (site, _):
        outcomes = await found(site)

    assert len(outcomes) == len(CHECKS)
    assert outcomes["health"].outcome is outcomes["socket"].outcome is Outcome.FAILED
    assert outcomes["preflight"].outcome is outcomes["alarm-state"].outcome is Outcome.OK


async def test_a_domain_that_resolves_leads_to_the_deployment() -> None:
    # The fake deployment's own address is a name that always resolves.
    async with site_with(outputs=DOMAINS) as (site, _):
        finding = (await found(site, "custom-domain"))["custom-domain"]

    assert finding.outcome is Outcome.OK, finding.sentence


@pytest.mark.parametrize(
    ("outputs", "faults", "says"),
    [
        ({"HttpUrl": "https://api.invalid"}, [], "api.invalid does not resolve: make a CNAME record"),
        ({"WebSocketUrl": "wss://live.invalid/prod"}, [], "that points to d-2.example"),
        ({}, ["health fails"], "answered 500"),
        ({}, ["handshakes fail"], "refused with 500"),
        ({}, ["nothing is answered"], "Nothing came"),
    ],
)
async def test_a_domain_without_a_record_or_with_a_broken_way_is_found(
    outputs: dict[str, str], faults: list[str], says: str
) -> None:
    async with site_with(*faults, outputs=DOMAINS | outputs) as (site, _):
        finding = (await found(site, "custom-domain"))["custom-domain"]

    assert (finding.outcome, says in finding.sentence) == (Outcome.FAILED, True), finding.sentence


async def test_an_access_log_that_is_off_cannot_be_looked_at() -> None:
    async with site_with("access logs are off") as (site, _):
        finding = (await found(site, "access-log"))["access-log"]

    assert finding.outcome is Outcome.NOT_APPLICABLE
    assert "http_access_logs is off" in finding.sentence


async def test_where_the_oldest_socket_gives_way_no_handshake_is_refused_for_the_cap() -> None:
    async with site_with(environment={"CONNECTION_POLICY": "evict_oldest"}) as (site, _):
        outcomes = await found(site, "refused-cap", "refusal-body")

    assert outcomes["refused-cap"].outcome is Outcome.NOT_APPLICABLE
    assert outcomes["refusal-body"].sentence == "Refused handshakes carry their code: 4001, 4003."


async def test_no_finding_repeats_the_token() -> None:
    async with site_with() as (site, _):
        site.deployment.session.answers["lambda"]["list_functions"] = ValueError(f"odd: {TOKEN}")  # type: ignore[attr-defined]
        finding = (await found(site, "metric"))["metric"]

    assert finding.sentence == "Something unexpected happened: ValueError: odd: (the token)"


async def test_aws_refusing_an_operator_is_told_as_advice() -> None:
    async with site_with() as (site, _):
        site.deployment.session.answers["sns"] = {  # type: ignore[attr-defined]
            "list_subscriptions_by_topic": client_error("AccessDenied")
        }
        finding = (await found(site, "alarm-mail"))["alarm-mail"]

    assert finding.outcome is Outcome.FAILED
    assert "These credentials may not do this" in finding.sentence


async def test_on_the_local_system_what_the_emulator_lacks_is_said_and_never_passes() -> None:
    async with site_with() as (site, _):
        site.is_local = True
        outcomes = await found(site, *ONLY_ON_AWS)

    assert {each.outcome for each in outcomes.values()} == {Outcome.NOT_APPLICABLE}
    assert set(outcomes) == ONLY_ON_AWS


async def test_a_check_that_is_left_out_is_still_named() -> None:
    async with site_with() as (site, _):
        outcomes = [each async for each in findings(site, only=["health", "get"], without=["get"])]

    assert [(each.check, each.outcome) for each in outcomes] == [
        ("health", Outcome.OK),
        ("get", Outcome.LEFT_OUT),
    ]


async def test_what_does_not_answer_at_all_is_said_with_its_address() -> None:
    async with site_with() as (site, _):
        nowhere = Site(
            deployment=site.deployment,
            http_url="http://127.0.0.1:9",
            websocket_url="ws://127.0.0.1:9",
            origin=site.origin,
            token=site.token,
            user_id=site.user_id,
            patience=0.1,
        )
        outcomes = await found(nowhere, "health", "heartbeat", "prompt", "cancel")
        await nowhere.http.aclose()

    assert {each.outcome for each in outcomes.values()} == {Outcome.FAILED}
    assert "http://127.0.0.1:9 does not answer" in outcomes["health"].sentence
    assert "ws://127.0.0.1:9" in outcomes["heartbeat"].sentence
