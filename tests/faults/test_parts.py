"""Reasoning and sources, while sockets come and go, streams break and workers die: every part, everywhere."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.heard import Heard
from tests.support.history import History, parts_of
from tests.support.listener import Listener, listening

SOURCE = {"chunk": {"citations": ["https://o.example/1"]}}
SAID: list[str | dict[str, Any]] = [
    *({"reasoning_content": f"thought {number} 😀 "} for number in range(60)),
    *(f"word {number} 🦦 " for number in range(60)),
    SOURCE,
    *({"reasoning_content": f"again {number} "} for number in range(20)),
    *(f"end {number} " for number in range(60)),
]
REASONED = ["".join(f"thought {n} 😀 " for n in range(60)), "".join(f"again {n} " for n in range(20))]


def expected(parts: dict[int, tuple[str, int, str]]) -> None:
    """The parts of the whole answer, in their order."""
    assert [(index, kind) for index, (kind, _, _) in sorted(parts.items())] == [
        (0, "reasoning"),
        (2, "source"),
        (3, "reasoning"),
    ]
    assert [text for kind, _, text in parts.values() if kind == "reasoning"] == REASONED


def has_ended(listener: Listener, generation_id: str) -> bool:
    return generation_id in listener.generations and listener.generations[generation_id].is_final


async def glimpsed(visitor: Listener, generation_id: str, *, while_heard_by: Listener) -> Heard | None:
    """Wait for the first part on a fresh socket; None if the answer ended before."""
    heard = visitor.generations
    await visitor.until(
        lambda: (
            (generation_id in heard and heard[generation_id].parts)
            or has_ended(while_heard_by, generation_id)
        )
    )
    return heard[generation_id] if generation_id in heard and heard[generation_id].parts else None


@pytest.mark.fault(71)
async def test_twenty_sockets_that_come_and_go_have_every_part_of_what_they_heard(history: History) -> None:
    staying = await history.listen(history.user)
    asked = await history.ask(history.user, deltas=SAID, rate=5)
    visits = 0
    while visits < 20 and not has_ended(staying, asked.generation_id):
        async with listening(history.lab.site, history.user) as visitor:
            if glimpse := await glimpsed(visitor, asked.generation_id, while_heard_by=staying):
                assert REASONED[0].startswith(glimpse.parts[0][2])
                assert glimpse.missing == 0
                visits += 1

    assert visits >= 5
    heard_all = await staying.hear(asked.generation_id)

    expected(heard_all.parts)
    expected(parts_of(await history.status(asked, "completed")))


@pytest.mark.fault(86)
@pytest.mark.parametrize("after", [30, 90, 125, 160])
async def test_wherever_the_stream_is_cut_sockets_and_table_have_the_parts_of_the_next_attempt(
    history: History, after: int
) -> None:
    listener = await history.listen(history.user)
    asked = await history.ask(history.user, deltas=SAID, rate=100, faults=[{"kind": "cut", "after": after}])

    heard = await listener.hear(asked.generation_id)

    assert heard.attempt == 2
    expected(heard.parts)
