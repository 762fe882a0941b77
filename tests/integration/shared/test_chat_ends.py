"""What an end makes of its chat: the answer is a message, the next prompt has its turn, all or nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from functions.generate.chat_submissions import ChatSubmissionStore, chat_submissions
from functions.generate.prompt_request import OnBusy, Parent
from functions.shared.budgets.ports import NoLedger
from functions.shared.chats.items import head_item
from functions.shared.chats.model import Chat, Ended, Role
from functions.shared.chats.reader import ChatReader
from functions.shared.generations.claims import Fenced
from functions.shared.generations.model import Generation, Outcome, Status, Usage
from functions.shared.generations.reader import GenerationReader
from tests.support import chats_in_table
from tests.support.builders import NOON, USER, generation
from tests.support.environment import TABLE_NAME

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

WHOLE = Outcome(status=Status.COMPLETED, length=6, finish_reason="stop", usage=Usage(5, 2, 7))
STOPPED = Outcome(status=Status.CANCELLED, length=3)
BROKEN = Outcome(status=Status.FAILED, length=0)


class Chats:
    """One chat in the table."""

    def __init__(self, client: DynamoDBClient) -> None:
        self.client = client
        self.reader = ChatReader(client, TABLE_NAME)
        self.generations = GenerationReader(client, TABLE_NAME)
        self.attempts = chats_in_table.attempts(client)
        self.store: ChatSubmissionStore = chat_submissions(client, TABLE_NAME, NoLedger())

    def accept(self, name: str, **options: Any) -> Generation:
        return chats_in_table.accept(self.client, generation(name), f"{name}?", now=NOON, **options)

    def claim(self, name: str) -> Generation:
        claim = self.attempts.claim(
            name, owner="w", message_id="m", lease_until=NOON, max_attempts=3, now=NOON
        )
        assert claim is not None
        assert claim.is_ours
        return claim.generation

    def end(self, name: str, outcome: Outcome = WHOLE) -> Ended:
        return self.attempts.finish(self.claim(name), 1, outcome, now=NOON)

    def head(self) -> Chat:
        head = self.reader.head(USER, "chat_1", now=NOON)
        assert head is not None
        return head

    def find(self, name: str) -> Generation:
        found = self.generations.find(name, now=NOON)
        assert found is not None
        return found

    def said(self) -> list[tuple[int, str, str, str]]:
        """All messages: number, who, which, after which."""
        return [
            (each.number, each.role, each.text or each.message_id, each.parent_id)
            for each in self.reader.messages(USER, "chat_1", now=NOON)
        ]


@pytest.fixture
def chats(dynamodb: DynamoDBClient) -> Chats:
    return Chats(dynamodb)


def test_an_end_appends_the_answer_and_frees_the_chat(chats: Chats) -> None:
    first = chats.accept("g1")

    assert chats.end("g1") == Ended(2)

    assert chats.said() == [(1, Role.USER, "g1?", ""), (2, Role.ASSISTANT, "g1", first.prompt_id)]
    head = chats.head()
    assert (head.version, head.running, head.leaf, head.leaf_number) == (2, "", "g1", 2)
    assert (head.leaf_tokens, head.title) == (7, "g1?")
    assert (chats.find("g1").chat_version, chats.find("g1").number) == (1, 2)


def test_an_end_that_is_refused_changes_nothing(chats: Chats) -> None:
    chats.accept("g1")
    ours = chats.claim("g1")

    with pytest.raises(Fenced):
        chats.attempts.finish(ours, 2, WHOLE, now=NOON)

    assert (chats.head().version, chats.head().running) == (1, "g1")


def test_an_end_whose_reply_was_lost_is_known_with_what_followed(chats: Chats) -> None:
    chats.accept("g1")
    chats.accept("g2")
    ours = chats.claim("g1")
    first = chats.attempts.finish(ours, 1, WHOLE, now=NOON)

    again = chats.attempts.finish(ours, 1, WHOLE, now=NOON)

    assert first == again == Ended(2 + 1, "g2")


def test_what_an_end_has_let_in_is_known_whatever_the_chat_does_next(chats: Chats) -> None:
    """The worker died before it queued it."""
    chats.accept("g1")
    chats.accept("g2")
    chats.end("g1")
    chats.client.put_item(TableName=TABLE_NAME, Item=head_item(replace(chats.head(), running="g9")))

    assert chats.attempts.following(chats.find("g1"), now=NOON) == "g2"

    chats.claim("g2")
    assert chats.attempts.following(chats.find("g1"), now=NOON) == ""


def test_what_an_end_has_let_in_and_was_stopped_before_it_was_queued_is_told_too(chats: Chats) -> None:
    for name in ("g1", "g2", "g3"):
        chats.accept(name)
    chats.end("g1")
    chats.store.cancel(chats.find("g2"), now=NOON)

    assert chats.attempts.following(chats.find("g1"), now=NOON) == "g2"

    chats.attempts.note_announced("g2")
    assert chats.attempts.following(chats.find("g1"), now=NOON) == ""


@pytest.mark.parametrize("outcome", [WHOLE, BROKEN])
def test_an_end_lets_the_next_waiting_prompt_have_its_turn(chats: Chats, outcome: Outcome) -> None:
    chats.accept("g1")
    chats.accept("g2")
    chats.accept("g3")

    assert chats.end("g1", outcome).following == "g2"

    head, following = chats.head(), chats.find("g2")
    assert (head.running, head.waiting) == ("g2", ("g3",))
    assert (following.waits, following.parent_id) == (False, "g1")
    assert following.prompt_number == following.chat_version == head.version == 5
    assert chats.generations.prompt(following) == "g2?"
    assert chats.reader.waiting_prompt(USER, "chat_1", "g2", now=NOON) is None


def test_a_waiting_prompt_has_all_its_time_from_its_turn_on(chats: Chats) -> None:
    chats.accept("g1")
    chats.accept("g2")
    later = NOON + timedelta(hours=3)

    chats.attempts.finish(chats.claim("g1"), 1, WHOLE, now=later)

    assert chats.find("g2").start_by == later + timedelta(minutes=5)
    assert not chats.find("g2").is_stranded(now=later + timedelta(seconds=29))


def test_a_waiting_prompt_is_not_claimed(chats: Chats) -> None:
    chats.accept("g1")
    chats.accept("g2")

    claim = chats.attempts.claim("g2", owner="w", message_id="m", lease_until=NOON, max_attempts=3, now=NOON)

    assert claim is not None
    assert not claim.is_ours


def test_what_its_user_stopped_pauses_the_queue(chats: Chats) -> None:
    chats.accept("g1")
    chats.accept("g2")

    assert chats.end("g1", STOPPED).following == ""

    assert (chats.head().is_paused, chats.head().waiting) == (True, ("g2",))


def test_what_was_interrupted_makes_room_at_once(chats: Chats) -> None:
    chats.accept("g1")
    chats.accept("g2")
    chats.accept("g3", on_busy=OnBusy.INTERRUPT)
    assert chats.find("g1").cancel_requested

    assert chats.end("g1", STOPPED).following == "g3"

    assert (chats.head().is_interrupting, chats.head().is_paused) == (False, False)


def test_what_interrupts_is_next_also_where_the_queue_is_paused(chats: Chats) -> None:
    chats.accept("g1")
    chats.accept("g2")
    chats.end("g1", STOPPED)
    chats.accept("g3")
    assert chats.head().is_paused

    chats.accept("g4", on_busy=OnBusy.INTERRUPT)

    assert chats.end("g3", STOPPED).following == "g4"
    assert chats.head().waiting == ("g2",)


def test_a_pause_ends_with_the_queue_that_it_was_for(chats: Chats) -> None:
    chats.accept("g1")
    second = chats.accept("g2")
    chats.end("g1", STOPPED)
    chats.store.leave(second, now=NOON)

    chats.accept("g3")
    chats.accept("g4")

    assert chats.end("g3").following == "g4"


def test_an_interruption_ends_with_what_it_was_for(chats: Chats) -> None:
    chats.accept("g1")
    chats.accept("g2", on_busy=OnBusy.INTERRUPT)
    lost = replace(chats.head(), running="")
    chats.client.put_item(TableName=TABLE_NAME, Item=head_item(lost))
    chats.accept("g3")

    assert chats.end("g3", STOPPED).following == ""

    assert (chats.head().is_paused, chats.head().waiting) == (True, ("g2",))


def test_what_was_read_while_it_waited_is_not_cancelled_behind_the_chats_back(chats: Chats) -> None:
    chats.accept("g1")
    as_read = chats.accept("g2")
    chats.accept("g3")
    chats.end("g1")

    assert not chats.store.leave(as_read, now=NOON)
    assert chats.store.cancel(as_read, now=NOON) is None

    assert (chats.head().running, chats.find("g2").status) == ("g2", Status.QUEUED)
    assert chats.store.cancel(chats.find("g2"), now=NOON) is not None
    assert chats.head().waiting == ("g3",)


def test_what_left_the_queue_is_passed_over(chats: Chats) -> None:
    chats.accept("g1")
    second = chats.accept("g2")
    chats.accept("g3")

    assert chats.store.leave(second, now=NOON)
    assert not chats.store.leave(second, now=NOON)

    assert chats.end("g1").following == "g3"
    assert [text for _, _, text, _ in chats.said()] == ["g1?", "g1", "g3?"]


def test_a_waiting_prompt_that_named_its_parent_keeps_it(chats: Chats) -> None:
    chats.accept("g1")
    chats.end("g1")
    chats.accept("g2")
    chats.accept("g3", parent=Parent("g1", 2))
    chats.accept("g4", parent=Parent())

    chats.end("g2")
    chats.end("g3")

    assert (chats.find("g3").parent_id, chats.find("g4").parent_id) == ("g1", "")


def test_what_is_cancelled_before_any_worker_has_it_is_an_answer_without_text(chats: Chats) -> None:
    first = chats.accept("g1")

    assert chats.store.cancel(first, now=NOON) == Ended(2)

    assert (chats.find("g1").status, chats.head().running) == (Status.CANCELLED, "")


def test_what_a_worker_has_is_not_cancelled_behind_its_back(chats: Chats) -> None:
    first = chats.accept("g1")
    chats.claim("g1")

    assert chats.store.cancel(first, now=NOON) is None
    assert chats.head().running == "g1"


def test_an_answer_of_a_chat_that_has_gone_on_is_appended_and_frees_nothing(chats: Chats) -> None:
    chats.accept("g1")
    ours = chats.claim("g1")
    taken_for_lost = replace(chats.head(), running="g9")
    chats.client.put_item(TableName=TABLE_NAME, Item=head_item(taken_for_lost))

    chats.attempts.finish(ours, 1, WHOLE, now=NOON)

    assert (chats.head().running, chats.head().leaf) == ("g9", "")
    assert chats.said()[-1][2] == "g1"


@pytest.mark.parametrize("deleted", [{"is_deleted": True}, {"begun_after": 5}])
def test_an_answer_of_a_deleted_chat_does_not_come_back(chats: Chats, deleted: dict[str, Any]) -> None:
    chats.accept("g1")
    ours = chats.claim("g1")
    gone = replace(chats.head(), version=7, running="", **deleted)
    chats.client.put_item(TableName=TABLE_NAME, Item=head_item(gone))

    assert chats.attempts.finish(ours, 1, WHOLE, now=NOON) == Ended()

    assert chats.find("g1").status is Status.COMPLETED
    assert chats.head() == gone
    assert len(chats.said()) == 1


def test_an_end_is_written_although_others_change_the_chat(
    chats: Chats, monkeypatch: pytest.MonkeyPatch
) -> None:
    chats.accept("g1")
    ours = chats.claim("g1")
    read, rivals = ChatReader.head, 3

    def read_before_a_rival(self: ChatReader, *ids: str, **when: Any) -> Chat | None:
        nonlocal rivals
        head = read(self, *ids, **when)
        if rivals and head is not None:
            rivals -= 1
            chats.client.put_item(
                TableName=TABLE_NAME, Item=head_item(replace(head, version=head.version + 1))
            )
        return head

    monkeypatch.setattr(ChatReader, "head", read_before_a_rival)
    monkeypatch.setattr("time.sleep", lambda _: None)

    assert chats.attempts.finish(ours, 1, WHOLE, now=NOON) == Ended(5)
