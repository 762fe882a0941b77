"""A deployment in which everything is on that the first one leaves off, for all tests of such things.

It takes attachments, has a table of models, gives each user a small budget, and verifies tokens with the
published keys of an identity provider.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from functions.shared.budgets.estimate import AROUND
from functions.shared.budgets.money import dollars_of
from functions.shared.budgets.prices import LIST_PRICES
from functions.shared.token_estimate import estimated_message
from tests.support.document_server import DocumentServer, good, serving
from tests.support.keys import jwk, jwks, pair_for, token_by
from tests.support.lab import await_first_socket, deployed, model_server
from tests.support.listener import CLAIM, Site

ISSUER = "https://login.example"
KEY_ID = "2026-11"
MONEY_FOR = 10
"""So many answers to `PROMPT` may be under way for a user."""
PROMPT = json.dumps({"key": "budget", "deltas": ["otter "] * 600, "rate": 1.2})
LARGEST = 100
HOLD = LIST_PRICES["gpt-5-mini"].at_most(
    input_tokens=estimated_message(PROMPT) + AROUND, output_tokens=LARGEST
)
MODELS = {
    "gpt-5-mini": {"accepts": ["image"]},
    "down": {
        "base_url": "http://127.0.0.1:9/v1",
        "key_secret": "e2e/down",
        "price": "0/0/0",
        "fallback": "gpt-5-mini",
    },
}
SETTINGS = {
    "attachments": "true",
    "models": json.dumps(MODELS),
    "llm_max_output_tokens": LARGEST,
    "user_budget": f"month_usd={dollars_of(MONEY_FOR * HOLD)}",
    "prompts_per_minute": 300,
    "prompts_at_once": 100,
    "token_algorithm": "RS256",
    "token_issuer": ISSUER,
}


class ProvidersSite(Site):
    """A deployment whose users have their tokens from an identity provider."""

    __slots__ = ()

    def token(self, user_id: str, **claims: Any) -> str:
        """Issue a token as the provider would."""
        return token_by("RS256", pair_for("RS256"), claims_of(user_id, **claims), header={"kid": KEY_ID})


def claims_of(user_id: str, **changes: object) -> str:
    """What the provider says of a user."""
    now = int(time.time())
    return json.dumps({"sub": user_id, "iat": now, "exp": now + 3600, "iss": ISSUER, "jti": CLAIM} | changes)


@dataclass(frozen=True, slots=True)
class Full:
    """The deployment, and the server of the provider's keys."""

    site: ProvidersSite
    keys: DocumentServer


@contextmanager
def full_deployment(state: Path) -> Iterator[Full]:
    """Bring it up."""
    keys = jwks(jwk(pair_for("RS256"), kid=KEY_ID, use="sig", alg="RS256"))
    with serving(good(keys)) as server, model_server() as model_url:
        settings = SETTINGS | {"token_jwks_url": server.url}
        said = [word for name, value in settings.items() for word in ("--set", f"{name}={value}")]
        with deployed(state, model_url, *said) as deployment:
            site = ProvidersSite(**asdict(deployment))
            await_first_socket(site)
            yield Full(site, server)
