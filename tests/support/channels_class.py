"""The class that a front end of Django Channels has, as docs/from-channels.md shows it, run by Node."""

from __future__ import annotations

import asyncio
import json
import re
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local.demo_page import node

DOCUMENT = Path(__file__).parents[2] / "docs/from-channels.md"
PAGE = """
const tell = (name) => (...said) => console.log(JSON.stringify([name, ...said]));
const names = ["onStatusUpdate", "onFrameUpdate", "onFinalResponse", "onError", "onAuthError"];
const [url, origin] = process.argv.slice(1);
const Browsers = globalThis.WebSocket; // A browser says where its page is from; Node does not.
globalThis.WebSocket = class extends Browsers {
  constructor(url) {
    super(url, { headers: { Origin: origin } });
  }
};
new ChatSocket(url, Object.fromEntries(names.map((name) => [name, tell(name)])));
"""


def shown_class() -> str:
    """The class in the document."""
    [code] = re.findall(r"```js\n(class ChatSocket .*?)```", DOCUMENT.read_text(), re.DOTALL)
    return str(code)


@dataclass
class ChannelsPage:
    """A page with the class, and the calls of its callbacks."""

    process: Process
    calls: list[list[Any]] = field(default_factory=list)

    async def until(self, status: str, *, times: int = 1) -> None:
        """Read calls until a status was told so often."""
        assert self.process.stdout
        async with asyncio.timeout(60):
            while [call[:2] for call in self.calls].count(["onStatusUpdate", status]) < times:
                line = await self.process.stdout.readline()
                assert line, "the page has ended"
                self.calls.append(json.loads(line))

    def of(self, name: str) -> list[list[Any]]:
        """The arguments of the calls of one callback."""
        return [call[1:] for call in self.calls if call[0] == name]


@asynccontextmanager
async def channels_page(url: str, origin: str) -> AsyncIterator[ChannelsPage]:
    """Open a page with the class, until the context ends."""
    command = ["node", "--eval", shown_class() + PAGE, "--", url, origin]
    environ = {"PATH": node.search_path()}
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE, env=environ)
    try:
        yield ChannelsPage(process)
    finally:
        process.kill()
        await process.communicate()
