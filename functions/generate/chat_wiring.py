"""Wires what the routes of chats need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

from functions.generate.attachment_deletion import AttachmentDeletion
from functions.generate.attachments import ChatAttachments, NoAttachments
from functions.generate.chat_changes import ChatChanges
from functions.generate.chat_contents import ChatContents
from functions.generate.chat_deletion import ChatDeletion
from functions.generate.chat_history import ChatHistory
from functions.generate.deletion_queue import DeletionQueue
from functions.generate.limits import attachment_limits
from functions.generate.recent_requests import RecentRequestsStore
from functions.generate.under_way import GenerationEnds
from functions.generate.waiting_prompts import WaitingPrompts
from functions.shared.attachments.store import AttachmentStore
from functions.shared.chats.reader import ChatReader
from functions.shared.chats.releases import Releases
from functions.shared.generations.reader import GenerationReader
from functions.shared.generations.submission_transitions import SubmissionTransitions
from functions.shared.queue import Queue
from functions.shared.transactions import Transactions

if TYPE_CHECKING:
    from functions.generate.chat_submissions import ChatSubmissionStore
    from functions.generate.ports import AtOnce, Attaching
    from functions.generate.settings import GenerateSettings
    from functions.shared.attachments.bucket import Bucket


class ChatParts(TypedDict):
    """Fields of `Api`."""

    chats: ChatReader
    chat_changes: ChatChanges
    chat_deletion: ChatDeletion
    chat_history: ChatHistory
    waiting_prompts: WaitingPrompts


def chat_parts(
    table: Any,
    sqs: Any,
    submissions: ChatSubmissionStore,
    settings: GenerateSettings,
    *,
    bucket: Bucket | None,
    at_once: AtOnce,
) -> ChatParts:
    """Wire them to a table and the queue of reminders."""
    chats = ChatReader(table, settings.table_name)
    archive = GenerationReader(table, settings.table_name)
    transactions = Transactions(table, settings.table_name)
    ledger = submissions.ledger
    return {
        "chats": chats,
        "chat_changes": ChatChanges(
            transactions=transactions,
            chats=chats,
            archive=archive,
            releases=Releases(chats=chats, archive=archive),
            ledger=ledger,
            ends=GenerationEnds(archive),
        ),
        "chat_deletion": ChatDeletion(
            transactions=transactions,
            chats=chats,
            archive=archive,
            submissions=submissions,
            transitions=SubmissionTransitions(table, settings.table_name),
            contents=ChatContents(client=table, table=settings.table_name, settlements=ledger),
            attachments=AttachmentDeletion(
                store=AttachmentStore(table, settings.table_name), bucket=bucket, at_once=at_once
            ),
            queue=DeletionQueue(Queue(sqs, settings.reminders_url)),
            options=settings,
            at_once=at_once,
        ),
        "chat_history": ChatHistory(chats=chats, texts=archive, at_once=at_once),
        "waiting_prompts": WaitingPrompts(chats=chats, archive=archive, at_once=at_once),
    }


def attaching(table: Any, bucket: Bucket | None, settings: GenerateSettings) -> Attaching:
    """Wire attachments to a table and a bucket; without a bucket there are none."""
    if bucket is None:
        return NoAttachments()
    return ChatAttachments(
        store=AttachmentStore(table, settings.table_name),
        bucket=bucket,
        chats=ChatReader(table, settings.table_name),
        limits=attachment_limits(RecentRequestsStore(table, settings.table_name, "ATTACHMENTS"), settings),
        options=settings,
    )
