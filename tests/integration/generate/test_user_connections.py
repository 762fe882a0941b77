"""A user's own sockets: seen and closed over HTTP."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from functions.generate import wiring
from functions.shared.connections.store import ConnectionStore
from tests.support.builders import ORIGIN, USER, connection
from tests.support.environment import TABLE_NAME

if TYPE_CHECKING:
    from tests.integration.generate.site import Site
    from tests.support.gateway import Gateway

PATH = "/api/chat/connections"
NOW = datetime.now(UTC).replace(microsecond=0)
IDS = ["L0SM9cOFvHcCIhw=", "Kx_3-cOFvHcAbcd="]


@pytest.fixture(autouse=True)
def gateway(site: Site, sockets: Gateway, monkeypatch: pytest.MonkeyPatch) -> Gateway:
    monkeypatch.setenv("AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI", sockets.url)
    wiring.api.cache_clear()
    return sockets


def registry(site: Site) -> ConnectionStore:
    return ConnectionStore(site.dynamodb, TABLE_NAME)


def slot_held(site: Site, connection_id: str, slot: int, *, user: str = USER, minutes_ago: int = 0) -> None:
    opened = connection(connection_id, at=NOW - timedelta(minutes=minutes_ago), user_id=user)
    assert registry(site).claim(opened, slot, now=NOW)


def ids_of(site: Site, user: str = USER) -> list[str]:
    return [one["connection_id"] for one in site.call("GET", PATH, user=user).body["connections"]]


def test_a_user_sees_the_own_sockets_the_oldest_first(site: Site) -> None:
    slot_held(site, IDS[0], 0, minutes_ago=1)
    slot_held(site, IDS[1], 1, minutes_ago=5)
    slot_held(site, "theirs", 0, user="other")
    slot_held(site, "over", 2, minutes_ago=180)

    answer = site.call("GET", PATH)

    assert (answer.status, answer.body["user_id"], answer.body["maximum"]) == (200, USER, 3)
    assert [one["connection_id"] for one in answer.body["connections"]] == [IDS[1], IDS[0]]
    oldest = answer.body["connections"][0]
    assert oldest["origin"] == ORIGIN
    assert oldest["connected_at"] < oldest["expires_at"]


@pytest.mark.parametrize("write", [str, quote])
def test_one_socket_is_told_and_closed_and_its_slot_is_free(
    site: Site, gateway: Gateway, write: type[str]
) -> None:
    slot_held(site, IDS[0], 0)
    slot_held(site, IDS[1], 1)

    answer = site.call("DELETE", f"{PATH}/{write(IDS[0])}")

    assert (answer.status, answer.body["closed"]) == (200, [IDS[0]])
    (told,) = [json.loads(data) for connection_id, data in gateway.posts if connection_id == IDS[0]]
    assert (told["status"], told["code"]) == ("closing", 1000)
    assert gateway.closed == [IDS[0]]
    assert ids_of(site) == [IDS[1]]


def test_all_sockets_are_closed_and_only_the_own(site: Site, gateway: Gateway) -> None:
    slot_held(site, IDS[0], 0)
    slot_held(site, IDS[1], 1)
    slot_held(site, "theirs", 0, user="other")

    answer = site.call("DELETE", PATH)

    assert sorted(answer.body["closed"]) == sorted(gateway.closed) == sorted(IDS)
    assert ids_of(site) == []
    assert ids_of(site, "other") == ["theirs"]
    assert site.call("DELETE", PATH).body["closed"] == []


@pytest.mark.fault(51)
@pytest.mark.parametrize("connection_id", ["theirs", "nobodys", "%3D%3D", "a" * 128])
def test_another_users_socket_looks_like_none(site: Site, gateway: Gateway, connection_id: str) -> None:
    slot_held(site, "theirs", 0, user="other")

    answer = site.call("DELETE", f"{PATH}/{connection_id}")

    assert (answer.status, answer.code) == (404, "not_found")
    assert answer.body["detail"] == "There is no such connection."
    assert gateway.closed == []
    assert ids_of(site, "other") == ["theirs"]


def test_a_socket_that_has_gone_frees_its_slot_all_the_same(site: Site, gateway: Gateway) -> None:
    slot_held(site, IDS[0], 0)
    gateway.gone.add(IDS[0])

    assert site.call("DELETE", f"{PATH}/{quote(IDS[0])}").status == 200
    assert ids_of(site) == []


def test_a_socket_that_could_not_be_closed_keeps_its_slot(site: Site, gateway: Gateway) -> None:
    slot_held(site, IDS[0], 0)
    gateway.broken = True

    answer = site.call("DELETE", PATH)

    assert (answer.status, answer.code) == (503, 1013)
    assert ids_of(site) == [IDS[0]]


@pytest.mark.parametrize(("method", "path"), [("GET", PATH), ("DELETE", PATH), ("DELETE", f"{PATH}/x")])
def test_without_a_token_nobody_is_listed_or_closed(site: Site, method: str, path: str) -> None:
    assert site.call(method, path, user=None).code == 4001
