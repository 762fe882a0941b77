"""A token has one spelling, and nothing else is read as one."""

from __future__ import annotations

import json

import pytest

from functions.shared.errors import Unauthenticated
from functions.shared.tokens.compact_form import LONGEST_TOKEN
from tests.support.builders import NOON, USER
from tests.support.tokens import (
    HEADER,
    base64url,
    claims,
    reason_against,
    signed,
    signed_parts,
    token,
    verifier,
)

NOW = int(NOON.timestamp())


def test_every_refusal_reads_the_same() -> None:
    sentences = set()
    for text in ("", token(secret="x" * 32), token(exp=0), token(sub=1)):
        with pytest.raises(Unauthenticated) as refusal:
            verifier().bearer(text, now=NOON)
        sentences.add(str(refusal.value))

    assert len(sentences) == 1


@pytest.mark.parametrize(
    ("header", "body"),
    [
        (HEADER, f'{{"sub":"u1","exp":{NOW + 60},"sub":"admin"}}'),
        (HEADER, f'{{"sub":"u1","exp":{NOW - 60},"exp":{NOW + 60}}}'),
        (HEADER, f'{{"sub":"u1","exp":{NOW + 60},"x":{{"y":1,"y":2}}}}'),
        ('{"alg":"none","alg":"HS256"}', claims()),
    ],
)
@pytest.mark.fault(15)
def test_nothing_is_said_twice(header: str, body: str) -> None:
    assert reason_against(signed(header, body)) == "token_json"


@pytest.mark.fault(16)
def test_a_token_of_4_kb_is_read_and_a_longer_one_is_not() -> None:
    lengths = [len(token(padding="x" * size)) for size in range(2700, 3000)]
    fits, longer = (token(padding="x" * (2700 + lengths.index(LONGEST_TOKEN) + more)) for more in (0, 1))

    assert len(fits) == LONGEST_TOKEN < len(longer)
    assert verifier().bearer(fits, now=NOON).user_id == USER
    assert reason_against(longer) == "token_form"


@pytest.mark.parametrize(
    "text",
    [
        "x" * 1_000_000,
        f"{'a' * 500_000}.{'b' * 500_000}.c",
        signed(HEADER, "[" * 100_000),
        signed(HEADER, f'{{"sub":"u1","exp":{"9" * 6000}}}'),
    ],
)
@pytest.mark.fault(16)
def test_what_is_too_long_is_not_parsed(text: str) -> None:
    assert reason_against(text) == "token_form"


@pytest.mark.fault(16)
def test_deep_nesting_within_the_length_is_refused() -> None:
    assert reason_against(signed(HEADER, '{"x":' + "[" * 2900)) == "token_json"


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "..",
        "...",
        "a.b",
        "a.b.c.d",
        token() + "=",
        token().replace(".", "=.", 1),
        token() + "\n",
        " " + token(),
        token() + " ",
        token().replace(".", ". ", 1),
        token() + ".e30",
        token() + ".e30.e30",
        "." + token(),
        token() + "é",
        json.dumps({"payload": token().split(".")[1], "signatures": []}),
        "Bearer " + token(),
        token()[:-1],
        token() + "A",
    ],
)
@pytest.mark.fault(17)
def test_a_token_has_one_form(text: str) -> None:
    assert reason_against(text) in {"token_form", "token_signature"}


@pytest.mark.parametrize("text", ["a.e30.e30", "e30.a.e30", "e30.e30.a", "abcde.e30.e30", "e30.e30.abcde"])
@pytest.mark.fault(17)
def test_no_bytes_are_written_with_one_character_over(text: str) -> None:
    assert reason_against(text) == "token_form"


@pytest.mark.fault(17)
def test_the_standard_alphabet_of_base64_is_not_ours() -> None:
    text = next(text for n in range(200) if "-" in (text := token(jti=str(n))))

    assert reason_against(text.replace("-", "+")) == "token_form"


@pytest.mark.fault(17)
def test_every_token_has_one_spelling() -> None:
    """43 characters hold 258 bits, a SHA-256 has 256: the last two bits could be anything."""
    text = token()
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

    accepted = []
    for letter in alphabet:
        try:
            verifier().bearer(text[:-1] + letter, now=NOON)
        except Unauthenticated:
            continue
        accepted.append(letter)

    assert accepted == [text[-1]]


@pytest.mark.fault(17)
def test_even_who_can_sign_has_one_spelling() -> None:
    """Two characters for one byte leave four bits that could be anything."""
    body = base64url(claims() + " " * ((1 - len(claims())) % 3))
    other = body[:-1] + chr(ord(body[-1]) + 1)

    assert verifier().bearer(signed_parts(base64url(HEADER), body), now=NOON).user_id == USER
    assert reason_against(signed_parts(base64url(HEADER), other)) == "token_form"


@pytest.mark.parametrize(
    "data",
    [b"\xff\xfe", b'{"sub":"\xff"}', b"\xef\xbb\xbf{}", b"", b"[]", b'"text"', b"null", b"{} {}", b"{"],
)
@pytest.mark.fault(17)
def test_both_halves_are_json_objects_in_utf_8(data: bytes) -> None:
    assert reason_against(signed(HEADER, data or b" ")) == "token_json"
    assert reason_against(signed(data or b" ", claims())) == "token_json"
