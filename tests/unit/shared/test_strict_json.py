"""JSON that can be read in one way only."""

from __future__ import annotations

import pytest

from functions.shared.strict_json import check_portable, read_object


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b"{}", {}),
        (b' {"a": 1}\n', {"a": 1}),
        (b'{"a": {"b": [1, 2.5, null, true]}}', {"a": {"b": [1, 2.5, None, True]}}),
        ('{"name": "水獭"}'.encode(), {"name": "水獭"}),
        (rb'{"name": "\u6c34"}', {"name": "水"}),
        (b'{"a": 1, "A": 2, "b": {"a": 3}}', {"a": 1, "A": 2, "b": {"a": 3}}),
    ],
)
def test_an_object_is_read(data: bytes, value: object) -> None:
    assert read_object(data) == value


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" ",
        b"[]",
        b"1",
        b'"text"',
        b"null",
        b"true",
        b"{",
        b"{} {}",
        b"{'a': 1}",
        b'{"a": 1,}',
        b'{"a": 01}',
        b'{"a": "\n"}',
        b"{} // comment",
    ],
)
def test_what_is_no_object_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_object(data)


@pytest.mark.parametrize(
    "data", [b'{"a": 1, "a": 1}', b'{"x": [{"a": 1, "a": 2}]}', rb'{"a": 1, "\u0061": 2}']
)
def test_no_name_stands_twice(data: bytes) -> None:
    with pytest.raises(ValueError, match="a name stands twice"):
        read_object(data)


@pytest.mark.parametrize("constant", [b"NaN", b"Infinity", b"-Infinity"])
def test_numbers_are_numbers(constant: bytes) -> None:
    with pytest.raises(ValueError, match="is not JSON"):
        read_object(b'{"a": ' + constant + b"}")


@pytest.mark.parametrize("number", ["1e309", "-1e309", "1" + "0" * 309, "-1" + "0" * 309])
def test_a_number_that_many_readers_take_for_infinity_is_found(number: str) -> None:
    value = read_object(f'{{"a": [{number}]}}'.encode())

    with pytest.raises(ValueError, match="not JSON compliant"):
        check_portable(value)


def test_the_largest_numbers_are_good() -> None:
    value = read_object(b'{"a": 1e308, "b": 1' + b"0" * 308 + b"}")

    assert value == {"a": 1e308, "b": 10**308}
    check_portable(value)


@pytest.mark.parametrize("value", [{"a": "\ud800"}, {"\udfff": 1}, {"a": [{"b": "x\ud83d"}]}])
def test_half_of_a_surrogate_pair_is_found_wherever_it_stands(value: object) -> None:
    with pytest.raises(ValueError, match="surrogates not allowed"):
        check_portable(value)


def test_whole_characters_are_good() -> None:
    check_portable({"水獭": ["🦦", "\0", None, 1]})


@pytest.mark.parametrize("data", [b'{"a": "\xff"}', b"\xef\xbb\xbf{}", '{"a": 1}'.encode("utf-16")])
def test_text_is_utf_8_without_a_mark(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_object(data)


@pytest.mark.parametrize(
    "data", [b'{"a": ' + b"[" * 100_000, b'{"a":' * 100_000, b'{"a": ' + b"9" * 10_000 + b"}"]
)
def test_what_is_made_to_exhaust_us_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_object(data)
