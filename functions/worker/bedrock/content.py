"""What one side said, as blocks of content: files before the text. Pure.

A document has a neutral name, as the API recommends, because a model may take a name for an instruction.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from functions.worker.attached_file import AttachedFile
    from functions.worker.conversation import Message

FORMATS = {
    "image/png": "png",
    "image/jpeg": "jpeg",
    "image/webp": "webp",
    "image/gif": "gif",
    "application/pdf": "pdf",
    "text/plain": "txt",
    "text/markdown": "md",
    "text/csv": "csv",
}


def contents_of(said: Sequence[Message]) -> list[list[dict[str, Any]]]:
    """Return the blocks of each message; no two documents of a request may have the same name."""
    numbers = count(1)
    return [[*(_block(file, numbers) for file in message.files), {"text": message.text}] for message in said]


def _block(file: AttachedFile, numbers: Iterator[int]) -> dict[str, Any]:
    described: dict[str, Any] = {
        "format": FORMATS[file.media_type],
        "source": {"bytes": file.base64},
    }
    if file.is_image:
        return {"image": described}
    return {"document": {**described, "name": f"document {next(numbers)}"}}
