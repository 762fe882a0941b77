"""A file that the model is given with a question. Pure."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field

from functions.shared.attachments.model import IMAGES, TEXTS

GONE = "[An attached file is not available any more.]"
"""What the model is told instead of one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachedFile:
    """An image, a PDF or a text."""

    name: str = field(repr=False)
    media_type: str
    content: bytes = field(repr=False)

    @property
    def is_image(self) -> bool:
        """Whether it is looked at."""
        return self.media_type in IMAGES

    @property
    def text(self) -> str | None:
        """A text as the model is told it; None for all else."""
        if self.media_type not in TEXTS:
            return None
        return f"File {self.name}:\n\n{self.content.decode('utf-8', 'replace')}"

    @property
    def base64(self) -> str:
        """The content as JSON can carry it."""
        return b64encode(self.content).decode()
