"""A user's chats on two devices and a stale tab, which do anything at any time: all must end equal.

    python -m tests.faults.devices --seed 42 --actions 1000

The stale tab loses its network again and again, also in the middle of what it does, and comes back: sometimes
while the others go on, sometimes when all is quiet; then it must be in step after one request for each chat.
At the end every device must know exactly what the server knows, and no turn that was accepted may be missing.
The seed decides who does what, but not how it falls together in time.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import tempfile
import time
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx

from framestream import Backoff, ChatState, FrameStreamClient, FrameStreamError, Reconnect
from framestream.chat_state import catch_up
from tests.support.cable import Cable
from tests.support.chat_judge import differences, lost
from tests.support.devices import Device, Journal
from tests.support.lab import await_first_socket, deployed, model_server

if TYPE_CHECKING:
    from tests.support.listener import Site

SETTINGS = {"prompts_per_minute": 300, "prompts_at_once": 100, "worker_max_concurrency": 6}
RECONNECT = Reconnect(backoff=Backoff(cap=1), idle_cap=1, pause_when_full=1)
CHATS = 3
EXPECTED_READS = {"0", "1", "1, a chat begun anew", "2, a chat begun anew"}
"""That it is another chat is seen by a reply; its former messages are not to be read with it."""
PATIENCE = 180
"""Seconds until all must be equal: what runs and what waits has to end first."""


@dataclass(slots=True)
class Devices:
    """One run."""

    site: Site
    chance: random.Random
    actions: int
    user: str = "ada"
    journal: Journal = field(default_factory=Journal)
    reads: Counter[str] = field(default_factory=Counter)
    """How many requests for a chat the stale tab made after a quiet return."""
    returns: int = 0
    _devices: list[Device] = field(default_factory=list)
    _may_act: asyncio.Event = field(default_factory=asyncio.Event)
    _acting: int = 0
    _done: int = 0

    async def run(self) -> None:
        """Act, let everything end, and judge."""
        chat_ids = [f"chat {number} {self.chance.getrandbits(32):x}" for number in range(CHATS)]
        async with AsyncExitStack() as stack:
            for name in ("laptop", "phone", "stale tab"):
                self._devices.append(await self._device(stack, name, chat_ids))
            self._may_act.set()
            *steady, stale = self._devices
            await asyncio.gather(*(self._act_on(device) for device in steady), self._come_and_go(stale))
            for chat_id in chat_ids:
                await self._ended(chat_id)
            await self._equal(chat_ids)
            missing = [found for chat_id in chat_ids for found in await self._lost(chat_id)]
            assert not missing, missing
            assert self.reads.keys() <= EXPECTED_READS, f"catching up took several requests: {self.reads}"

    async def _device(self, stack: AsyncExitStack, name: str, chat_ids: list[str]) -> Device:
        address = urlsplit(self.site.http_url)
        assert address.port
        cable = await stack.enter_async_context(Cable(target=address.port))
        client = FrameStreamClient(
            address._replace(netloc=f"127.0.0.1:{cable.port}").geturl(),
            lambda: self.site.token(self.user),
            origin=self.site.origin,
            reconnect=RECONNECT,
            timeout=30,
            stall_timeout=5,
            trust_env=False,
        )
        await stack.enter_async_context(client)
        chance = random.Random(self.chance.getrandbits(64))  # noqa: S311  a seed
        device = Device(name, client, cable, chance, self.journal)
        await device.open(chat_ids)
        stack.push_async_callback(device.close)
        return device

    async def _act_on(self, device: Device) -> None:
        while self._done < self.actions:
            await self._once(device)
            await asyncio.sleep(device.chance.uniform(0, 0.5))

    async def _once(self, device: Device) -> None:
        await self._may_act.wait()
        self._acting += 1
        self._done += 1
        try:
            await device.act()
        finally:
            self._acting -= 1
        if self._done % 50 == 0:
            print(f"{self.user}: {self._done} of {self.actions} actions", flush=True)

    async def _come_and_go(self, stale: Device) -> None:
        """Act for a while, lose the network in the middle of something, and come back."""
        while self._done < self.actions:
            for _ in range(stale.chance.randint(2, 6)):
                await self._once(stale)
            begun = asyncio.create_task(self._once(stale)) if stale.chance.random() < 0.6 else None
            await asyncio.sleep(stale.chance.uniform(0, 0.3))
            stale.cable.pull()
            await asyncio.sleep(stale.chance.uniform(1, 6))
            self.returns += 1
            if begun is None and stale.chance.random() < 0.5:
                await self._return_to_quiet(stale)
            stale.cable.plug()
            if begun:
                await begun

    async def _return_to_quiet(self, stale: Device) -> None:
        """Come back when nothing happens any more, and count what that takes."""
        self._may_act.clear()
        await _until(lambda: not self._acting, "the devices' actions")
        for chat_id in stale.chats:
            await self._ended(chat_id)
        known = {chat_id: chat.state.created_at for chat_id, chat in stale.chats.items()}
        stale.cable.asked.clear()
        stale.cable.plug()
        await self._equal(list(stale.chats))
        asked = [each for each in stale.cable.asked if "/messages" in each]
        for chat_id, created_at in known.items():
            is_another = created_at not in {"", stale.chats[chat_id].state.created_at}
            requests = sum(chat_id.rpartition(" ")[2] in each for each in asked)
            self.reads[f"{requests}, a chat begun anew" if is_another else f"{requests}"] += 1
        self._may_act.set()

    async def _ended(self, chat_id: str) -> None:
        """Let a chat's answers end, and what waits have its turn."""
        async with asyncio.timeout(PATIENCE):
            while True:
                with contextlib.suppress(FrameStreamError):
                    history = await self._devices[0].client.chats.messages(chat_id)
                    if history.queue.waiting and history.queue.is_paused:
                        await self._devices[0].client.chats.resume(chat_id)
                    elif not history.chat.running and not history.queue.waiting:
                        return
                    await asyncio.sleep(0.5)
                    continue
                return  # There is no such chat.

    async def _equal(self, chat_ids: list[str]) -> None:
        """Wait until every device that has a network knows what the server knows.

        Raises:
            AssertionError: If one does not come to know it.
        """
        truth = {chat_id: await self._truth(chat_id) for chat_id in chat_ids}

        def found() -> list[str]:
            return [
                f"{device.name}, {chat_id}: {each}"
                for device in self._devices
                for chat_id in chat_ids
                for each in differences(device.chats[chat_id].state, truth[chat_id])
            ]

        try:
            await _until(lambda: not found(), "the devices", seconds=60)
        except TimeoutError:
            raise AssertionError("\n".join(found())) from None

    async def _truth(self, chat_id: str) -> ChatState:
        try:
            return catch_up(ChatState(), await self._devices[0].client.chats.messages(chat_id))
        except FrameStreamError as error:
            if error.status != httpx.codes.NOT_FOUND:
                raise
            return ChatState()

    async def _lost(self, chat_id: str) -> list[str]:
        return lost(self.journal.expected(chat_id), await self._truth(chat_id))


async def _until(condition: object, what: str, *, seconds: float = PATIENCE) -> None:
    assert callable(condition)
    give_up = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > give_up:
            raise TimeoutError(what)
        await asyncio.sleep(0.1)


async def _all(runs: list[Devices]) -> None:
    async with asyncio.TaskGroup() as group:
        for run in runs:
            group.create_task(run.run())


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--actions", type=int, default=1000, help="of each user")
    parser.add_argument("--users", type=int, default=1, help="side by side, each with three devices")
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    began = time.monotonic()
    said = [word for name, value in SETTINGS.items() for word in ("--set", f"{name}={value}")]
    with (
        tempfile.TemporaryDirectory() as state,
        model_server() as model_url,
        deployed(Path(state), model_url, *said) as site,
    ):
        await_first_socket(site)
        runs = [
            Devices(site, random.Random(f"{options.seed} {user}"), options.actions, user=f"user {user}")  # noqa: S311
            for user in range(options.users)
        ]
        asyncio.run(_all(runs))
    print(f"{options.users * options.actions} actions in {time.monotonic() - began:.0f} s")
    print(f"{dict(sum((run.journal.counts for run in runs), Counter()))}")
    turns = sum(len(run.journal.turns) for run in runs)
    print(f"{turns} turns accepted, 0 lost; three devices of each user are equal to the server")
    reads: Counter[str] = sum((run.reads for run in runs), Counter())
    print(f"{sum(run.returns for run in runs)} returns; requests for a chat after quiet ones: {dict(reads)}")


if __name__ == "__main__":
    main()
