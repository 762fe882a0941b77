"""Which turns a prompt is sent with: all that fit, the same ones until they do not, and then much fewer."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from functions.shared.chats.model import Summary
from functions.shared.generations.model import ContextSeen, Usage
from functions.worker.context import Context, History, PastTurn
from functions.worker.context_fitting import SHARE_KEPT, ContextFitting
from tests.unit.worker.builders import worker_options
from tests.unit.worker.conversations import GrowingChat, grown, history, summary_to, turn

SMALL = worker_options(context_tokens=1600, recent_turns=2)
"""There is room for 1,400 tokens: 200 are left for the answer."""


def fitting(**options: Any) -> ContextFitting:
    return ContextFitting(replace(SMALL, **options))


def fitted(given: History, prompt: str = "?", *, newer: Summary | None = None, **options: Any) -> Context:
    fits = fitting(**options)
    context = fits.whole(given, prompt, number=999)
    return context if fits.fits(context) else fits.trimmed(context, newer)


def numbers(context: Context) -> list[int]:
    return [each.number for each in context.history.all_turns]


@pytest.mark.parametrize(
    ("context_tokens", "max_output", "room"),
    [(16_000, 0, 14_000), (16_000, 1000, 15_000), (16_000, 100_000, 8000), (1, 0, 1)],
)
def test_what_the_answer_may_take_is_left_for_it(context_tokens: int, max_output: int, room: int) -> None:
    assert fitting(context_tokens=context_tokens, llm_max_output_tokens=max_output).room == room


def test_a_first_prompt_is_sent_with_nothing() -> None:
    context = fitted(History())

    assert (context.conversation.turns, context.seen) == ((), ContextSeen())


def test_what_fits_is_sent_whole() -> None:
    context = fitted(history(turn(1), turn(3), turn(5)))

    assert [each.question[:2] for each in context.conversation.turns] == ["q1", "q3", "q5"]
    assert context.seen == ContextSeen(turns=3)


def test_what_does_not_fit_is_trimmed_in_one_step_and_the_first_and_the_latest_turns_stay() -> None:
    turns = [turn(number, size=300) for number in range(1, 21, 2)]

    context = fitted(history(*turns))

    assert numbers(context)[0] == 1
    assert numbers(context)[1:] == list(range(numbers(context)[1], 21, 2))
    assert context.tokens <= SHARE_KEPT * fitting().room + 208
    assert context.seen == ContextSeen(
        turns=len(numbers(context)),
        dropped=10 - len(numbers(context)),
        from_number=numbers(context)[1],
        first_number=2,
    )


@pytest.mark.parametrize("recent", [1, 2, 5])
def test_the_latest_turns_stay_however_long_they_are(recent: int) -> None:
    turns = [turn(number, size=3000) for number in range(1, 21, 2)]

    context = fitted(history(*turns), recent_turns=recent)

    assert numbers(context) == [1, *range(21 - 2 * recent, 21, 2)]


def test_a_prompt_that_alone_does_not_fit_is_sent_all_the_same() -> None:
    context = fitted(History(), "x" * 100_000)

    assert len(context.conversation.prompt) == 100_000


def test_a_summary_takes_the_place_of_the_turns_that_it_covers() -> None:
    turns = [turn(number, size=300) for number in range(1, 21, 2)]
    summary = summary_to(14, turns=6, text="The user asks about otters.")

    context = fitted(history(*turns), newer=summary)

    assert numbers(context) == [1, 15, 17, 19]
    assert context.conversation.summary == summary.text
    assert context.seen == ContextSeen(
        turns=4, summarised=6, from_number=15, first_number=2, summary_number=14
    )


def test_turns_between_a_summary_and_what_fits_are_dropped() -> None:
    turns = [turn(number, size=600) for number in range(1, 21, 2)]

    context = fitted(history(*turns), newer=summary_to(6, turns=2, text="Otters."))

    assert numbers(context) == [1, 17, 19]
    assert context.seen is not None
    assert (context.seen.summarised, context.seen.dropped) == (2, 5)


def test_a_summary_that_reaches_into_the_latest_turns_is_not_used() -> None:
    turns = [turn(number, size=600) for number in range(1, 21, 2)]

    context = fitted(history(*turns), newer=summary_to(18, turns=8, text="Otters."))

    assert numbers(context) == [1, 17, 19]
    assert context.conversation.summary == ""


def test_a_later_trim_keeps_the_summary_that_there_is_and_goes_on_counting() -> None:
    turns = [turn(1), *(turn(number, size=600) for number in range(21, 41, 2))]
    summary = summary_to(20, turns=7, text="Otters.")
    seen = {"turns": 5, "summarised": 7, "dropped": 2, "from_number": 21, "first_number": 2}

    context = fitted(history(*turns, summary=summary, summary_number=20, **seen))

    assert context.conversation.summary == "Otters."
    assert context.seen is not None
    assert context.seen.turns + context.seen.dropped == 11 + 2
    assert (context.seen.summarised, context.seen.summary_number) == (7, 20)


SCRIPTS = [
    "The otter holds hands. ",
    "Выдра держится за лапы. ",
    "カワウソは手をつなぐ。",
    "수달은 손을 잡는다. ",
    "🦦🦦",
]


@pytest.mark.parametrize("text", SCRIPTS)
def test_without_counts_no_script_is_taken_for_much_less_than_it_is(text: str) -> None:
    given = history(turn(1, question=text * 10, answer=text * 10))

    tokens = fitting().whole(given, "?", number=3).tokens

    letters = len(text) * 20
    assert tokens >= (letters / 4 if text.isascii() else letters / 2)


def counted(
    number: int, prompt_tokens: int, *, reasoning: int = 0, seen: ContextSeen | None = None
) -> PastTurn:
    usage = Usage(prompt_tokens, 50 + reasoning, prompt_tokens + 50 + reasoning, reasoning_tokens=reasoning)
    return replace(turn(number), usage=usage, seen=seen or ContextSeen())


@pytest.mark.parametrize("reasoning", [0, 900])
def test_the_providers_count_of_the_latest_turn_is_believed_and_thoughts_are_not_sent_again(
    reasoning: int,
) -> None:
    given = history(turn(1), turn(3), counted(5, 500, reasoning=reasoning))

    assert fitting().whole(given, "?", number=7).tokens == 550


def test_what_came_after_the_count_is_estimated_as_the_provider_counts() -> None:
    given = history(counted(1, 19), turn(3))

    context = fitting().whole(given, "?", number=5)

    assert context.tokens_per_estimate == 0.5
    assert context.tokens == 19 + 50 + 38


def test_a_count_of_another_beginning_is_not_believed() -> None:
    other = ContextSeen(from_number=3, first_number=2)

    given = history(turn(1), counted(5, 5000, seen=ContextSeen()), from_number=5, first_number=2)

    assert fitting().whole(given, "?", number=7).tokens < 200
    assert fitting().whole(history(turn(1), counted(5, 5000, seen=other)), "?", number=7).tokens < 200


@pytest.mark.parametrize("prompt_tokens", [0, 1, 10_000_000])
def test_a_count_that_means_something_else_does_not_upset_the_estimates(prompt_tokens: int) -> None:
    context = fitting().whole(history(turn(1), counted(3, prompt_tokens)), "?", number=5)

    assert 0.2 <= context.tokens_per_estimate <= 5


@pytest.mark.parametrize("counts", [True, False], ids=["with counts", "without counts"])
@pytest.mark.parametrize("size", [40, 400, 2000])
def test_the_input_of_two_hundred_turns_stays_flat(size: int, *, counts: bool) -> None:
    chat = GrowingChat(options=worker_options(llm_system_prompt="Be brief."), counts=counts)

    for number in range(200):
        chat.ask(f"q{number} ".ljust(size, "x"), f"a{number} ".ljust(size, "y"))

    room = ContextFitting(chat.options).room
    assert max(map(chat.tokens, range(200))) <= room
    if size > 40:
        later = [chat.tokens(index) for index in range(100, 200)]
        assert min(later) > (0.5 if counts else 0.35) * room


@pytest.mark.parametrize("summarises", [True, False])
def test_between_trims_each_request_begins_with_all_of_the_one_before(*, summarises: bool) -> None:
    chat = GrowingChat(options=worker_options(context_tokens=4000, llm_system_prompt="Be brief."))
    for number in range(100):
        if summarises and number % 10 == 9:
            covered = chat.turns[-5]
            chat.summary = summary_to(covered.answer_number, turns=number - 5, text=f"To turn {number - 5}.")
        chat.ask(f"q{number} ".ljust(300, "x"), f"a{number} ".ljust(300, "y"))

    changes = [
        index
        for index, (earlier, later) in enumerate(pairwise(chat.sent), 1)
        if later[: len(earlier)] != earlier
    ]

    assert changes == [index for index, context in enumerate(chat.contexts) if context.is_trimmed]
    assert 3 <= len(changes) <= 20
    assert all(later - earlier >= 5 for earlier, later in pairwise(changes))
    assert any("To turn" in sent[0]["content"] for sent in chat.sent) == summarises


def test_every_turn_is_sent_summarised_or_dropped_and_none_twice() -> None:
    chat = grown(120)

    for asked, context in enumerate(chat.contexts):
        seen = context.seen
        assert seen is not None
        assert seen.turns + seen.summarised + seen.dropped == asked


def test_a_model_that_takes_less_is_asked_with_the_later_half_of_the_turns() -> None:
    context = fitted(history(turn(1), turn(3), turn(5)))

    once = context.without_oldest_half()
    assert once is not None
    assert numbers(once) == [5]
    assert once.seen == ContextSeen(turns=1, dropped=2, from_number=5)

    twice = once.without_oldest_half()
    assert twice is not None
    assert numbers(twice) == []
    assert twice.seen == ContextSeen(turns=0, dropped=3, from_number=999)
    assert twice.without_oldest_half() is None


def test_after_that_the_next_prompt_goes_on_with_what_was_kept() -> None:
    options = worker_options(context_tokens=4000)
    chat = grown(8, options=options)
    halved = chat.contexts[-1].without_oldest_half()
    assert halved is not None
    chat.turns[-1] = replace(chat.turns[-1], seen=halved.seen, usage=None)

    context = chat.ask("And then?", "Then.")

    assert numbers(context) == [*numbers(halved), chat.turns[-2].number]
