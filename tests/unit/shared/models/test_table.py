"""What the models table says of models, and which tables are none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from functions.shared.budgets.prices import LIST_PRICES, Price
from functions.shared.models.row import ModelRow
from functions.shared.models.table import FILE, LARGEST_OUTPUT, MOST, Models, ModelTable, UnknownModel
from functions.shared.setting_rules import NotAllowedError

ROWS: dict[str, Any] = {
    "large": {"price": "3/0.3/15", "output_tokens": 2000, "fallback": "small", "model_id": "gpt-5"},
    "small": {"price": "1/0.1/40", "output_tokens": 100, "fallback": "local"},
    "local": {"price": "0/0/0"},
    "listed": {"model_id": "gpt-5-nano"},
    "unpriced": {},
    "leads to unpriced".replace(" ", "-"): {"price": "1/1/1", "fallback": "unpriced"},
}


def table(rows: object = ROWS, **changes: Any) -> ModelTable:
    return ModelTable(rows=Models().parse(rows), **changes)


def test_a_table_has_a_row_for_each_name() -> None:
    assert table().names == tuple(ROWS)
    assert table().row("large").id == "gpt-5"


def test_a_model_that_was_taken_out_is_unknown() -> None:
    with pytest.raises(UnknownModel):
        table().row("gpt-4")


def test_without_rows_any_name_is_a_model_of_the_one_server() -> None:
    assert table({}).row("whatever") == ModelRow(name="whatever")
    assert table({}).names == ()


def test_a_chain_holds_all_that_may_answer_in_their_order() -> None:
    assert [row.name for row in table().chain("large")] == ["large", "small", "local"]
    assert [row.name for row in table().chain("local")] == ["local"]


def test_a_row_s_own_price_comes_before_the_deployment_s_and_that_before_the_list_s() -> None:
    own = Price(1, 1, 1)

    assert table().price_of("large") == Price(3_000_000, 300_000, 15_000_000)
    assert table(prices=(("large", own),)).price_of("large") == Price(3_000_000, 300_000, 15_000_000)
    assert table(prices=(("listed", own),)).price_of("listed") == own
    assert table(prices=(("gpt-5-nano", own),)).price_of("listed") == own
    assert table().price_of("listed") == LIST_PRICES["gpt-5-nano"]
    assert table().price_of("unpriced") is None


def test_a_model_that_was_taken_out_has_its_price_still_if_a_list_has_it() -> None:
    assert table().price_of("gpt-5") == LIST_PRICES["gpt-5"]


def test_an_answer_may_be_as_long_as_the_longest_of_those_that_may_give_it() -> None:
    assert table(output_tokens=500).largest_output("large") == 2000
    assert table(output_tokens=5000).largest_output("large") == 5000
    assert table().largest_output("large") == LARGEST_OUTPUT
    assert table(output_tokens=500).output_of("small") == 100
    assert table().output_of("local") == 0


def test_an_answer_may_cost_as_much_as_the_dearest_of_those_that_may_give_it() -> None:
    # 1000 * 3 + 2000 * 15 is more than 1000 * 1 + 100 * 40, and the other way round with a long prompt.
    assert table(output_tokens=500).highest_cost("large", input_tokens=1000) == 33_000
    assert table(output_tokens=500).highest_cost("small", input_tokens=1000) == 5_000


def test_what_an_answer_costs_is_not_known_if_any_price_is_not() -> None:
    assert table().highest_cost("leads-to-unpriced", input_tokens=1) is None


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ({"a": {"fallback": "b"}}, "a.fallback is 'b', but there is no such model"),
        ({"a": {"fallback": "a"}}, "a.fallback is 'a', but a → a has no end"),
        (
            {"a": {"fallback": "b"}, "b": {"fallback": "c"}, "c": {"fallback": "a"}},
            "a.fallback is 'b', but a → b → c → a has no end",
        ),
        (
            {"a": {"fallback": "b"}, "b": {"fallback": "c"}, "c": {"fallback": "b"}},
            "b.fallback is 'c', but b → c → b has no end",
        ),
        ({"two words": {}}, "the name 'two words' must be the name of a model"),
        ({"": {}}, "the name '' must be the name of a model"),
        ({"a": {"price": "1"}}, "a.price is '1', but"),
    ],
)
def test_a_table_that_cannot_be_is_refused_with_what_is_wrong(rows: object, told: str) -> None:
    with pytest.raises(NotAllowedError) as refused:
        Models().parse(rows)

    assert told in str(refused.value)


@pytest.mark.parametrize(
    "given", [["gpt-5"], 1, None, "gpt-5", '{"a": {}, "a": {}}', {f"m{n}": {} for n in range(MOST + 1)}]
)
def test_what_is_no_object_of_rows_is_no_table(given: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - what is allowed stands in the rule.
        Models().parse(given)


def test_a_table_may_come_as_text_from_the_command_line() -> None:
    assert Models().parse(json.dumps(ROWS)) == Models().parse(ROWS)
    assert Models().parse("") == ()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where functions look for their table."""
    monkeypatch.setattr("functions.shared.models.table.FOLDER", tmp_path)
    return tmp_path


def test_a_function_reads_the_table_from_the_file_that_its_environment_names(folder: Path) -> None:
    rows = Models().parse(ROWS)
    (folder / FILE).write_text(json.dumps(Models().in_json(rows)))

    assert Models().read(Models().text_of(rows)) == rows


def test_a_function_without_a_table_reads_no_file(folder: Path) -> None:
    assert Models().text_of(()) == ""
    assert Models().read("") == ()


@pytest.mark.parametrize("text", ["other.json", "../models.json", FILE])
def test_a_function_reads_no_other_file_and_misses_none(folder: Path, text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - `from_env` names the variable.
        Models().read(text)


@pytest.mark.parametrize("text", ["{", '{"a": {"price": "free"}}', "[]"])
def test_a_table_that_was_changed_by_hand_is_no_table(folder: Path, text: str) -> None:
    (folder / FILE).write_text(text)

    with pytest.raises(ValueError):  # noqa: PT011 - `from_env` names the variable.
        Models().read(FILE)
