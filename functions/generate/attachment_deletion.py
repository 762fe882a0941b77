"""Takes away the attachments of a deleted chat: what is known of them, and their content."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.generate.attachments import TO_UPLOAD
from functions.shared.attachments.model import object_key

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from functions.generate.ports import AtOnce
    from functions.shared.attachments.bucket import Bucket
    from functions.shared.attachments.model import Attachment
    from functions.shared.attachments.store import AttachmentStore
    from functions.shared.deletion_message import Deletion


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentDeletion:
    """Deletes attachments; without a bucket there is no content."""

    store: AttachmentStore
    bucket: Bucket | None
    at_once: AtOnce

    def of(self, deletion: Deletion) -> list[Attachment]:
        """Return those that the chat had, without those of a chat that begins under its id later."""
        every = self.store.of_chat(deletion.user_id, deletion.chat_id)
        return [each for each in every if each.after_version < deletion.version]

    def erase(self, attachments: Iterable[Attachment]) -> None:
        """Delete attachments."""
        self.at_once(self._erase, attachments)

    def erase_late(self, attachment_ids: Iterable[str]) -> None:
        """Delete what may have been uploaded after that."""
        if self.bucket is not None:
            self.at_once(self.bucket.delete, map(object_key, attachment_ids))

    def _erase(self, attachment: Attachment) -> None:
        if self.bucket is not None:
            self.bucket.delete(attachment.object_key)
        self.store.delete(attachment)


def still_open(attachments: Iterable[Attachment], *, now: datetime) -> list[str]:
    """The ids of those that may be uploaded once more: their form is still good."""
    return [each.attachment_id for each in attachments if each.created_at + TO_UPLOAD > now]
