"""A deployment whose tokens are signed by an identity provider that publishes its keys."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin

from tests.e2e.full import KEY_ID, Full, claims_of
from tests.support.keys import pair_for, pem, token_by
from tests.support.listener import Site, listening

USER = "kim"


def url_with(site: Site, signed: str) -> str:
    return f"{site.websocket_url}?{urlencode({'user_id': USER, 'token': signed})}"


async def post(site: Site, http: httpx.AsyncClient, signed: str) -> httpx.Response:
    prompt = json.dumps({"key": "k", "deltas": ["signed ", "and ", "sealed"]})
    return await http.post(
        f"{site.http_url}/api/chat/generate-response",
        json={"user_id": USER, "chat_id": "chat_1", "prompt": prompt},
        headers={"Authorization": f"Bearer {signed}", "Origin": site.origin},
    )


async def test_a_token_of_the_published_key_opens_a_socket_and_gets_an_answer(
    full: Full, http: httpx.AsyncClient
) -> None:
    site = full.site
    async with listening(site, USER, url=url_with(site, site.token(USER))) as listener:
        accepted = await post(site, http, site.token(USER))
        assert accepted.status_code == httpx.codes.ACCEPTED, accepted.text
        heard = await listener.hear(accepted.json()["generation_id"])

    assert heard.text == "signed and sealed"
    assert full.keys.requests


def unsigned(claims: str) -> str:
    return token_by("RS256", pair_for("RS256"), claims, header={"kid": KEY_ID}).rpartition(".")[0] + ".AA"


FORGERIES = {
    "by another key of this name": lambda: token_by(
        "RS256", pair_for("RS256", "theirs"), claims_of(USER), header={"kid": KEY_ID}
    ),
    "by a key that is not published": lambda: token_by(
        "RS256", pair_for("RS256", "theirs"), claims_of(USER), header={"kid": "theirs"}
    ),
    "with the public key as a secret": lambda: token_by(
        "HS256", pem(pair_for("RS256")).encode(), claims_of(USER), header={"kid": KEY_ID}
    ),
    "with the public key as a secret, and another name": lambda: token_by(
        "HS256", pem(pair_for("RS256")).encode(), claims_of(USER), says="RS256", header={"kid": KEY_ID}
    ),
    "by nobody": lambda: unsigned(claims_of(USER)),
    "for another service": lambda: token_by(
        "RS256", pair_for("RS256"), claims_of(USER, iss="https://other.example"), header={"kid": KEY_ID}
    ),
    "for another user": lambda: token_by(
        "RS256", pair_for("RS256"), claims_of(USER, sub="eve"), header={"kid": KEY_ID}
    ),
}


@pytest.mark.parametrize("forged", FORGERIES.values(), ids=FORGERIES)
@pytest.mark.fault(2, 3)
async def test_a_forged_token_opens_nothing(forged: object, full: Full, http: httpx.AsyncClient) -> None:
    assert callable(forged)
    asked = len(full.keys.requests)
    with pytest.raises(InvalidStatus):
        async with connect(url_with(full.site, forged()), origin=Origin(full.site.origin)):
            pass
    refused = await post(full.site, http, forged())

    assert refused.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}
    assert refused.json()["code"] in {4001, 4003}
    assert len(full.keys.requests) <= asked + 2  # at most once a minute and environment
