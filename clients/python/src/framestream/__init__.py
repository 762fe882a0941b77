"""Follow a language model's answers live, from a script, a back end or a terminal.

async with FrameStreamClient(http_url, get_token) as client:
    answer = await client.generate("otters", "Tell me about otters")
    async for text in answer:
        print(text, end="", flush=True)
"""

from framestream.backoff import Backoff
from framestream.client import FrameStreamClient
from framestream.connection import Phase, Reconnect
from framestream.errors import (
    Disconnected,
    FrameStreamError,
    GenerationFailed,
    Misused,
    NoToken,
    NotOurs,
    Refused,
    Unreachable,
)
from framestream.generation import Generation, Result
from framestream.progress import Event, Piece, StatusChange
from framestream.sync import SyncFrameStreamClient, SyncGeneration
from framestream.tokens import TokenSource

__all__ = [
    "Backoff",
    "Disconnected",
    "Event",
    "FrameStreamClient",
    "FrameStreamError",
    "Generation",
    "GenerationFailed",
    "Misused",
    "NoToken",
    "NotOurs",
    "Phase",
    "Piece",
    "Reconnect",
    "Refused",
    "Result",
    "StatusChange",
    "SyncFrameStreamClient",
    "SyncGeneration",
    "TokenSource",
    "Unreachable",
]
