"""A deployment whose tokens are signed by an identity provider that publishes its keys."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin

from tests.support.document_server import DocumentServer, good, serving
from tests.support.keys import jwk, jwks, pair_for, pem, token_by
from tests.support.lab import deployed, model_server
from tests.support.listener import CLAIM, Site, listening

ISSUER = "https://login.example"
KEY_ID = "2026-11"
USER = "ada"


@dataclass(frozen=True, slots=True)
class Published:
    """A deployment, and the server of its identity provider's keys."""

    site: Site
    server: DocumentServer


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Published]:
    keys = jwks(jwk(pair_for("RS256"), kid=KEY_ID, use="sig", alg="RS256"))
    with serving(good(keys)) as server, model_server() as model_url:
        settings = {
            "token_algorithm": "RS256",
            "token_jwks_url": server.url,
            "token_issuer": ISSUER,
        }
        said = [word for name, value in settings.items() for word in ("--set", f"{name}={value}")]
        with deployed(tmp_path_factory.mktemp("keys"), model_url, *said) as site:
            yield Published(site, server)


def claims(**changes: object) -> str:
    now = int(time.time())
    return json.dumps({"sub": USER, "iat": now, "exp": now + 600, "iss": ISSUER, "jti": CLAIM} | changes)


def token() -> str:
    return token_by("RS256", pair_for("RS256"), claims(), header={"kid": KEY_ID})


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
    published: Published, http: httpx.AsyncClient
) -> None:
    site = published.site
    async with listening(site, USER, url=url_with(site, token())) as listener:
        accepted = await post(site, http, token())
        assert accepted.status_code == httpx.codes.ACCEPTED, accepted.text
        heard = await listener.hear(accepted.json()["generation_id"])

    assert heard.text == "signed and sealed"
    assert published.server.requests


FORGERIES = {
    "by another key of this name": lambda: token_by(
        "RS256", pair_for("RS256", "theirs"), claims(), header={"kid": KEY_ID}
    ),
    "by a key that is not published": lambda: token_by(
        "RS256", pair_for("RS256", "theirs"), claims(), header={"kid": "theirs"}
    ),
    "with the public key as a secret": lambda: token_by(
        "HS256", pem(pair_for("RS256")).encode(), claims(), header={"kid": KEY_ID}
    ),
    "with the public key as a secret, and another name": lambda: token_by(
        "HS256", pem(pair_for("RS256")).encode(), claims(), says="RS256", header={"kid": KEY_ID}
    ),
    "by nobody": lambda: token().rpartition(".")[0] + ".AA",
    "for another service": lambda: token_by(
        "RS256", pair_for("RS256"), claims(iss="https://other.example"), header={"kid": KEY_ID}
    ),
    "for another user": lambda: token_by(
        "RS256", pair_for("RS256"), claims(sub="eve"), header={"kid": KEY_ID}
    ),
}


@pytest.mark.parametrize("forged", FORGERIES.values(), ids=FORGERIES)
@pytest.mark.fault(2, 3)
async def test_a_forged_token_opens_nothing(
    forged: object, published: Published, http: httpx.AsyncClient
) -> None:
    assert callable(forged)
    asked = len(published.server.requests)
    with pytest.raises(InvalidStatus):
        async with connect(url_with(published.site, forged()), origin=Origin(published.site.origin)):
            pass
    refused = await post(published.site, http, forged())

    assert refused.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}
    assert refused.json()["code"] in {4001, 4003}
    assert len(published.server.requests) <= asked + 2  # at most once a minute and environment
