"""Fake chats of one user in memory: what the server keeps of them, what it tells, and its replies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import unquote

from functions.shared.chats.heads import title_of
from tests.support.fake_server import PROMPTS, Reply, problem

Json = dict[str, Any]
CHATS = "/api/chat/chats"


@dataclass(slots=True)
class FakeChat:
    """One chat: each change makes its next version, and is told by one message."""

    chat_id: str
    ids: Iterator[int]
    tell: Callable[[Json], object]
    version: int = 0
    title: str = ""
    created_at: str = ""
    leaf_id: str | None = None
    running: str | None = None
    prompt_id: str | None = None
    messages: list[Json] = field(default_factory=list)
    waiting: list[Json] = field(default_factory=list)
    is_paused: bool = False
    text_fits: bool = True
    """Whether messages carry the texts of prompts."""

    def ask(
        self, prompt: str, *, parent_id: str | None = None, queue: bool = False, interrupt: bool = False
    ) -> str:
        """Accept a prompt, and say its generation's id."""
        generation_id = f"{next(self.ids):032x}"
        if (queue or interrupt) and self.running:
            position = 0 if interrupt else len(self.waiting)
            self.is_paused = self.is_paused and bool(self.waiting) and not interrupt
            new = {"generation_id": generation_id, "prompt": prompt, "created_at": "t"}
            self.waiting.insert(position, new)
            self.changed("queued", generation_id=generation_id, text=prompt, position=position)
        else:
            self.begin(generation_id, prompt, parent_id or self.leaf_id)
        return generation_id

    def begin(self, generation_id: str, prompt: str, parent_id: str | None) -> None:
        parent_id = None if parent_id == "root" else parent_id
        self.running, self.prompt_id = generation_id, f"p{generation_id[1:]}"
        self.title = self.title or title_of(prompt)
        self.add(self.prompt_id, parent_id, "user", prompt, generation_id)
        self.changed(
            "prompt",
            message_id=self.prompt_id,
            parent_id=parent_id,
            generation_id=generation_id,
            text=prompt if self.text_fits else None,
        )

    def regenerate(self, message_id: str) -> str:
        """Answer the question of an answer once more."""
        generation_id = f"{next(self.ids):032x}"
        [answer] = [each for each in self.messages if each["message_id"] == message_id]
        self.running, self.prompt_id = generation_id, answer["parent_id"]
        self.changed("regenerate", generation_id=generation_id, message_id=self.prompt_id)
        return generation_id

    def end(self, text: str, status: str = "completed") -> None:
        """End the running answer; the next prompt that waits begins."""
        assert self.running
        ended, self.running = self.running, None
        facts = {"model": "m", "finish_reason": "stop"} if status == "completed" else {}
        self.add(ended, self.prompt_id, "assistant", text, ended, status=status, attempt=1, **facts)
        self.leaf_id, self.prompt_id = ended, None
        self.version += 1
        self.is_paused = self.is_paused or (status == "cancelled" and bool(self.waiting))
        of = {"generation_id": ended, "chat_id": self.chat_id, "attempt": 1, "timestamp": "t"}
        frame = {"status": "streaming", "delta": text, "offset": 0}
        self.tell({**of, "type": "llm_frame", "frame": frame})
        if status == "completed":
            data = {"response": text, "length": len(text), **facts}
            self.tell({**of, "type": "llm_response", "data": data})
        self.tell(
            {**of, "type": "llm_status", "status": status, "chat_version": self.version, "message": "."}
        )
        if self.waiting and not self.is_paused:
            following = self.waiting.pop(0)
            self.begin(following["generation_id"], following["prompt"], self.leaf_id)

    def changed(self, event: str, **facts: Any) -> None:
        """Make the next version, and tell it."""
        self.version += 1
        nothing = dict.fromkeys(("message_id", "parent_id", "generation_id", "text", "title"))
        told = {"type": "chat_message", "event": event, "version": self.version, "timestamp": "t"}
        self.tell({**told, "chat_id": self.chat_id, **nothing, **facts})

    def add(
        self, message_id: str, parent_id: str | None, role: str, text: str, of: str, **facts: Any
    ) -> None:
        """Add the message that the next version makes."""
        self.messages.append(
            {
                "message_id": message_id,
                "parent_id": parent_id,
                "number": self.version + 1,
                "role": role,
                "text": text,
                "generation_id": of,
                "created_at": "t",
                **facts,
            }
        )

    @property
    def head(self) -> Json:
        return {
            "chat_id": self.chat_id,
            "title": self.title,
            "version": self.version,
            "created_at": self.created_at,
            "updated_at": "t",
            "leaf_id": self.leaf_id,
            "running": self.running,
            "waiting": len(self.waiting),
            "a_field_of_a_later_release": 1,
        }

    @property
    def queue(self) -> Json:
        return {"is_paused": self.is_paused, "waiting": list(self.waiting), "chat_version": self.version}


@dataclass(slots=True)
class FakeChats:
    """The chats of a user, and the replies to the calls about them."""

    chats: dict[str, FakeChat] = field(default_factory=dict)
    told: list[Json] = field(default_factory=list)
    page: int = 100
    deleted: int = 0
    ids: Iterator[int] = field(default_factory=lambda: count(1))

    def chat(self, chat_id: str) -> FakeChat:
        """A chat, which begins with its first prompt."""
        if chat_id not in self.chats:
            created_at = f"life {self.deleted}"
            self.chats[chat_id] = FakeChat(chat_id, self.ids, self.told.append, created_at=created_at)
        return self.chats[chat_id]

    def delete(self, chat_id: str) -> None:
        self.chats.pop(chat_id).changed("deleted")
        self.deleted += 1

    def answer(self, method: str, path: str, content: Json) -> Reply | None:
        """Reply to a request; None: it is not about chats."""
        if method == "POST" and path == PROMPTS:
            return self.asked(content)
        if path == CHATS:
            return 200, {"chats": [chat.head for chat in self.chats.values()], "next": None}
        if path.endswith("/regenerate"):
            chat = next(chat for chat in self.chats.values() if path.split("/")[-2] in str(chat.messages))
            return 202, self.accepted(chat, chat.regenerate(path.split("/")[-2]))
        if not path.startswith(f"{CHATS}/"):
            return None
        chat_id, *rest = path.removeprefix(f"{CHATS}/").split("/")
        found = self.chats.get(unquote(chat_id))
        return self.about(found, method, rest, content) if found else problem(404, "not_found")

    def asked(self, content: Json) -> Reply:
        chat = self.chat(content["chat_id"])
        on_busy = content.get("on_busy", "reject")
        if chat.running and on_busy == "reject":
            return problem(409, "busy", generation_id=chat.running)
        parent_id = content.get("parent_id")
        ways = {"queue": on_busy == "queue", "interrupt": on_busy == "interrupt"}
        generation_id = chat.ask(content["prompt"], parent_id=parent_id, **ways)
        return 202, self.accepted(chat, generation_id)

    def accepted(self, chat: FakeChat, generation_id: str) -> Json:
        waits = chat.running != generation_id
        asked = chat.prompt_id if not waits else None
        queue = [each["generation_id"] for each in chat.waiting]
        message = next((each for each in chat.messages if each["message_id"] == asked), {})
        return {
            "generation_id": generation_id,
            "status": "queued",
            "message_id": message.get("message_id"),
            "parent_id": message.get("parent_id"),
            "chat_version": chat.version,
            "waits": waits,
            "position": queue.index(generation_id) if waits else None,
            "timestamp": "t",
        }

    def about(self, chat: FakeChat, method: str, rest: list[str], content: Json) -> Reply:
        if method == "DELETE" and not rest:
            self.delete(chat.chat_id)
            return 200, {"chat_id": chat.chat_id, "version": chat.version, "timestamp": "t"}
        if method == "PATCH" and not rest:
            chat.title = content["title"]
            chat.changed("title", title=chat.title)
            return 200, chat.head
        if rest[0] == "queue":
            return self.queued(chat, method, rest[1], content)
        since, limit = int(content.get("since") or 0), int(content.get("limit") or self.page)
        new = [each for each in chat.messages if each["number"] > since]
        page = new[:limit]
        return 200, {
            "chat": chat.head,
            "queue": chat.queue,
            "messages": page,
            "next_since": page[-1]["number"] if page else chat.version,
            "has_more": len(new) > len(page),
            "timestamp": "t",
        }

    def queued(self, chat: FakeChat, method: str, name: str, content: Json) -> Reply:
        if name == "resume":
            chat.is_paused = False
            chat.changed("queue_resumed")
            return 200, chat.queue
        found = [each for each in chat.waiting if each["generation_id"] == name]
        if not found:
            return problem(404, "not_found")
        if method == "PATCH":
            found[0]["prompt"] = content["prompt"]
            chat.changed("queue_edited", generation_id=name, text=content["prompt"])
        else:
            chat.waiting.remove(found[0])
            chat.changed("unqueued", generation_id=name)
        return 200, chat.queue
