"""Follow a language model's answers live, from a script, a back end or a terminal.

async with FrameStreamClient(http_url, get_token) as client:
    answer = await client.generate("otters", "Tell me about otters")
    async for text in answer:
        print(text, end="", flush=True)
"""

from framestream.attachments import Attachment
from framestream.backoff import Backoff, Reconnect
from framestream.chat_records import ROOT, Chat, ChatList, ChatMessage, History, Queue, WaitingPrompt
from framestream.chat_state import ChatState
from framestream.client import FrameStreamClient
from framestream.connection import Phase
from framestream.conversation import Conversation
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
from framestream.generation import Generation
from framestream.parts import Part, PartPiece
from framestream.progress import Event, PartEvent, Piece, StatusChange
from framestream.result import Result
from framestream.sync import SyncFrameStreamClient
from framestream.sync_chats import SyncConversation
from framestream.sync_generation import SyncGeneration
from framestream.tokens import TokenSource

__all__ = [
    "ROOT",
    "Attachment",
    "Backoff",
    "Chat",
    "ChatList",
    "ChatMessage",
    "ChatState",
    "Conversation",
    "Disconnected",
    "Event",
    "FrameStreamClient",
    "FrameStreamError",
    "Generation",
    "GenerationFailed",
    "History",
    "Misused",
    "NoToken",
    "NotOurs",
    "Part",
    "PartEvent",
    "PartPiece",
    "Phase",
    "Piece",
    "Queue",
    "Reconnect",
    "Refused",
    "Result",
    "StatusChange",
    "SyncConversation",
    "SyncFrameStreamClient",
    "SyncGeneration",
    "TokenSource",
    "Unreachable",
    "WaitingPrompt",
]
