"""The search for secrets in logs finds each of them, wherever it is planted, and nothing else."""

from __future__ import annotations

import json
import time

import jwt
import pytest

from functions.shared.connections.tickets import new_secret
from tests.support.canaries import ANSWER, MODEL_KEY, PROMPT, PROVIDER, leaks
from tests.support.listener import CLAIM, Site

SITE = Site(websocket_url="ws://x", http_url="http://x", jwt_secret="s" * 48, origin="http://x")
TICKET = new_secret()
HARMLESS = {
    "log": '{"level":"WARNING","message":"refused","reason":"token_expired","code":4001,"ticket":"none"}',
    "log of the worker": '{"message":"completed","generation_id":"d0e2a97ab930261e613a813d09371db2"}',
    "environment": '{"TOKEN_SECRET_ARN": "arn:aws:secretsmanager:us-east-1:0:secret:TokenSecret-1"}',
    "dead letter": '{"version": 1, "generation_id": "d0e2a97ab930261e613a813d09371db2"}',
    "emulator": "POST /_aws/execute-api/33f5dfa5/api/chat/connection-tickets 201",
    "traceback": "    bearer = self._bearer_of(event, now)\n    token=credentials[0] if ticket is None",
    "challenge": '"WWW-Authenticate": "Bearer"',
}

PLANTED = [
    (json.dumps({"prompt": PROMPT}), "a prompt"),
    (f"said {ANSWER} 17", "an answer"),
    (f"Authorization: {MODEL_KEY}", "the model's key"),
    (f"openai.APIError: {PROVIDER}", "words of the model's provider"),
    (str({"sub": "ada", "jti": CLAIM}), "the claims of a token"),
    (SITE.token("ada"), "a token"),
    (f"GET /prod?user_id=ada&token={SITE.token('ada')}", "a credential in a URL"),
    (f"GET /prod?ticket={TICKET}", "a credential in a URL"),
    (json.dumps({"ticket": TICKET}), "a ticket in an answer"),
    (json.dumps(json.dumps({"ticket": TICKET})), "a ticket in an answer"),
    (str({"authorization": "Bearer abcdefghijklmnop"}), "a header with a credential"),
    (f"the secret is {'s' * 48}.", "jwt_secret"),
]


@pytest.mark.fault(90)
@pytest.mark.parametrize(("planted", "name"), PLANTED, ids=[name for _, name in PLANTED])
def test_a_secret_is_found_wherever_it_stands(planted: str, name: str) -> None:
    for place, harmless in HARMLESS.items():
        traces = HARMLESS | {place: f"{harmless}\n{planted}\n{harmless}"}

        assert (place, name) in leaks(traces, jwt_secret=SITE.jwt_secret)
        assert {where for where, _ in leaks(traces, jwt_secret=SITE.jwt_secret)} == {place}


@pytest.mark.fault(90)
def test_what_is_harmless_is_not_found() -> None:
    assert leaks(HARMLESS, jwt_secret=SITE.jwt_secret) == set()


def test_a_token_of_a_test_holds_the_word_that_is_looked_for() -> None:
    claims = jwt.decode(SITE.token("ada"), SITE.jwt_secret, ["HS256"])

    assert claims["jti"] == CLAIM
    assert claims["exp"] > time.time()
