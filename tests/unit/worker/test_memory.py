"""What a worker reads of a chat before it asks the model, and what becomes of it when that fails."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from functions.shared.chats.model import ChatMessage, Summary
from functions.shared.errors import Unavailable
from functions.shared.generations.model import ContextSeen, Generation, Status, Usage
from functions.worker.context import Context
from functions.worker.memory import Memory
from tests.support.fake_chats import NOON, FakeChat
from tests.unit.worker.builders import generation, worker_options

TURN = 100
"""Tokens of a turn of `long_chat`, about."""


def memory(chat: FakeChat, **options: Any) -> Memory:
    return Memory(prompt=chat.prompt, chats=chat, options=worker_options(**options), clock=lambda: NOON)


async def context(chat: FakeChat, prompt: ChatMessage, **options: Any) -> Context:
    asked = generation(prompt_number=prompt.number, prompt_id=prompt.message_id, parent_id=prompt.parent_id)
    return await asked_with(memory(chat, **options), asked)


async def asked_with(reads: Memory, asked: Generation) -> Context:
    return await reads.context(asked, await reads.question(asked))


def long_chat(turns: int, **seen: int) -> tuple[FakeChat, ChatMessage]:
    chat, last = FakeChat(), None
    for number in range(turns):
        question = chat.ask(f"q{number} ".ljust(140, "."), after=last)
        said = ContextSeen(**seen) if number == turns - 1 and seen else None
        last = chat.answer(f"a{number} ".ljust(140, "."), to=question, seen=said)
    return chat, chat.ask("And now?", after=last)


def asked(found: Context) -> list[str]:
    return [turn.question.split()[0] for turn in found.conversation.turns]


async def test_a_second_turn_is_sent_with_the_first() -> None:
    chat = FakeChat()
    prompt = chat.ask("And where?", after=chat.turn("What do otters eat?", "Sea urchins."))

    found = await context(chat, prompt)

    assert found.conversation.messages() == [
        {"role": "user", "content": "What do otters eat?"},
        {"role": "assistant", "content": "Sea urchins."},
        {"role": "user", "content": "And where?"},
    ]
    assert found.seen == ContextSeen(turns=1)


async def test_a_deployment_without_memory_reads_the_prompt_and_nothing_else() -> None:
    chat, prompt = long_chat(3)

    found = await context(chat, prompt, context_tokens=0)

    assert (found.conversation.prompt, found.conversation.turns, found.seen) == ("And now?", (), None)
    assert chat.calls == ["prompt"]


async def test_a_record_of_an_older_release_has_its_prompt_alone() -> None:
    found = await asked_with(memory(FakeChat()), generation())

    assert (found.conversation.prompt, found.seen) == ("an older prompt", None)


async def test_a_first_prompt_takes_one_call() -> None:
    chat = FakeChat()

    await context(chat, chat.ask("Hello"))

    assert chat.calls == ["messages"]


async def test_a_prompt_takes_a_page_and_one_call_for_each_answer_that_is_sent() -> None:
    chat, prompt = long_chat(12)

    await context(chat, prompt)

    assert sorted(chat.calls) == ["messages"] + ["text"] * 12


async def test_texts_are_read_side_by_side_and_not_all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    chat, prompt = long_chat(30)
    now = most = 0

    async def in_a_thread(call: Any, *given: Any) -> Any:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.001)
        now -= 1
        return call(*given)

    monkeypatch.setattr(asyncio, "to_thread", in_a_thread)

    await context(chat, prompt)

    assert most == 8


@pytest.mark.parametrize("call", ["messages", "text", "summary", "summaries"])
async def test_a_prompt_is_never_answered_without_what_could_not_be_read(call: str) -> None:
    chat, prompt = long_chat(40, from_number=11, first_number=2, summary_number=10, summarised=4)
    chat.stored[10] = Summary(number=10, message_id="m10", turns=4, text="Otters.")
    chat.outage = call

    with pytest.raises(Unavailable):
        await context(chat, prompt, context_tokens=2000)


async def test_what_no_longer_fits_is_replaced_by_the_newest_summary_of_this_path() -> None:
    chat, prompt = long_chat(40)
    chat.stored[20] = Summary(number=20, message_id="m20", turns=9, text="The older one.")
    chat.stored[60] = Summary(number=60, message_id="m60", turns=29, text="The newer one.")
    chat.stored[70] = Summary(number=70, message_id="another branch's", turns=34, text="Another branch.")

    found = await context(chat, prompt, context_tokens=3000)

    assert found.conversation.summary == "The newer one."
    assert asked(found) == ["q0", *(f"q{number}" for number in range(30, 40))]
    assert found.seen == ContextSeen(
        turns=11, summarised=29, from_number=61, first_number=2, summary_number=60
    )


async def test_a_summary_is_not_looked_for_while_everything_fits() -> None:
    chat, prompt = long_chat(5)
    chat.stored[4] = Summary(number=4, message_id="m4", turns=1, text="Otters.")

    found = await context(chat, prompt)

    assert found.conversation.summary == ""
    assert "summaries" not in chat.calls


async def test_without_summaries_the_oldest_turns_are_dropped() -> None:
    chat, prompt = long_chat(40)
    chat.stored[60] = Summary(number=60, message_id="m60", turns=29, text="Otters.")

    found = await context(chat, prompt, context_tokens=3000, summaries=False)

    assert found.conversation.summary == ""
    assert found.seen is not None
    assert found.seen.dropped == 40 - found.seen.turns > 0


async def test_the_summary_in_use_goes_with_the_next_prompt() -> None:
    chat, prompt = long_chat(12, from_number=11, first_number=2, summary_number=10, summarised=4)
    chat.stored[10] = Summary(number=10, message_id="m10", turns=4, text="Otters.")

    found = await context(chat, prompt)

    assert found.conversation.summary == "Otters."
    assert asked(found) == ["q0", *(f"q{number}" for number in range(5, 12))]
    assert found.seen == ContextSeen(turns=8, summarised=4, from_number=11, first_number=2, summary_number=10)


async def test_what_has_expired_is_told_as_dropped() -> None:
    chat, prompt = long_chat(12, from_number=11, first_number=2, summary_number=10, summarised=4)
    del chat.texts["m2"]

    found = await context(chat, prompt)

    assert asked(found) == [f"q{number}" for number in range(5, 12)]
    assert found.seen == ContextSeen(turns=7, dropped=4, from_number=11)


async def test_a_count_of_an_answer_that_was_stopped_is_not_relied_on() -> None:
    chat = FakeChat()
    usage = Usage(9000, 9000, 18_000)
    stopped = chat.answer(
        "Sea ur", to=chat.ask("q0"), status=Status.CANCELLED, usage=usage, seen=ContextSeen()
    )

    found = await context(chat, chat.ask("?", after=stopped))

    assert asked(found) == ["q0"]
    assert found.tokens < 100
