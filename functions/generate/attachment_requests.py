"""What a request says about an attachment that is to be uploaded."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

from functions.generate.requests import NAME, Name, one_of
from functions.shared.attachments.model import MEDIA_TYPES
from functions.shared.wire.fields import Keywords

if TYPE_CHECKING:
    from functions.shared.wire.problems import Complaint


def _size_complaints(name: str, value: object) -> list[Complaint]:
    # To JSON Schema 12.0 is an integer, too.
    if isinstance(value, int | float) and not isinstance(value, bool) and value > 0 and value % 1 == 0:
        return []
    return [{"field": name, "message": "Input should be a whole number of bytes above 0"}]


MediaType = Annotated[str, Keywords(enum=list(MEDIA_TYPES))]
Size = Annotated[int, Keywords(minimum=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentRequest:
    """The body that asks for a place to upload to. Fields that are not listed are ignored."""

    name: Name = field(metadata=NAME, repr=False)
    """As its user calls it; the model is told so."""
    media_type: MediaType = field(metadata=one_of(*MEDIA_TYPES))
    size: Size = field(metadata={"complaints": _size_complaints})
    """Bytes; exactly so many must be uploaded."""
