"""What one call of the model costs, in whole micro-dollars."""

from __future__ import annotations

import pytest

from functions.shared.budgets.money import dollars_of, micros_of
from functions.shared.budgets.prices import LIST_PRICES, Price, Prices, price_of
from functions.shared.generations.model import Usage

MINI = LIST_PRICES["gpt-5-mini"]
DEAREST = Price(input=1_000_000, cached=100_000, output=2_000_000)


def test_a_call_costs_its_input_and_its_output() -> None:
    assert MINI.of(Usage(1000, 500, 1500)) == 250 + 1000


def test_cached_tokens_are_part_of_the_prompt_and_cheaper() -> None:
    assert DEAREST.of(Usage(1000, 0, 1000, cached_tokens=400)) == 600 + 40


def test_more_cached_tokens_than_the_prompt_has_make_nothing_cheaper_than_free() -> None:
    assert DEAREST.of(Usage(10, 0, 10, cached_tokens=4000)) == 1


def test_reasoning_that_stands_in_the_total_alone_is_output() -> None:
    assert DEAREST.of(Usage(10, 5, 115, reasoning_tokens=100)) == 10 + 2 * 105


def test_reasoning_within_the_answers_tokens_is_not_counted_twice() -> None:
    assert DEAREST.of(Usage(10, 105, 115, reasoning_tokens=100)) == 10 + 2 * 105


def test_a_part_of_a_micro_dollar_is_a_whole_one() -> None:
    assert MINI.of(Usage(1, 0, 1)) == 1


def test_the_most_that_a_call_can_cost_has_nothing_cached() -> None:
    assert MINI.at_most(input_tokens=1000, output_tokens=500) == MINI.of(Usage(1000, 500, 1500))


def test_a_deployments_own_price_counts_before_the_lists() -> None:
    own = Prices().parse({"gpt-5-mini": "1/0.1/2"})

    assert price_of("gpt-5-mini", own) == DEAREST
    assert price_of("gpt-5-mini", ()) == MINI
    assert price_of("unheard-of", own) is None


def test_every_list_price_has_its_date() -> None:
    assert all(len(price.as_of) == len("2026-06-20") for price in LIST_PRICES.values())


@pytest.mark.parametrize(
    "given", ["a=1/0.1/2,b:free=0/0/0.000001", {"a": "1/0.1/2", "b:free": "0/0/0.000001"}]
)
def test_prices_are_read_and_written_alike(given: object) -> None:
    rule = Prices()
    prices = rule.parse(given)

    assert rule.parse(rule.text_of(prices)) == prices == rule.parse(rule.in_json(prices))


@pytest.mark.parametrize(
    "given",
    ["a", "a=1/2", "a=1/2/3/4", "a=1/2/-3", "a=1/2/x", "a=1/2/0.0000001", "=1/2/3", "a=1/1/1,a=1/1/1", ["a"]],
)
def test_a_price_that_is_none_is_refused(given: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the rule's own words are `allowed`.
        Prices().parse(given)


@pytest.mark.parametrize(
    ("dollars", "micros"),
    [(5, 5_000_000), (0.1, 100_000), ("0.000001", 1), (0, 0), (1e-6, 1), (0.3, 300_000)],
)
def test_dollars_are_whole_micro_dollars(dollars: object, micros: int) -> None:
    assert micros_of(dollars) == micros
    assert micros_of(dollars_of(micros)) == micros


@pytest.mark.parametrize(
    "dollars", [True, None, -1, "1e3", float("nan"), float("inf"), "0.0000001", 1e-7, 1e12, "1,5", ""]
)
def test_what_is_not_dollars_is_refused(dollars: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the reader's caller names the setting.
        micros_of(dollars)
