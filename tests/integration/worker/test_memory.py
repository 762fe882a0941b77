"""A conversation through the real table and the real worker, with a model that notes what it is sent."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from mypy_boto3_dynamodb import DynamoDBClient

from functions.generate.prompt_request import Parent
from functions.shared.chats.model import ChatMessage, Summary
from functions.shared.chats.reader import ChatReader
from functions.shared.chats.summaries import SummaryStore
from functions.shared.generations.failures import Failure
from functions.shared.generations.model import ContextSeen, Generation, Status, Usage
from functions.shared.transactions import Cancelled
from functions.worker.chat_request import Shape, request_body
from functions.worker.conversation import Conversation
from functions.worker.model import ModelFailed, Piece
from tests.integration.worker.worker_fixture import QUICK, WorkerFixture
from tests.support.chats_in_table import accept
from tests.support.environment import TABLE_NAME
from tests.unit.worker.builders import generation

SUMMARY = Summary(number=1, message_id="m", turns=1, text="Otters.")
Messages = list[dict[str, str]]


@dataclass
class EchoingModel:
    """Repeats the last question, says how many messages it was sent, and counts a token for four letters."""

    sent: list[Messages] = field(default_factory=list)
    failures: list[ModelFailed | None] = field(default_factory=list)
    """What the next calls fail with."""
    longest: int = 1_000_000
    """Tokens. More than that is refused."""
    answer_length: int = 0

    async def pieces(self, conversation: Conversation, *, model: str) -> AsyncIterator[Piece]:
        messages = request_body(conversation, model=model, options=QUICK, shape=Shape())["messages"]
        self.sent.append(messages)
        tokens = sum(len(message["content"]) // 4 + 4 for message in messages)
        if tokens > self.longest:
            raise ModelFailed(Failure.CONTEXT_TOO_LONG, broke_off=False)
        if self.failures and (failed := self.failures.pop(0)):
            yield Piece(text="half an ")
            raise failed
        answer = f"{len(messages)}: {conversation.prompt}".ljust(self.answer_length, ".")
        for word in answer.split(" "):
            yield Piece(text=f"{word} ")
        said = len(answer) // 4
        yield Piece(finish_reason="stop", usage=Usage(tokens, said, tokens + said), is_done=True)


@dataclass
class Conversing:
    """A user who asks, and a worker that answers each time."""

    bench: WorkerFixture
    model: EchoingModel
    asked: int = 0

    async def ask(self, prompt: str, *, after: ChatMessage | None = None, **changes: Any) -> ChatMessage:
        """Ask, and return the answer as the chat has it."""
        self.asked += 1
        proposed = generation(
            generation_id=f"{self.asked:032x}",
            status=Status.QUEUED,
            attempt=0,
            created_at=datetime.now(UTC),
            **changes,
        )
        parent: Any = {"parent": Parent(after.message_id, after.number)} if after else {}
        accepted = accept(self.bench.client, proposed, prompt, now=datetime.now(UTC), **parent)
        return await self.answered(accepted)

    async def answered(self, accepted: Generation) -> ChatMessage:
        body = json.dumps({"version": 2, "generation_id": accepted.generation_id})
        await self.bench.work(self.bench.delivery(body=body))
        [message] = [each for each in self.messages() if each.message_id == accepted.generation_id]
        return message

    def messages(self) -> list[ChatMessage]:
        reader = ChatReader(self.bench.client, TABLE_NAME)
        return list(reader.messages("ada", "c1", now=datetime.now(UTC)))

    def text(self, answer: ChatMessage) -> str:
        return self.bench.generations.text(answer)


@pytest.fixture
def chat(table: DynamoDBClient) -> Conversing:
    model = EchoingModel()
    bench = WorkerFixture(table, model)  # type: ignore[arg-type]
    bench.set_options(max_attempts=1)
    return Conversing(bench, model)


def contents(messages: Messages) -> list[str]:
    return [message["content"].strip(" .") for message in messages]


async def test_a_second_turn_uses_the_first(chat: Conversing) -> None:
    await chat.ask("What do otters eat?")
    second = await chat.ask("And where?")

    assert contents(chat.model.sent[1]) == ["What do otters eat?", "1: What do otters eat?", "And where?"]
    assert second.outcome is not None
    assert second.outcome.context == ContextSeen(turns=1)


async def test_history_is_what_was_streamed(chat: Conversing) -> None:
    chat.bench.open("a")
    streamed = []
    for number in range(4):
        before = len(chat.bench.gateway.delivered.get("a", []))
        await chat.ask(f"q{number} é 漢 🦦")
        frames = [message.get("frame", {}) for message in chat.bench.gateway.delivered["a"][before:]]
        streamed.append("".join(frame.get("delta", "") for frame in frames))

    await chat.ask("?")

    assert [message["content"] for message in chat.model.sent[-1][1::2]] == streamed


async def test_an_edited_question_takes_the_other_branch(chat: Conversing) -> None:
    first = await chat.ask("q0")
    await chat.ask("q1")
    await chat.ask("q2")

    edited = await chat.ask("q1 edited", after=first)
    await chat.ask("q3", after=edited)

    assert contents(chat.model.sent[-1])[::2] == ["q0", "q1 edited", "q3"]


async def test_another_answer_does_not_see_the_one_before(chat: Conversing) -> None:
    await chat.ask("q0")
    bad = await chat.ask("q1")
    reader = ChatReader(chat.bench.client, TABLE_NAME)
    question = reader.message("ada", "c1", bad.parent_number, now=datetime.now(UTC))
    assert question is not None

    again = generation(
        generation_id="f" * 32,
        status=Status.QUEUED,
        attempt=0,
        is_regenerated=True,
        parent_id=question.parent_id,
        prompt_number=question.number,
    )
    await chat.answered(accept(chat.bench.client, again, "", now=datetime.now(UTC)))

    assert contents(chat.model.sent[-1]) == contents(chat.model.sent[-2])


async def test_a_failed_turn_is_left_out(chat: Conversing) -> None:
    await chat.ask("q0")
    chat.model.failures = [ModelFailed(Failure.CONTENT_FILTERED, broke_off=False)]
    failed = await chat.ask("q1")
    await chat.ask("q2")

    assert failed.outcome is not None
    assert failed.outcome.status is Status.FAILED
    assert contents(chat.model.sent[-1]) == ["q0", "1: q0", "q2"]


async def test_each_user_and_each_chat_has_a_memory_of_its_own(chat: Conversing) -> None:
    await chat.ask("q0")
    other = generation(generation_id="e" * 32, status=Status.QUEUED, attempt=0, chat_id="c2")
    accepted = accept(chat.bench.client, other, "Hello", now=datetime.now(UTC))
    await chat.bench.work(
        chat.bench.delivery(body=json.dumps({"version": 2, "generation_id": accepted.generation_id}))
    )

    assert contents(chat.model.sent[-1]) == ["Hello"]


async def test_a_long_conversation_is_summarised_and_stays_within_its_room(chat: Conversing) -> None:
    chat.bench.set_options(context_tokens=1000, recent_turns=1)
    chat.model.answer_length = 400

    answers = [await chat.ask(f"q{number} ".ljust(400, ".")) for number in range(14)]

    asked = [sent for sent in chat.model.sent if "Summarise this conversation." not in sent[-1]["content"]]
    sizes = [sum(len(message["content"]) // 4 + 4 for message in sent) for sent in asked]
    assert max(sizes) <= 875
    assert len(chat.model.sent) - len(asked) >= 2
    seen = [answer.outcome.context for answer in answers if answer.outcome]
    assert [each.turns + each.summarised + each.dropped for each in seen if each] == list(range(14))
    assert seen[-1] is not None
    assert seen[-1].summarised > 0
    assert "given as a summary" in asked[-1][0]["content"]
    assert asked[-1][1]["content"].startswith("q0")


async def test_what_the_model_refuses_as_too_long_is_sent_shorter_and_stays_so(chat: Conversing) -> None:
    chat.model.answer_length = 400
    for number in range(8):
        await chat.ask(f"q{number} ".ljust(400, "."))
    chat.model.longest = 1000

    shortened = await chat.ask("q8")
    calls = len(chat.model.sent)
    await chat.ask("q9")

    assert shortened.outcome is not None
    assert shortened.outcome.context == ContextSeen(turns=4, dropped=4, from_number=9)
    assert len(chat.model.sent) == calls + 1
    questions = contents(chat.model.sent[-1])[::2]
    assert [question[:2] for question in questions] == ["q4", "q5", "q6", "q7", "q8", "q9"]


async def test_an_outage_while_the_chat_is_read_is_tried_again_and_nothing_is_forgotten(
    chat: Conversing, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat.bench.set_options(max_attempts=3)
    await chat.ask("q0")
    text = type(chat.bench.generations).text
    outages = [True]

    def failing(reader: Any, answer: Any) -> str:
        if outages.pop():
            outages.append(False)
            raise chat.bench.client.exceptions.ProvisionedThroughputExceededException(
                {"Error": {"Code": "ProvisionedThroughputExceededException"}}, "Query"
            )
        outages.append(False)
        return text(reader, answer)

    monkeypatch.setattr(type(chat.bench.generations), "text", failing)
    proposed = generation(generation_id="d" * 32, status=Status.QUEUED, attempt=0)
    accepted = accept(chat.bench.client, proposed, "q1", now=datetime.now(UTC))
    body = json.dumps({"version": 2, "generation_id": accepted.generation_id})
    with pytest.raises(Exception, match="not available"):
        await chat.bench.work(chat.bench.delivery(body=body))
    await chat.bench.work(chat.bench.delivery(body=body))

    assert [contents(sent) for sent in chat.model.sent[1:]] == [["q0", "1: q0", "q1"]]


async def test_a_summary_is_not_written_into_a_chat_that_is_gone_or_begun_anew(chat: Conversing) -> None:
    answer = await chat.ask("q0")
    store = SummaryStore(chat.bench.client, TABLE_NAME)
    later = datetime.now(UTC) + timedelta(days=1)
    summary = replace(SUMMARY, number=answer.number, message_id=answer.message_id)

    with pytest.raises(Cancelled):
        store.put("ada", "c1", replace(summary, message_id="another"), expires_at=later)
    with pytest.raises(Cancelled):
        store.put("ada", "another chat", summary, expires_at=later)
    store.put("ada", "c1", summary, expires_at=later)
    with pytest.raises(Cancelled):
        store.put("ada", "c1", replace(summary, text="A second one."), expires_at=later)

    assert store.get("ada", "c1", answer.number, now=datetime.now(UTC)) == summary
    assert store.between("ada", "c1", after=0, until=99, now=datetime.now(UTC)) == [summary]
    assert store.between("ada", "c1", after=answer.number, until=99, now=datetime.now(UTC)) == []
    assert store.get("ada", "c1", answer.number, now=later) is None
