"""The list of chats: newest activity first, in pages whose cursors say where to go on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from functions.generate.chat_list import chat_list
from functions.generate.problems import BadRequest
from functions.shared.chats.model import Chat
from tests.support.builders import NOON, USER


def chat(chat_id: str, *, minute: int = 0, is_deleted: bool = False) -> Chat:
    return Chat(
        user_id=USER,
        chat_id=chat_id,
        title="",
        created_at=NOON,
        updated_at=NOON + timedelta(minutes=minute),
        expires_at=NOON + timedelta(days=7),
        version=1,
        is_deleted=is_deleted,
    )


def ids(chats: list[Chat]) -> list[str]:
    return [each.chat_id for each in chats]


def test_the_one_that_changed_last_comes_first_and_deleted_ones_never() -> None:
    heads = [chat("old"), chat("new", minute=2), chat("gone", minute=3, is_deleted=True)]

    page = chat_list(heads, before=None, limit=5)

    assert (ids(page.chats), page.following, page.seen) == (["new", "old"], None, 3)


@pytest.mark.parametrize("limit", range(1, 8))
def test_pages_give_each_chat_once_also_those_of_the_same_moment(limit: int) -> None:
    heads = [chat(name, minute=number // 3) for number, name in enumerate("abcdef🦦")]

    found: list[str] = []
    before = None
    while True:
        page = chat_list(heads, before=before, limit=limit)
        found += ids(page.chats)
        before = page.following
        if before is None:
            break

    assert found == ids(sorted(heads, key=lambda each: (each.updated_at, each.chat_id), reverse=True))


def test_a_chat_that_changes_between_two_pages_is_not_told_twice() -> None:
    heads = [chat("a", minute=1), chat("b", minute=2), chat("c", minute=3)]
    page = chat_list(heads, before=None, limit=1)

    following = chat_list([*heads[:2], chat("c", minute=9)], before=page.following, limit=5)

    assert ids(following.chats) == ["b", "a"]


@pytest.mark.parametrize("before", ["x", ".", "1.", "1.a", "1.____", "-1.YQ", "1.YQ==", "1.YQ\n"])
def test_what_is_no_cursor_is_refused(before: str) -> None:
    with pytest.raises(BadRequest):
        chat_list([], before=before, limit=1)
