"""An attachment: what users may send with prompts, and how its beginning shows what it is. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from functions.shared.token_estimate import BYTES_PER_TOKEN

if TYPE_CHECKING:
    from datetime import datetime

MOST = 5
"""With one prompt."""
BEGINNING = 512
"""Bytes that are looked at to see what something is."""
TOKENS = 1500
"""What the conversation is expected to grow by for each: about an image of a megapixel, or two pages."""
IMAGES = ("image/png", "image/jpeg", "image/webp", "image/gif")
TEXTS = ("text/plain", "text/markdown", "text/csv")
PDF = "application/pdf"
MEDIA_TYPES = (*IMAGES, PDF, *TEXTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """What is known of one. Its content is an object of the bucket, once it was uploaded."""

    attachment_id: str
    user_id: str
    chat_id: str
    name: str = field(repr=False)
    media_type: str
    size: int
    """Bytes."""
    after_version: int = 0
    """The version that its chat had then: a deletion takes what is older than itself."""
    created_at: datetime
    expires_at: datetime

    @property
    def object_key(self) -> str:
        """Where its content lies in the bucket."""
        return object_key(self.attachment_id)

    @property
    def kind(self) -> str:
        """What a model must accept for it: `image` or `file`."""
        return "image" if self.media_type in IMAGES else "file"

    @property
    def tokens(self) -> int:
        """Estimate what it takes at most, for what is held of a budget."""
        return self.size // BYTES_PER_TOKEN if self.media_type in TEXTS else TOKENS


class Stored(NamedTuple):
    """An object, or its beginning."""

    content: bytes
    size: int
    """Of the whole."""
    media_type: str


def object_key(attachment_id: str) -> str:
    """Where the content of an attachment lies in the bucket."""
    return f"attachments/{attachment_id}"


def begins_as(media_type: str, beginning: bytes) -> bool:
    """Say whether the first bytes are such as this type begins with."""
    if media_type in TEXTS:
        return _is_text(beginning)
    if media_type == "image/webp":
        return beginning[:4] == b"RIFF" and beginning[8:12] == b"WEBP"
    return beginning.startswith(_BEGINNINGS[media_type])


_BEGINNINGS: dict[str, tuple[bytes, ...]] = {
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/gif": (b"GIF87a", b"GIF89a"),
    PDF: (b"%PDF-",),
}


def _is_text(beginning: bytes) -> bool:
    """UTF-8 without control characters that no text has; the last character may be cut."""
    for cut in range(4):
        try:
            text = beginning[: len(beginning) - cut].decode()
        except UnicodeDecodeError:
            continue
        return not any(each < " " and each not in "\t\n\r\f" for each in text)
    return False
