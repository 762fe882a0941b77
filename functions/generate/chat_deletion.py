"""Deletes chats for good, whatever is going on in them.

    begin      the head becomes a tombstone, with a note of what is to be done; from then on there is no such
               chat, nothing can be added to it, and the end of an answer of it is no message any more
    carry_on   what was being made is stopped, and waited for; then all is taken away. What a request leaves
               undone, or dies over, a reminder finishes
    last look  when no worker of that time can be alive: one that was frozen may have stored a piece of text,
               and a form to upload with may have been used until then

Ledger lines stay: they hold numbers only.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from functions.generate.attachment_deletion import still_open
from functions.generate.concurrently import one_by_one
from functions.generate.deletion_record import DeletionRecord, deletion_entry
from functions.generate.problems import NotFound
from functions.shared.chats import heads
from functions.shared.chats.ends import CONTENDED
from functions.shared.chats.items import head_entry
from functions.shared.deletion_message import Deletion
from functions.shared.errors import Unavailable
from functions.shared.transactions import Cancelled

if TYPE_CHECKING:
    from collections.abc import Callable

    from functions.generate.attachment_deletion import AttachmentDeletion
    from functions.generate.chat_contents import ChatContents
    from functions.generate.deletion_queue import DeletionQueue
    from functions.generate.ports import Archive, AtOnce, ChatHeads, ChatSubmissions, Transitions
    from functions.generate.settings import GenerateOptions
    from functions.shared.deletion_message import DeletionReminder
    from functions.shared.generations.model import Generation
    from functions.shared.transactions import Transactions

FOR_THE_END = timedelta(seconds=6)
"""How long a request waits for a worker to stop: it looks each second, and reads on for two."""
FOR_ALL = timedelta(seconds=20)
"""How long a request or a batch of reminders goes on; the function is stopped after 28 s."""
LOOK = 0.25
"""Seconds between two looks at a worker that is to stop."""
FROZEN = timedelta(minutes=20)
"""After this long without a lease, no worker can be left that once had it."""


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatDeletion:
    """Deletes chats of all users; another user's looks exactly like none."""

    transactions: Transactions
    chats: ChatHeads
    archive: Archive
    submissions: ChatSubmissions
    transitions: Transitions
    contents: ChatContents
    attachments: AttachmentDeletion
    queue: DeletionQueue
    options: GenerateOptions
    at_once: AtOnce = one_by_one
    clock: Callable[[], datetime] = _now
    sleep: Callable[[float], object] = time.sleep

    def begin(self, user_id: str, chat_id: str, *, now: datetime) -> Deletion:
        """Let a chat be none any more.

        The reminder is sent first, so that a deletion which is cut off is known; one that was not carried out
        is not found then, and nothing is done.

        Raises:
            NotFound: If there is no such chat.
            Unavailable: If the reminder was not taken, or others changed the chat again and again.
        """
        expires_at = now + self.options.retention
        for _ in CONTENDED.tries(self.sleep):
            chat = self.chats.head(user_id, chat_id, now=now)
            if chat is None or chat.is_deleted:
                raise NotFound("There is no such chat.")
            after = heads.deleted(chat, expires_at=expires_at, now=now)
            deletion = Deletion(user_id=user_id, chat_id=chat_id, version=after.version)
            record = DeletionRecord(running=chat.running, waiting=chat.waiting)
            self.queue.remind(deletion, is_last=False)
            try:
                self.transactions.run(
                    [
                        head_entry(chat, after, now=now),
                        deletion_entry(deletion, record, expires_at=expires_at),
                    ]
                )
            except Cancelled:
                continue
            return deletion
        raise Unavailable("chat_contended")

    def look(self, reminder: DeletionReminder, *, now: datetime) -> bool:
        """Go on with a deletion that a reminder names. Returns False if it is to be looked at again."""
        deletion = reminder.deletion
        if not reminder.is_last:
            return self.carry_on(deletion, now=now)
        record = self.contents.record(deletion)
        if record is None:
            return True
        if not self._is_purged(deletion, record, until=now + FOR_ALL):
            return False
        for generation_id in record.recent:
            self.contents.erase_texts(generation_id)
        self.attachments.erase_late(record.uploads)
        self.contents.finish(deletion)
        return True

    def carry_on(self, deletion: Deletion, *, now: datetime) -> bool:
        """Take all away, as far as time allows. Returns whether that is done."""
        record = self.contents.record(deletion)
        if record is None or record.is_purged:
            return True
        if not self._is_purged(deletion, record, until=now + FOR_ALL):
            return False
        self.queue.remind(deletion, is_last=True)
        self.contents.note_purged(deletion)
        return True

    def _is_purged(self, deletion: Deletion, record: DeletionRecord, *, until: datetime) -> bool:
        """Stop what runs, then take all away. Nothing is taken before: a worker may still read it."""
        if record.running and not self._has_stopped(deletion, record.running, until=until):
            return False
        for generation_id in record.waiting:
            self._leave(deletion, generation_id)
        attachments = self.attachments.of(deletion)
        self.contents.remember(deletion, still_open(attachments, now=self.clock()), "uploads")
        self.attachments.erase(attachments)
        named = {record.running, *record.waiting} - {""}
        self._erase_all(deletion, named)
        for page in self.contents.of(deletion):
            self._erase_all(deletion, {each.generation_id for each in page if each.generation_id})
            self.at_once(self.contents.delete, page)
            if self.clock() >= until:
                return False
        return True

    def _has_stopped(self, deletion: Deletion, generation_id: str, *, until: datetime) -> bool:
        found = self._of_chat(deletion, generation_id)
        if found is None or found.status.is_final:
            return True
        self._stop(found)
        until = min(until, self.clock() + FOR_THE_END)
        while (found := self._of_chat(deletion, generation_id)) and not found.status.is_final:
            if self.clock() >= until:
                return False
            self.sleep(LOOK)
        return True

    def _stop(self, generation: Generation) -> None:
        self.transitions.delete(generation.generation_id, is_ended=False)
        if self.submissions.cancel(generation, now=self.clock()) is None:
            self.transitions.request_cancel(generation.generation_id)

    def _leave(self, deletion: Deletion, generation_id: str) -> None:
        found = self._of_chat(deletion, generation_id)
        if found is not None and found.waits:
            self.contents.leave_queue(deletion, found)

    def _erase_all(self, deletion: Deletion, generation_ids: set[str]) -> None:
        """Take the texts of generations, and remember those that may still have a worker."""

        def erase(generation_id: str) -> str:
            found = self._of_chat(deletion, generation_id)
            if found is None:
                return ""
            if found.status.is_final:
                self.transitions.delete(generation_id, is_ended=True)
            else:
                self._stop(found)  # It was taken for lost, and the chat had gone on.
            self.contents.erase_texts(generation_id)
            return generation_id if _may_have_worker(found, now=self.clock()) else ""

        recent = [each for each in self.at_once(erase, sorted(generation_ids)) if each]
        self.contents.remember(deletion, recent)

    def _of_chat(self, deletion: Deletion, generation_id: str) -> Generation | None:
        """Return a generation of the chat that was deleted; a key may have come again since."""
        found = self.archive.find(generation_id, now=self.clock())
        if found is None or found.chat_version > deletion.version:
            return None
        return found


def _may_have_worker(generation: Generation, *, now: datetime) -> bool:
    if not generation.status.is_final:
        return True
    return generation.lease_until is not None and generation.lease_until > now - FROZEN
