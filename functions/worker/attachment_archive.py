"""Where the worker reads attachments, with AWS's faults told as Unavailable."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from functions.shared import aws
from functions.worker.lease import now

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from functions.shared.attachments.bucket import Bucket
    from functions.shared.attachments.model import Attachment
    from functions.shared.attachments.store import AttachmentStore
    from functions.shared.generations.model import Generation


@dataclass(frozen=True, slots=True)
class StoredAttachments:
    """A table and a bucket."""

    store: AttachmentStore
    bucket: Bucket
    clock: Callable[[], datetime] = field(default=now)

    def find(self, generation: Generation, attachment_id: str) -> Attachment | None:
        """Return what is known of an attachment of the generation's chat."""
        with aws.outages():
            return self.store.find(generation.user_id, generation.chat_id, attachment_id, now=self.clock())

    def content(self, attachment: Attachment) -> bytes | None:
        """Return its content, if that is still what it was said to be."""
        stored = self.bucket.read(attachment.object_key)
        return stored.content if stored and stored.size == attachment.size else None
