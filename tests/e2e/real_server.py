"""Asks a model server that is not ours, through the whole local system: is a chat remembered, is it counted?

    python -m tests.e2e.real_server --base-url http://127.0.0.1:8080/v1 --model tiny

Any server of OpenAI's chat completions on this machine will do; docs/tried-servers.md says which were tried.
What goes to it and what comes from it is read on the way. Asserted is that each turn is sent with all turns
before it, that the chat's record is what was streamed, and that ledger and usage are the server's count.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from framestream import FrameStreamClient
from functions.shared.budgets.items import line_from
from local.deployment import aws_client
from tests.support.cable import Cable
from tests.support.lab import await_first_socket, deployed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from framestream import Conversation
    from tests.support.listener import Site

USER = "ada"
QUESTIONS = (
    "My otter is called Ferdinand.",
    "What is my otter's name? 👩‍👩‍👧 שלום",
    "Say it once more.",
)
LARGEST = 200


@dataclass(slots=True)
class Trial:
    """One chat with one server."""

    site: Site
    cable: Cable
    streamed: list[str] = field(default_factory=list)

    async def run(self) -> list[str]:
        """Ask, compare, and say what was seen."""
        client = FrameStreamClient(
            self.site.http_url, self.site.token(USER), origin=self.site.origin, timeout=30, trust_env=False
        )
        async with client:
            chat = await client.conversation("trial")
            for question in QUESTIONS:
                await self._ask(chat, question)
            self._judge_requests()
            record = [message.text for message in (await client.chats.messages("trial")).messages]
            said = [text for turn in zip(QUESTIONS, self.streamed, strict=True) for text in turn]
            assert record == said, ("not what was streamed", record, said)
            usage = await client.usage()
        return self._judge_usage(usage["month"])

    async def _ask(self, chat: Conversation, question: str) -> None:
        answer = await chat.ask(question)
        text = ""
        async for piece in answer:
            text = text[: piece.offset] + piece
        result = await answer.result()
        assert result.status == "completed"
        assert text == result.text
        assert text, "an empty answer says nothing"
        self.streamed.append(text)

    def _judge_requests(self) -> None:
        """Each request must hold the turns before it, word for word."""
        sent = [
            [(m["role"], m["content"]) for m in body["messages"]]
            for body in bodies(bytes(self.cable.received))
        ]
        turns = list(zip(QUESTIONS, self.streamed, strict=True))
        expected = [
            [
                (role, text)
                for turn in turns[:number]
                for role, text in zip(("user", "assistant"), turn, strict=True)
            ]
            + [("user", question)]
            for number, question in enumerate(QUESTIONS)
        ]
        assert sent == expected, (sent, expected)

    def _judge_usage(self, month: dict[str, Any]) -> list[str]:
        """The ledger must be the server's own count, or estimates where it has none."""
        counted = [
            (each["prompt_tokens"], each["completion_tokens"]) for each in usages(bytes(self.cable.replied))
        ]
        reply: Any = aws_client("dynamodb", self.site.aws_endpoint_url).query(
            TableName=self.site.table_name,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :line)",
            ExpressionAttributeValues={":pk": {"S": f"BUDGET#{USER}"}, ":line": {"S": "LINE#"}},
        )
        lines = [line_from(item) for item in reply["Items"]]
        noted = [(line.input_tokens, line.output_tokens) for line in lines]
        assert noted == counted or not counted, (noted, counted)
        assert [line.is_estimate for line in lines] == [not counted] * len(QUESTIONS), lines
        assert not any(line.is_void for line in lines)
        assert month["used_tokens"] == sum(map(sum, noted))
        assert month["used_cost"] == sum(line.micros or 0 for line in lines) > 0
        assert month["held_tokens"] == month["held_cost"] == 0
        return [f"counted by the server: {counted or 'nothing'}; in the ledger: {noted}", f"usage: {month}"]


def bodies(received: bytes) -> Iterator[dict[str, Any]]:
    """The JSON bodies of requests."""
    for part in received.decode().split("\r\n\r\n"):
        if part.startswith("{"):
            yield json.JSONDecoder().raw_decode(part)[0]


def usages(replied: bytes) -> Iterator[dict[str, Any]]:
    """The counts in streams of events: the last of each answer, as some servers count with every chunk."""
    for answer in replied.split(b"data: [DONE]"):
        found = None
        for line in answer.splitlines():
            if line.startswith(b"data: {"):
                found = json.loads(line.removeprefix(b"data: ")).get("usage") or found
        if found:
            yield found


async def trial(base_url: str, model: str) -> list[str]:
    """Bring the system up against a server. Returns what was seen."""
    address = urlsplit(base_url)
    assert address.port, "name the port"
    settings = {"llm_model": model, "llm_prices": f"{model}=1/0.1/2", "llm_max_output_tokens": LARGEST}
    said = [word for name, value in settings.items() for word in ("--set", f"{name}={value}")]
    with tempfile.TemporaryDirectory() as state:
        async with Cable(target=address.port, keeps=True) as cable:
            ours = address._replace(netloc=f"127.0.0.1:{cable.port}").geturl()
            with deployed(Path(state), ours, *said) as site:
                await asyncio.to_thread(await_first_socket, site)
                return await Trial(site, cable).run()


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--base-url", required=True)
    parser.add_argument("--model", required=True)
    options = parser.parse_args()
    for line in asyncio.run(trial(options.base_url, options.model)):
        print(line)
    print(f"{len(QUESTIONS)} turns: each saw those before it; the record is what was streamed")


if __name__ == "__main__":
    main()
