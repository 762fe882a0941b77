"""Nothing that is secret shows in what Python prints of our objects and errors: logs and tracebacks do."""

from __future__ import annotations

import importlib
import inspect
import re
import traceback
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from functions.connect.handshake import Handshake, read_handshake
from functions.generate.body_reading import check_size, read_body
from functions.generate.requests import GenerateRequest
from functions.generate.responses import Reply
from functions.shared.edge import Edge
from functions.shared.errors import FramestreamError
from functions.shared.secret import Secret, _parse
from functions.shared.strict_json import read_object
from functions.shared.tokens.keys import SharedSecrets
from functions.shared.tokens.public_keys import OnePublicKey, key_from_pem, keys_from_jwks
from functions.shared.tokens.verifier import TokenVerifier
from functions.worker.answer_text import AnswerText
from functions.worker.cursor import Cursor
from functions.worker.delivery import Delivery
from functions.worker.message_sequence import Outgoing
from functions.worker.model import Piece
from functions.worker.openai_model import OpenAIModel
from functions.worker.settings import ModelOptions
from functions.worker.sse import EventDecoder
from local.endpoints import Endpoints
from local.stand_in.model import Model
from tests.support import environment
from tests.support.builders import NOON
from tests.support.events import connect_event, http_event
from tests.support.fake_queue import FakeQueue
from tests.support.keys import pair_for, pem
from tests.support.tokens import HEADER, OPTIONS, claims, signed, token, verifier

ROOT = Path(__file__).parents[2]
CANARY = "canary-6c1f"
TEXTUAL = re.compile(r"\b(str|bytes|dict|object|Any|Text|Name)\b")
HARMLESS = {
    *("connection_id", "user_id", "chat_id", "generation_id", "message_id", "request_hash", "owner"),
    *("prompt_id", "answer_id", "leaf", "running", "waiting", "following", "parent"),
    *("part", "as_of", "budget_claim"),  # Of budgets: keys of days, dates, and a claim's name.
    *("recent", "_host"),
    *("attachment_id", "attachments", "uploads", "attachments_bucket", "bucket"),
    *("action", "update", "condition"),  # Of transactions: expressions, whose values are not shown.
    *("origin", "allowed", "allowed_origins", "subprotocol", "websocket_url"),
    *(
        "table",
        "table_name",
        "token_secret_arn",
        "queue_url",
        "url",
        "endpoint",
        *("region", "host", "_origin", "_stage", "stage", "service", "prefix", "content_type"),
        *("region", "host", "_origin", "_stage"),
        *("namespace", "service", "name", "words", "_gathered"),  # Of metrics: words of closed lists.
        "arn",
        "secret_arn",
        "edge_secret_arn",
        "reminders_url",
    ),
    *("llm_base_url", "llm_key_secret_arn", "model", "allowed_models", "answered_by", "finish_reason"),
    *("algorithm", "issuer", "audience", "user_claims", "key_id", "public_key", "jwks_url", "key"),
    *(
        "message",
        "opening",
        "receipt_handle",
        "_senders",
        "kind",
        "last_minute",
        "under_way",
        "_closed",
        "reason",
        "limit",
        "system_role",
        *("name", "description", "pattern", "rule", "method", "path", "links", "media_type", "takes"),
        *("request_id", "trace_id", "span_id", "parent_id", "resource", "attributes", "error", "call"),
    ),
}
"""Fields with text that may be seen: ids, addresses, and the public half of keys. Add one with care."""


def ours() -> Iterator[type]:
    """Every dataclass of the functions."""
    for path in sorted((ROOT / "functions").rglob("*.py")):
        module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
        for _, kind in inspect.getmembers(module, inspect.isclass):
            if kind.__module__ == module.__name__ and is_dataclass(kind):
                yield kind


@pytest.mark.fault(92)
@pytest.mark.parametrize("kind", list(ours()), ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_every_text_in_a_dataclass_is_hidden_or_known_to_be_harmless(kind: type) -> None:
    shown = {
        field.name
        for field in fields(kind)
        if field.repr and "Callable" not in str(field.type) and TEXTUAL.search(str(field.type))
    }

    assert shown <= HARMLESS


def settings_of(name: str) -> object:
    """A function's settings, with a secret wherever one could be put by mistake."""
    module = importlib.import_module(f"functions.{name}.settings")
    environ = getattr(environment, name.upper()) | {"LLM_SYSTEM_PROMPT": CANARY}
    settings: object = getattr(module, f"{name.capitalize()}Settings").from_env(environ)
    return settings


def answer() -> AnswerText:
    written = AnswerText(attempt=1)
    written.append(f"{CANARY} ")
    assert CANARY in written.text
    written.append(f"{CANARY} \ud83d")
    return written


def decoder() -> EventDecoder:
    reading = EventDecoder()
    assert list(reading.feed(f"data: {CANARY}\ndata: {CANARY}".encode())) == []
    return reading


def secret() -> Secret:
    class Vault:
        def get_secret_value(self, **_: str) -> dict[str, str]:
            return {"SecretString": CANARY}

    read: Any = Secret(client=Vault(), arn="arn")  # type: ignore[arg-type]
    assert read.values(now=NOON) == (CANARY,)
    return read  # type: ignore[no-any-return]


KEPT: dict[str, Callable[[], object]] = {
    "connect's settings": lambda: settings_of("connect"),
    "disconnect's settings": lambda: settings_of("disconnect"),
    "message's settings": lambda: settings_of("message"),
    "generate's settings": lambda: settings_of("generate"),
    "worker's settings": lambda: settings_of("worker"),
    "a secret": secret,
    "shared secrets": lambda: SharedSecrets(algorithm="HS256", values=lambda _now: (CANARY,)),
    "a verifier": lambda: verifier(CANARY * 4),
    "a verifier with a public key": lambda: TokenVerifier(
        options=OPTIONS, keys=OnePublicKey(key_from_pem(pem(pair_for("ES256")), "ES256"))
    ),
    "an edge": lambda: Edge(secrets=lambda _now: (CANARY,)),
    "a handshake with a token": lambda: read_handshake(connect_event(token=CANARY)),
    "a handshake with a ticket": lambda: Handshake(
        connection_id="c", origin="o", user_id="u", token=None, ticket=CANARY
    ),
    "a request": lambda: GenerateRequest(user_id="u", chat_id="c", prompt=CANARY),
    "an answer over HTTP": lambda: Reply(201, {"ticket": CANARY}),
    "an answer": answer,
    "a piece of an answer": lambda: Piece(text=CANARY),
    "a frame": lambda: Outgoing(CANARY.encode(), Cursor()),
    "a stream": decoder,
    "a delivery": lambda: Delivery(
        message_id="m", receipt_handle="r", body=CANARY, receive_count=1, queue=FakeQueue()
    ),
    "a model": lambda: OpenAIModel(client=object(), options=ModelOptions(llm_system_prompt=CANARY)),  # type: ignore[arg-type]
    "a model of the local system": lambda: Model(base_url="u", name=None, key=CANARY),
    "the endpoints of the local system": lambda: Endpoints(
        **dict.fromkeys((field.name for field in fields(Endpoints)), "x") | {"jwt_secret": CANARY}
    ),
}


@pytest.mark.fault(92)
@pytest.mark.parametrize("make", KEPT.values(), ids=KEPT)
def test_what_keeps_a_secret_does_not_print_it(make: Callable[[], object]) -> None:
    made = make()

    for printed in (repr(made), str(made), f"{made}", repr([made]), f"{ ({'it': made}) }"):
        assert CANARY not in printed


BAD_TOKENS = {
    "of no form": CANARY,
    "of another secret": token(secret=CANARY * 4),
    "with claims that are no JSON": signed(HEADER, f'{{"sub":"{CANARY}"'),
    "with a header that is no JSON": signed(f'{{"alg":"{CANARY}', claims()),
    "with claims that are no text": signed(HEADER, b"\xff" + CANARY.encode()),
    "with another algorithm": signed(f'{{"alg":"{CANARY}"}}', claims()),
    "with a key id that is none": signed(f'{{"alg":"HS256","kid":"{CANARY} "}}', claims()),
    "of no user": token(sub=f" {CANARY}"),
    "of two users": token(sub="u", user_id=CANARY),
    "of a time that is none": token(exp=CANARY),
    "that is over": token(exp=1, jti=CANARY),
}


def asked(body: str) -> Callable[[], object]:
    event = http_event("POST", "/", body=body)

    def read() -> None:
        check_size(read_body(event, GenerateRequest, max_prompt_bytes=100), max_prompt_bytes=100)

    return read


FAILING: dict[str, Callable[[], object]] = {
    **{f"a token {what}": partial(verifier().bearer, bad, now=NOON) for what, bad in BAD_TOKENS.items()},
    "a handshake with two credentials": lambda: read_handshake(
        connect_event(query=[("token", CANARY), ("ticket", CANARY), ("user_id", "u")])
    ),
    "a secret that is too short": lambda: verifier(CANARY).bearer(token(), now=NOON),
    "a secret in PEM form": lambda: verifier(f"-----BEGIN {CANARY * 4}").bearer(token(), now=NOON),
    "a secret that is almost JSON": lambda: _parse(f'{{"current": "{CANARY}"'),
    "a secret of another kind": lambda: _parse(f'{{"current": ["{CANARY}"]}}'),
    "a public key that is none": lambda: key_from_pem(f"-----BEGIN PUBLIC KEY-----\n{CANARY}", "ES256"),
    "a set of keys that is none": lambda: keys_from_jwks(f'{{"keys": "{CANARY}"}}'.encode(), "ES256"),
    "JSON that is none": lambda: read_object(f'{{"a": "{CANARY}"'.encode()),
    "JSON with a name twice": lambda: read_object(f'{{"{CANARY}": 1, "{CANARY}": 2}}'.encode()),
    "a prompt in no JSON": asked(f'{{"prompt": "{CANARY}'),
    "a prompt of another type": asked(f'{{"user_id": "u", "chat_id": "c", "prompt": ["{CANARY}"]}}'),
    "a prompt that is too large": asked(f'{{"user_id": "u", "chat_id": "c", "prompt": "{CANARY * 20}"}}'),
    "a prompt that stands twice": asked(f'{{"prompt": "{CANARY}", "prompt": "{CANARY}"}}'),
    "a chat of no form": asked(f'{{"user_id": "u", "chat_id": "{CANARY}\\n", "prompt": "p"}}'),
}


@pytest.mark.fault(92)
@pytest.mark.parametrize("act", FAILING.values(), ids=FAILING)
def test_an_error_and_all_that_led_to_it_do_not_tell_what_was_wrong_with_which_secret(
    act: Callable[[], object],
) -> None:
    with pytest.raises((FramestreamError, ValueError)) as failure:
        act()

    assert CANARY not in "".join(traceback.format_exception(failure.value))
    assert CANARY not in f"{failure.value} {failure.value!r}"
