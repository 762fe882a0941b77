"""Offers places to upload attachments to, and says whether a prompt may name what was uploaded."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from functions.generate.attachment_ids import ID
from functions.generate.problems import Invalid, NotFound
from functions.shared.attachments.model import BEGINNING, Attachment, begins_as

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from functions.generate.attachment_requests import AttachmentRequest
    from functions.generate.ports import AttachmentBucket, Attachments, ChatHeads, Limits
    from functions.generate.settings import GenerateOptions
    from functions.shared.attachments.model import Stored

TO_UPLOAD = timedelta(minutes=10)
"""How long a form may be used."""
TO_DOWNLOAD = timedelta(minutes=5)
"""How long an address may be used: anyone can who has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """An attachment that may be uploaded, and how."""

    attachment: Attachment
    url: str
    fields: dict[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """An attachment, and where its content is to be had."""

    attachment: Attachment
    url: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatAttachments:
    """The attachments of all chats; another user's look exactly like none."""

    store: Attachments
    bucket: AttachmentBucket
    chats: ChatHeads
    limits: Limits
    options: GenerateOptions

    def offer(self, user_id: str, chat_id: str, asked: AttachmentRequest, *, now: datetime) -> Offer:
        """Record what is to be uploaded, and return a form that takes exactly that.

        Raises:
            Invalid: If it is larger than the deployment takes.
            TooManyThisMinute: If the user has asked for as many in the last minute.
        """
        most = self.options.attachment_max_bytes
        if asked.size > most:
            raise _invalid("size", f"Input should be at most {most}")
        attachment_id = secrets.token_hex(16)
        self.limits.admit(user_id, attachment_id, now=now)
        chat = self.chats.head(user_id, chat_id, now=now)
        attachment = Attachment(
            attachment_id=attachment_id,
            user_id=user_id,
            chat_id=chat_id,
            name=asked.name,
            media_type=asked.media_type,
            size=int(asked.size),
            after_version=chat.version if chat else 0,
            created_at=now,
            expires_at=now + self.options.retention,
        )
        self.store.put(attachment)
        fields = self.bucket.form(
            attachment.object_key, attachment.media_type, attachment.size, lifetime=TO_UPLOAD, now=now
        )
        return Offer(attachment=attachment, url=self.bucket.url, fields=fields)

    def download(self, user_id: str, chat_id: str, attachment_id: str, *, now: datetime) -> Download:
        """Return an address of an attachment's content.

        Raises:
            NotFound: If there is none, it was not uploaded as it was said to be, or its chat is deleted.
        """
        is_id = ID.fullmatch(attachment_id)
        found = self.store.find(user_id, chat_id, attachment_id, now=now) if is_id else None
        if found is None or self._is_deleted(found, now) or not self._is_there(found):
            raise NotFound("This chat has no such attachment.")
        url = self.bucket.address(
            found.object_key, found.name, found.media_type, lifetime=TO_DOWNLOAD, now=now
        )
        return Download(attachment=found, url=url)

    def named(
        self, user_id: str, chat_id: str, ids: Sequence[str], *, model: str, now: datetime
    ) -> tuple[Attachment, ...]:
        """Return the attachments that a prompt names.

        Raises:
            Invalid: If one is not there, is not what it was said to be, or is nothing that the model takes.
        """
        found = []
        for index, attachment_id in enumerate(ids):
            place = f"attachments.{index}"
            attachment = self.store.find(user_id, chat_id, attachment_id, now=now)
            if attachment is None:
                raise _invalid(place, "must be an attachment of this chat")
            if attachment.kind not in self.options.accepted_by(model):
                raise _invalid(place, f"the model {model} does not take this kind: {attachment.kind}")
            self._check(attachment, place)
            found.append(attachment)
        return tuple(found)

    def _check(self, attachment: Attachment, place: str) -> None:
        """Raises Invalid if what was uploaded is not what it was said to be."""
        stored = self.bucket.read(attachment.object_key, most=BEGINNING)
        if stored is None:
            raise _invalid(place, "must be uploaded first")
        if not _is_as_said(attachment, stored):
            raise _invalid(place, f"must be what it was said to be: {attachment.media_type}")

    def _is_there(self, attachment: Attachment) -> bool:
        stored = self.bucket.read(attachment.object_key, most=BEGINNING)
        return stored is not None and _is_as_said(attachment, stored)

    def _is_deleted(self, attachment: Attachment, now: datetime) -> bool:
        """Whether it went with its chat, though it may not be erased yet."""
        chat = self.chats.head(attachment.user_id, attachment.chat_id, now=now)
        if chat is None:
            return False
        return attachment.after_version < (chat.version if chat.is_deleted else chat.begun_after)


class NoAttachments:
    """What a deployment has that takes none."""

    def offer(self, *_: object, **__: object) -> Offer:
        """Raises NotFound."""
        raise NotFound("This deployment takes no attachments.")

    def download(self, *_: object, **__: object) -> Download:
        """Raises NotFound."""
        raise NotFound("This deployment takes no attachments.")

    def named(self, _user: str, _chat: str, ids: Sequence[str], **_: object) -> tuple[Attachment, ...]:
        """Raises Invalid, if a prompt names any."""
        if ids:
            raise _invalid("attachments", "this deployment takes none")
        return ()


def _is_as_said(attachment: Attachment, stored: Stored) -> bool:
    is_same = (stored.size, stored.media_type) == (attachment.size, attachment.media_type)
    return is_same and begins_as(attachment.media_type, stored.content)


def _invalid(place: str, message: str) -> Invalid:
    return Invalid("Some fields are not as they must be.", errors=[{"field": place, "message": message}])
