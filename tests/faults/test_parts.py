"""Reasoning and sources, while sockets come and go, streams break and workers die: every part, everywhere."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.support.history import History, parts_of
from tests.support.listener import listening

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


@pytest.mark.fault(71)
async def test_twenty_sockets_that_come_and_go_have_every_part_of_what_they_heard(history: History) -> None:
    staying = await history.listen(history.user)
    asked = await history.ask(history.user, deltas=SAID, rate=20)
    for _ in range(20):
        async with listening(history.lab.site, history.user) as visitor:
            heard = visitor.generations
            await visitor.until(lambda: asked.generation_id in heard and heard[asked.generation_id].parts)  # noqa: B023
            glimpse = heard[asked.generation_id]
            assert REASONED[0].startswith(glimpse.parts[0][2])
            assert glimpse.missing == 0
        await asyncio.sleep(0.1)

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
