"""Whom a token names, and for whom it was made."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from functions.shared.tokens.verifier import Bearer
from tests.support.builders import NOON, USER
from tests.support.tokens import OPTIONS, claims, reason_against, signed, token, verifier

NOW = int(NOON.timestamp())


def test_a_valid_token_names_its_user_and_its_end() -> None:
    assert verifier().bearer(token(), now=NOON) == Bearer(USER, NOW + 3600)


@pytest.mark.parametrize(
    "names", [{"sub": "alice"}, {"user_id": "alice"}, {"sub": "alice", "user_id": "alice"}]
)
def test_the_user_is_named_by_either_claim(names: dict[str, Any]) -> None:
    text = token(without=[] if "sub" in names else ["sub"], **names)

    assert verifier().bearer(text, now=NOON).user_id == "alice"


def test_only_the_configured_claims_name_the_user() -> None:
    tokens = verifier(options=replace(OPTIONS, token_user_claims=("email",)))

    assert tokens.bearer(token(email="alice@example.com"), now=NOON).user_id == "alice@example.com"


@pytest.mark.parametrize(
    "user",
    [
        1,
        True,
        None,
        [],
        ["u1"],
        {"id": "u1"},
        "",
        " u1",
        "u1 ",
        "\u3000u1",
        "u1\0",
        "u1\n",
        "u\u200b1",
        "u\u202e1",
        "u\ud800",
        "u" * 129,
        "Ame\u0301lie",
    ],
)
@pytest.mark.fault(14)
def test_what_is_no_plain_name_names_nobody(user: object) -> None:
    assert reason_against(token(sub=user)) == "token_user_form"


@pytest.mark.parametrize(
    "user", ["1", "u1#x", "\u0430dmin", "Am\u00e9lie", "ADMIN", "u" * 128, "a b", "水獭"]
)
@pytest.mark.fault(14)
def test_names_are_taken_as_they_are(user: str) -> None:
    assert verifier().bearer(token(sub=user), now=NOON).user_id == user


@pytest.mark.parametrize("other", ["admin", "USER_123", 1, None])
@pytest.mark.fault(14)
def test_claims_that_name_two_users_name_none(other: object) -> None:
    assert reason_against(token(user_id=other)) == "token_user_missing_or_contradictory"


@pytest.mark.parametrize(
    "issuer",
    [
        "https://issuer.example",
        "https://issuer.example/tenant/",
        "https://issuer.example/tenant2",
        "HTTPS://issuer.example/tenant",
        ["https://issuer.example/tenant"],
        "",
        None,
    ],
)
@pytest.mark.fault(11)
def test_the_issuer_is_compared_whole(issuer: object) -> None:
    tokens = verifier(options=replace(OPTIONS, token_issuer="https://issuer.example/tenant"))

    tokens.bearer(token(iss="https://issuer.example/tenant"), now=NOON)
    assert reason_against(token(iss=issuer), tokens) == "token_issuer"


@pytest.mark.parametrize("audience", ["framestream-2", "frame", "FRAMESTREAM", [], ["other"], {}, None, 1])
@pytest.mark.fault(12)
def test_the_audience_is_compared_whole(audience: object) -> None:
    tokens = verifier(options=replace(OPTIONS, token_audience="framestream"))

    assert reason_against(token(aud=audience), tokens) == "token_audience"
    assert reason_against(token(), tokens) == "token_audience"


@pytest.mark.parametrize("audience", ["framestream", ["other", "framestream"]])
@pytest.mark.fault(12)
def test_one_audience_of_several_may_be_ours(audience: object) -> None:
    tokens = verifier(options=replace(OPTIONS, token_audience="framestream"))

    assert tokens.bearer(token(aud=audience), now=NOON).user_id == USER


def test_issuer_and_audience_count_only_when_configured() -> None:
    assert verifier().bearer(token(iss="anyone", aud="anything"), now=NOON).user_id == USER


@pytest.mark.parametrize("kind", ["at+jwt", "id+jwt", "dpop+jwt", "JOSE", "", None, 1, ["JWT"]])
@pytest.mark.fault(13)
def test_another_type_of_token_is_refused(kind: object) -> None:
    assert reason_against(token(header={"typ": kind})) == "token_type"


@pytest.mark.parametrize("name", ["token_type", "token_use", "typ"])
@pytest.mark.parametrize(
    "kind",
    [
        "refresh",
        "id",
        "sliding",
        "Refresh",
        "ID",
        "REFRESH",
        "refresh_token",
        "id_token",
        "Offline",
        "Logout",
    ],
)
@pytest.mark.fault(13)
def test_another_kind_of_token_is_refused(name: str, kind: Any) -> None:
    assert reason_against(token(**{name: kind})) == "token_kind"


@pytest.mark.parametrize("kind", [["refresh"], {"kind": "id"}])
@pytest.mark.fault(13)
def test_a_kind_that_is_no_text_is_refused(kind: object) -> None:
    assert reason_against(token(token_type=kind)) == "token_kind"


@pytest.mark.parametrize("header", ['{"alg":"HS256"}', '{"alg":"HS256","typ":"jwt"}'])
def test_the_type_may_be_missing_or_in_any_case(header: str) -> None:
    assert verifier().bearer(signed(header, claims(token_type="access")), now=NOON).user_id == USER


@pytest.mark.parametrize("budget", [None, {"day_tokens": 5}, "anything"])
def test_the_claim_of_a_budget_is_handed_on_as_it_is(budget: object) -> None:
    tokens = replace(verifier(), budget_claim="https://example.com/budget")

    named: dict[str, Any] = {"https://example.com/budget": budget}
    bearer = tokens.bearer(token(**named), now=NOON)

    assert (bearer.has_budget, bearer.budget) == (True, budget)


def test_without_the_claim_or_its_setting_a_token_brings_no_budget() -> None:
    others: dict[str, Any] = {"": {"day_tokens": 5}, "budget": 5}
    for bearer in (
        replace(verifier(), budget_claim="budget").bearer(token(), now=NOON),
        verifier().bearer(token(**others), now=NOON),
    ):
        assert (bearer.has_budget, bearer.budget) == (False, None)
