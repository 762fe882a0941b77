"""How settings are read, and how failures name the variable but no value."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from functions.shared import environment
from functions.shared.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable

READERS = [
    environment.text,
    environment.texts,
    environment.whole_number,
    environment.seconds,
    environment.truth,
]


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("environ", [{}, {"NAME": ""}, {"NAME": "  "}])
def test_what_must_be_there_is_asked_for_by_name(read: Callable[..., Any], environ: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match=r"^NAME is not set$"):
        read(environ, "NAME")


@pytest.mark.parametrize("value", ["canary", "-1", "+1", "1.0", "1e3", "0x10", "0", "٣", "1 2"])
@pytest.mark.parametrize("read", [environment.whole_number, environment.seconds])
def test_a_number_is_decimal_and_at_least_one(read: Callable[..., Any], value: str) -> None:
    with pytest.raises(SettingsError, match=r"^NAME must be a whole number of at least 1$"):
        read({"NAME": value}, "NAME")


@pytest.mark.parametrize("value", ["True", "1", "yes", "canary"])
def test_a_truth_is_true_or_false(value: str) -> None:
    with pytest.raises(SettingsError, match=r"^NAME must be true or false$"):
        environment.truth({"NAME": value}, "NAME")


def test_values_are_read_without_outer_spaces() -> None:
    environ = {"TEXT": " a b ", "LIST": " a, b,,c ", "NUMBER": " 7 ", "TRUTH": "false", "EMPTY": ""}

    assert environment.text(environ, "TEXT") == "a b"
    assert environment.texts(environ, "LIST") == ("a", "b", "c")
    assert environment.whole_number(environ, "NUMBER") == 7
    assert environment.seconds(environ, "NUMBER") == timedelta(seconds=7)
    assert environment.truth(environ, "TRUTH") is False
    assert environment.optional_text(environ, "EMPTY") == ""
    assert environment.optional_texts(environ, "MISSING") == ()
    assert environment.whole_number({"NUMBER": "0"}, "NUMBER", minimum=0) == 0
