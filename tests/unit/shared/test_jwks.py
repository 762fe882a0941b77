"""When an identity provider is asked for its keys, and what counts while it cannot be."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from functions.shared.errors import Unavailable
from functions.shared.tokens.bounded_http import Unreachable
from functions.shared.tokens.jwks import FRESH_FOR, KEPT_FOR, PAUSE, PAUSE_WITHOUT_KEYS, JwksCache
from tests.support.builders import NOON
from tests.support.keys import jwk, jwks, pair_for

OLD, NEW = pair_for("ES256", "old"), pair_for("ES256", "new")
SECOND = timedelta(seconds=1)


@dataclass
class Endpoint:
    """Publishes what it is told to; None means that it is down."""

    document: bytes | None
    asked: int = 0
    pause: float = 0

    def fetch(self) -> bytes:
        self.asked += 1
        time.sleep(self.pause)
        if self.document is None:
            raise Unreachable
        return self.document


@dataclass
class Published:
    """Keys of ours, and the endpoint that they come from."""

    endpoint: Endpoint = field(default_factory=lambda: Endpoint(jwks(jwk(OLD, kid="old"))))
    failures: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.keys = JwksCache(
            algorithm="ES256", fetch=self.endpoint.fetch, failed=lambda: self.failures.append("failed")
        )

    def names(self, *key_ids: str | None, at: timedelta = timedelta()) -> list[bool]:
        return [bool(self.keys.candidates(key_id, now=NOON + at)) for key_id in key_ids]


@pytest.mark.parametrize("document", [None, b"no JSON", b'{"keys": []}'])
def test_each_question_that_brings_no_usable_set_is_told_though_the_old_set_stays_in_use(
    document: bytes | None,
) -> None:
    published = Published()
    assert published.names("old") == [True]
    assert published.failures == []

    published.endpoint.document = document

    assert published.names("old", at=timedelta(minutes=6)) == [True]
    assert published.names("old", at=timedelta(minutes=8)) == [True]
    assert published.failures == ["failed", "failed"]


def test_keys_are_asked_for_once_and_found_by_their_name() -> None:
    published = Published(Endpoint(jwks(jwk(OLD, kid="old"), jwk(NEW, kid="new"))))

    assert published.endpoint.asked == 0
    for _ in range(3):
        assert published.keys.candidates("old", now=NOON) == [OLD.public_key()]
        assert published.keys.candidates("new", now=NOON) == [NEW.public_key()]
    assert published.endpoint.asked == 1


def test_two_keys_may_have_one_name() -> None:
    published = Published(Endpoint(jwks(jwk(OLD, kid="k"), jwk(NEW, kid="k"))))

    assert published.keys.candidates("k", now=NOON) == [OLD.public_key(), NEW.public_key()]


@pytest.mark.parametrize("kid", [None, "only"])
def test_a_token_without_key_id_means_the_only_key(kid: str | None) -> None:
    published = Published(Endpoint(jwks(jwk(OLD, kid=kid))))

    assert published.keys.candidates(None, now=NOON) == [OLD.public_key()]


def test_a_token_without_key_id_means_none_of_several() -> None:
    published = Published(Endpoint(jwks(jwk(OLD, kid="old"), jwk(NEW))))

    assert published.names(None) == [False]
    assert published.endpoint.asked == 1


def test_a_key_without_name_answers_to_none() -> None:
    published = Published(Endpoint(jwks(jwk(OLD), jwk(NEW, kid="new"))))

    assert published.names("None", "", "null", "new") == [False, False, False, True]


@pytest.mark.fault(19)
def test_a_rotation_is_noticed_by_the_unknown_name_once_a_minute() -> None:
    published = Published()
    assert published.names("old") == [True]
    published.endpoint.document = jwks(jwk(OLD, kid="old"), jwk(NEW, kid="new"))

    assert published.names("new", at=PAUSE - SECOND) == [False]
    assert published.endpoint.asked == 1
    assert published.names("new", "old", at=PAUSE) == [True, True]
    assert published.endpoint.asked == 2


@pytest.mark.fault(4, 19)
def test_invented_names_make_one_question_a_minute() -> None:
    published = Published()

    for tenth in range(3000):
        assert published.names(f"invented {tenth}", at=tenth * SECOND / 10) == [False]

    assert published.endpoint.asked == 5


@pytest.mark.fault(19)
def test_a_withdrawn_key_counts_no_longer_than_a_set_is_fresh() -> None:
    published = Published()
    assert published.names("old") == [True]
    published.endpoint.document = jwks(jwk(NEW, kid="new"))

    assert published.names("old", at=FRESH_FOR - SECOND) == [True]
    assert published.names("old", at=FRESH_FOR) == [False]
    assert published.endpoint.asked == 2


@pytest.mark.parametrize(
    "document",
    [
        None,
        b"",
        b"<html>",
        b'{"keys":[]}',
        jwks(jwk(NEW, kid="old", use="enc")),
        jwks(jwk(pair_for("RS256"))),
    ],
)
@pytest.mark.fault(19)
def test_the_last_good_set_is_kept_and_the_endpoint_left_in_peace(document: bytes | None) -> None:
    published = Published()
    assert published.names("old") == [True]
    published.endpoint.document = document

    for second in range(601):
        assert published.names("old", at=second * SECOND) == [True]
    assert published.endpoint.asked == 1 + 6  # From the fifth minute on, once a minute.

    published.endpoint.document = jwks(jwk(NEW, kid="new"))
    assert published.names("old", "new", at=660 * SECOND) == [False, True]


@pytest.mark.parametrize("document", [None, b"nonsense", b'{"keys":[]}'])
@pytest.mark.fault(19)
def test_a_key_that_nobody_could_withdraw_ends_all_the_same(document: bytes | None) -> None:
    published = Published()
    assert published.names("old") == [True]
    published.endpoint.document = document

    assert published.names("old", at=KEPT_FOR - SECOND) == [True]
    for at in (KEPT_FOR, KEPT_FOR + SECOND, 24 * KEPT_FOR):
        with pytest.raises(Unavailable):
            published.names("old", at=at)

    published.endpoint.document = jwks(jwk(NEW, kid="new"))
    assert published.names("old", "new", at=25 * KEPT_FOR) == [False, True]


@pytest.mark.fault(19)
def test_a_set_that_was_not_asked_for_in_an_hour_is_read_anew() -> None:
    published = Published()
    assert published.names("old") == [True]
    published.endpoint.document = jwks(jwk(NEW, kid="new"))

    assert published.names("old", "new", at=24 * KEPT_FOR) == [False, True]


@pytest.mark.parametrize("document", [None, b"nonsense"])
@pytest.mark.fault(19)
def test_without_any_key_nobody_is_let_in_and_nobody_called_a_forger(document: bytes | None) -> None:
    published = Published(Endpoint(document))

    for at in (timedelta(), PAUSE_WITHOUT_KEYS - SECOND, PAUSE_WITHOUT_KEYS):
        with pytest.raises(Unavailable) as refusal:
            published.names("old", at=at)
        assert refusal.value.reason == "jwks"
    assert published.endpoint.asked == 2

    published.endpoint.document = jwks(jwk(OLD, kid="old"))
    assert published.names("old", at=2 * PAUSE_WITHOUT_KEYS) == [True]


@pytest.mark.parametrize("names", [["old"] * 50, [f"unknown {number}" for number in range(50)]])
@pytest.mark.fault(19)
def test_fifty_at_once_ask_once(names: list[str]) -> None:
    published = Published()
    published.endpoint.pause = 0.05

    with ThreadPoolExecutor(50) as pool:
        found = list(pool.map(lambda name: published.names(name)[0], names))

    assert found == [name == "old" for name in names]
    assert published.endpoint.asked == 1
