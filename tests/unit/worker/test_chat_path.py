"""Which turns stand before a prompt: those of its own path, without failures and other branches."""

from __future__ import annotations

from functools import partial
from itertools import pairwise

import pytest

from functions.shared.chats.model import ChatMessage
from functions.shared.generations.model import ContextSeen, Status
from functions.worker.chat_path import PAGE, Path, path_to
from tests.support.fake_chats import NOON, FakeChat
from tests.unit.worker.builders import generation


def path(chat: FakeChat, prompt: ChatMessage, *, room: int = 14_000) -> Path:
    messages = partial(chat.messages, generation(), page=PAGE, now=NOON)
    found = path_to(prompt.number, lambda number: messages(until=number), room=room)
    assert found is not None
    return found


def questions(found: Path) -> list[str]:
    pairs = (found.first, *found.pairs) if found.first else found.pairs
    return [pair.question.text for pair in pairs]


def long_chat(turns: int, *, seen: ContextSeen | None = None) -> tuple[FakeChat, ChatMessage]:
    chat, last = FakeChat(), None
    for number in range(turns):
        question = chat.ask(f"q{number}", after=last)
        last = chat.answer(f"a{number}", to=question, seen=seen if number == turns - 1 else None)
    return chat, chat.ask("?", after=last)


def test_a_first_question_has_nothing_before_it() -> None:
    chat = FakeChat()

    found = path(chat, chat.ask("Hello"))

    assert (found.prompt.text, found.first, found.pairs) == ("Hello", None, ())


def test_turns_come_in_their_order() -> None:
    chat, prompt = long_chat(4)

    assert questions(path(chat, prompt)) == ["q0", "q1", "q2", "q3"]


def test_a_question_that_was_edited_has_only_what_stood_before_it() -> None:
    chat = FakeChat()
    root = chat.turn("q0", "a0")
    chat.turn("q2", "a2", after=chat.turn("q1", "a1", after=root))
    edited = chat.turn("q1 edited", "another", after=root)

    assert questions(path(chat, chat.ask("?", after=edited))) == ["q0", "q1 edited"]


def test_an_answer_that_is_made_again_does_not_see_its_siblings() -> None:
    chat = FakeChat()
    question = chat.ask("q1", after=chat.turn("q0", "a0"))
    chat.answer("a bad one", to=question)
    chat.answer("another", to=question)

    assert questions(path(chat, question)) == ["q0"]


def test_the_answer_that_was_gone_on_with_is_the_one_that_is_seen() -> None:
    chat = FakeChat()
    question = chat.ask("q0")
    chat.answer("first", to=question)
    second = chat.answer("second", to=question)
    chat.answer("third", to=question)

    [pair] = [path(chat, chat.ask("?", after=second)).first]

    assert pair is not None
    assert pair.answer == second


@pytest.mark.parametrize(
    ("status", "text", "is_seen"),
    [
        (Status.COMPLETED, "whole", True),
        (Status.CANCELLED, "half an ans", True),
        (Status.CANCELLED, "", False),
        (Status.FAILED, "", False),
        (Status.FAILED, "half an ans", False),
    ],
)
@pytest.mark.parametrize("is_first", [True, False])
def test_failed_turns_are_left_out_whole_and_stopped_ones_keep_their_text(
    status: Status, text: str, *, is_seen: bool, is_first: bool
) -> None:
    chat = FakeChat()
    before = None if is_first else chat.turn("before", "a")
    ended = chat.answer(text, to=chat.ask("q", after=before), status=status)
    prompt = chat.ask("?", after=chat.turn("after", "b", after=ended))

    expected = [*([] if is_first else ["before"]), *(["q"] if is_seen else []), "after"]
    assert questions(path(chat, prompt)) == expected


def test_what_was_trimmed_once_is_not_read_again_and_the_first_turn_is() -> None:
    chat, prompt = long_chat(500, seen=ContextSeen(from_number=961, first_number=2, dropped=479))

    found = path(chat, prompt)

    assert questions(found) == ["q0", *(f"q{number}" for number in range(480, 500))]
    assert len(chat.calls) <= 3


def test_a_context_of_the_own_branch_counts() -> None:
    chat, _ = long_chat(30, seen=ContextSeen(from_number=51, first_number=2))
    edited = chat.ask("q10 edited", after=chat.numbered[20])

    assert questions(path(chat, edited)) == [f"q{number}" for number in range(10)]


def test_a_failed_answer_remembers_what_was_trimmed_for_it() -> None:
    chat, prompt = long_chat(10)
    seen = ContextSeen(from_number=15, first_number=2)
    failed = chat.answer("", to=prompt, status=Status.FAILED, seen=seen)

    found = path(chat, chat.ask("again?", after=failed))

    assert (questions(found), found.seen) == (["q0", "q7", "q8", "q9"], seen)


def test_after_everything_was_dropped_nothing_is_seen_of_it() -> None:
    chat, prompt = long_chat(10)
    ended = chat.answer("short", to=prompt, seen=ContextSeen(from_number=prompt.number))

    assert questions(path(chat, chat.ask("and?", after=ended))) == ["?"]


def test_a_long_chat_is_read_in_a_few_pages() -> None:
    chat, prompt = long_chat(100)

    assert len(questions(path(chat, prompt))) == 100
    assert chat.calls == ["messages"] * 6


def test_a_branch_of_another_path_is_jumped_over() -> None:
    chat, _ = long_chat(1000)
    prompt = chat.ask("q1 edited", after=chat.numbered[2])

    assert questions(path(chat, prompt)) == ["q0"]
    assert len(chat.calls) == 2


def test_of_a_path_that_says_nothing_no_more_is_taken_than_could_fit() -> None:
    chat, last = FakeChat(), None
    for number in range(100):
        last = chat.turn(f"q{number}", "a" * 1000, after=last)
    prompt = chat.ask("?", after=last)

    found = path(chat, prompt, room=1000)

    assert questions(found) == ["q0", *(f"q{number}" for number in range(93, 100))]
    assert found.seen == ContextSeen(dropped=92, from_number=187, first_number=2)


def test_what_has_expired_ends_the_path() -> None:
    chat, prompt = long_chat(10)
    for number in range(1, 8):
        del chat.numbered[number]

    assert questions(path(chat, prompt)) == [f"q{number}" for number in range(4, 10)]


def test_a_prompt_that_is_not_there_has_no_path() -> None:
    chat, prompt = long_chat(2)
    del chat.numbered[prompt.number]

    assert (
        path_to(
            prompt.number, lambda until: chat.messages(generation(), until=until, page=9, now=NOON), room=1
        )
        is None
    )


def test_numbers_on_a_path_go_up() -> None:
    chat, prompt = long_chat(60)

    found = path(chat, prompt)

    assert all(one.question.number < two.question.number for one, two in pairwise(found.pairs))
