"""An example of a content hook: a word list, card numbers taken out of prompts, and a moderation service.

    "content_hook": "policy:check",
    "content_hook_path": "examples/content_hook"

The word list is `words.txt`, one expression a line. The service is asked where MODERATION_URL is set, here or
in your own copy: it gets `{"input": text}` and answers `{"results": [{"flagged": true}]}`, as OpenAI's does.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
from pathlib import Path
from urllib.request import Request, urlopen

from functions.worker.content_hook import STOP, Content, Stop

MODERATION_URL = os.environ.get("MODERATION_URL", "")
SECONDS = 1.5
"""Less than `content_hook_timeout_milliseconds`, so that the service's failure is this file's to judge."""
WORDS = [word for word in Path(__file__).with_name("words.txt").read_text().splitlines() if word.strip()]
LISTED = re.compile(rf"\b(?:{'|'.join(map(re.escape, WORDS))})\b", re.IGNORECASE)
LONGEST = max(map(len, WORDS))
"""One may begin in text that was let pass: `content_hook_held_back_characters` must be at least this."""
CARD_NUMBER = re.compile(r"\b\d(?:[ -]?\d){12,15}\b")


async def check(content: Content) -> str | Stop | None:
    """Stop listed words, take card numbers out of prompts, and ask the service about new prompts."""
    if LISTED.search(content.before[-LONGEST:] + content.text):
        return STOP
    if content.kind == "answer":
        return None
    if MODERATION_URL and not content.is_earlier and await asyncio.to_thread(is_flagged, content.text):
        return STOP
    without = CARD_NUMBER.sub("[card number]", content.text)
    return None if without == content.text else without


def is_flagged(text: str) -> bool:
    """Ask the service. If it fails, the exception decides, as `content_hook_on_failure` says."""
    data = json.dumps({"input": text}).encode()
    request = Request(MODERATION_URL, data, {"Content-Type": "application/json"})  # noqa: S310  your own address
    with urlopen(request, timeout=SECONDS) as answer:  # noqa: S310
        return any(result["flagged"] for result in json.load(answer)["results"])
