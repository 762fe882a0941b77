"""What tests do where the machine is too busy to answer them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import httpx
import pytest

from tests.support.busy import TRYING, accepting, decided

pytestmark = pytest.mark.virtual_time


def answering(*statuses: int) -> Callable[[], Awaitable[httpx.Response]]:
    """Answer with these statuses, one after the other, and then with the last for ever."""
    left = list(statuses)

    async def answer() -> httpx.Response:
        return httpx.Response(left.pop(0) if len(left) > 1 else left[0], text="the reason")

    return answer


@pytest.mark.parametrize("status", [502, 503, 504])
async def test_a_busy_machine_is_asked_again(status: int) -> None:
    assert (await accepting(answering(status, status, 202))).status_code == 202


async def test_an_error_that_the_test_provoked_is_its_answer() -> None:
    assert (await decided(answering(503, 202), is_explained=lambda: ["a fault"])).status_code == 503


@pytest.mark.parametrize("status", [400, 409, 422, 429])
async def test_what_was_decided_is_not_asked_again(status: int) -> None:
    assert (await decided(answering(status, 202))).status_code == status


async def test_a_refusal_is_shown_with_its_reason() -> None:
    with pytest.raises(AssertionError, match="refused with 429: the reason"):
        await accepting(answering(429))


async def test_patience_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.support.busy.TRYING", 0)

    assert TRYING > 3 * 28, "as long as a function may take, and again"
    with pytest.raises(AssertionError, match="refused with 503: the reason"):
        await accepting(answering(503))
