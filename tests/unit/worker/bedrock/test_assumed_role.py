"""When a role's credentials are fetched, for how long they are used, and what is shown of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest

from functions.shared.generations.failures import Failure
from functions.shared.signing import StaticCredentials
from functions.worker.bedrock.assumed_role import AssumedRole, RoleModel
from functions.worker.bedrock.errors import failed_by_name
from functions.worker.bedrock.sts import Session
from functions.worker.conversation import Conversation
from functions.worker.model import ModelFailed, Piece

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
REFUSED = ModelFailed(Failure.REJECTED, broke_off=False, error="AssumeRole")


@dataclass
class Sts:
    """Gives credentials for an hour, numbered; or refuses."""

    now: datetime = NOON
    calls: int = 0
    refusal: ModelFailed | None = None
    before: Callable[[], object] = lambda: None

    def assume(self) -> Session:
        self.calls += 1
        number = self.calls
        self.before()
        if self.refusal:
            raise self.refusal
        return Session(StaticCredentials(f"key-{number}", "canary", "canary"), self.now + HOUR)

    def role(self) -> AssumedRole:
        return AssumedRole(assume=self.assume, clock=lambda: self.now)


@dataclass
class FakeModel:
    """Says with which key it was asked, and then fails as it was told to."""

    role: AssumedRole
    fails: ModelFailed | None = None
    closed: list[str] = field(default_factory=list)

    async def pieces(self, conversation: Conversation, *, model: str) -> AsyncGenerator[Piece]:
        try:
            yield Piece(text=self.role.credentials().access_key or "")
            if self.fails:
                raise self.fails
        finally:
            self.closed.append(model)


async def key_of(role: AssumedRole) -> str:
    await role.prepare()
    return str(role.credentials().access_key)


async def done() -> None:
    """Let what was begun beside come to its end."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    await asyncio.gather(*others, return_exceptions=True)


async def test_credentials_are_fetched_once_for_many_prompts() -> None:
    sts = Sts()
    role = sts.role()

    keys = [await key_of(role) for _ in range(3)]

    assert keys == ["key-1"] * 3
    assert sts.calls == 1


async def test_prompts_that_wait_at_the_same_time_share_one_call() -> None:
    sts = Sts()
    role = sts.role()

    assert await asyncio.gather(*(key_of(role) for _ in range(20))) == ["key-1"] * 20
    assert sts.calls == 1


async def test_before_their_end_they_are_renewed_while_the_present_ones_are_used() -> None:
    sts = Sts()
    role = sts.role()
    await key_of(role)

    sts.now += HOUR - timedelta(minutes=5)
    used = await key_of(role)
    await done()

    assert (used, await key_of(role), sts.calls) == ("key-1", "key-2", 2)


async def test_if_they_cannot_be_renewed_the_present_ones_are_used_to_their_end() -> None:
    sts = Sts()
    role = sts.role()
    await key_of(role)
    sts.refusal = REFUSED

    sts.now += HOUR - timedelta(minutes=2)
    for _ in range(2):
        assert await key_of(role) == "key-1"
        await done()

    sts.now += timedelta(minutes=2)
    with pytest.raises(ModelFailed) as failed:
        await key_of(role)
    assert failed.value is REFUSED


@pytest.mark.parametrize("left", [timedelta(seconds=30), timedelta(), -HOUR])
async def test_credentials_that_could_end_under_way_are_not_used(left: timedelta) -> None:
    sts = Sts()
    role = sts.role()
    await key_of(role)

    sts.now += HOUR - left

    assert await key_of(role) == "key-2"


async def test_a_refusal_is_told_to_all_that_wait_and_not_remembered() -> None:
    sts = Sts(refusal=REFUSED)
    role = sts.role()

    told = await asyncio.gather(*(key_of(role) for _ in range(5)), return_exceptions=True)
    sts.refusal = None

    assert told == [REFUSED] * 5
    assert await key_of(role) == "key-2"


async def test_a_prompt_that_is_stopped_meanwhile_does_not_end_the_call_for_the_others() -> None:
    may_go_on = Event()
    sts = Sts(before=lambda: may_go_on.wait(30))
    role = sts.role()
    first, second = asyncio.create_task(key_of(role)), asyncio.create_task(key_of(role))
    while not sts.calls:
        await asyncio.sleep(0.001)

    first.cancel()
    await asyncio.wait({first})
    may_go_on.set()

    assert await second == "key-1"
    assert first.cancelled()
    assert sts.calls == 1


async def test_a_model_is_asked_with_the_roles_credentials() -> None:
    role = Sts().role()
    inner = FakeModel(role)
    model = RoleModel(model=inner, role=role)

    pieces = [piece async for piece in model.pieces(Conversation(prompt="p"), model="m")]

    assert [piece.text for piece in pieces] == ["key-1"]
    assert inner.closed == ["m"]


async def test_an_answer_that_is_left_early_ends_the_request() -> None:
    role = Sts().role()
    inner = FakeModel(role)

    pieces = RoleModel(model=inner, role=role).pieces(Conversation(prompt="p"), model="m")
    await anext(pieces)
    await pieces.aclose()

    assert inner.closed == ["m"]


async def test_a_role_that_is_refused_is_a_failure_of_the_model() -> None:
    role = Sts(refusal=REFUSED).role()
    inner = FakeModel(role)

    with pytest.raises(ModelFailed) as failed:
        await anext(RoleModel(model=inner, role=role).pieces(Conversation(prompt="p"), model="m"))

    assert failed.value is REFUSED
    assert inner.closed == []


@pytest.mark.parametrize(
    ("code", "key"),
    [
        ("ExpiredTokenException", "key-2"),
        ("ExpiredToken", "key-2"),
        ("UnrecognizedClientException", "key-2"),
        ("InvalidClientTokenId", "key-2"),
        ("ThrottlingException", "key-1"),
        ("AccessDeniedException", "key-1"),
    ],
)
async def test_credentials_that_ended_early_are_not_used_again(code: str, key: str) -> None:
    role = Sts().role()
    model = RoleModel(
        model=FakeModel(role, fails=failed_by_name(code, {}, broke_off=False)),
        role=role,
    )

    with pytest.raises(ModelFailed):
        [piece async for piece in model.pieces(Conversation(prompt="p"), model="m")]

    assert await key_of(role) == key


async def test_a_request_that_is_about_to_be_signed_keeps_the_credentials_that_another_forgot() -> None:
    role = Sts().role()
    await role.prepare()

    role.forget()

    assert role.credentials().access_key == "key-1"
    assert await key_of(role) == "key-2"


async def test_neither_the_key_nor_the_token_is_printed() -> None:
    role = Sts().role()
    await key_of(role)

    assert "canary" not in repr(role) + repr(RoleModel(model=FakeModel(role), role=role))
