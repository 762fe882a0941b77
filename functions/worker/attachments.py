"""Reads what questions were sent with: the prompt's own files, and those of the latest turns before it.

A model has no memory of an image: it is sent again with each prompt, as long as its turn is. What all files
of a request may take is bounded, and those of the oldest turns are left out first.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from functions.worker.attached_file import AttachedFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from functions.shared.attachments.model import Attachment
    from functions.shared.generations.model import Generation
    from functions.worker.context import Context
    from functions.worker.file_room import FileRoom
    from functions.worker.ports import AttachmentArchive

MOST_BYTES = 20_000_000
"""Of all files of one request. Model servers take somewhat more."""
MOST_FILES = 20


@dataclass(frozen=True, slots=True)
class Attachments:
    """The files of chats."""

    archive: AttachmentArchive
    room: FileRoom
    """For the files of all answers that this worker makes."""

    async def given(self, generation: Generation, context: Context) -> Context:
        """Return a context with its files, which take their room until the present task has ended.

        Raises:
            Unavailable: If one could not be read. An answer that has not seen its image would be a wrong one.
        """
        ids = list(dict.fromkeys(_newest_first(context)))
        if not ids:
            return context
        known = await asyncio.to_thread(self._known, generation, ids)
        task = asyncio.current_task()
        assert task is not None
        await self.room.take(sum(each.size for each in known), task)
        return replace(context, files=await asyncio.to_thread(self._read, known))

    def _known(self, generation: Generation, ids: list[str]) -> list[Attachment]:
        """Those that are there, as far as a request may carry them."""
        known: list[Attachment] = []
        left = MOST_BYTES
        for attachment_id in ids[:MOST_FILES]:
            found = self.archive.find(generation, attachment_id)
            if found is None:
                continue
            if found.size > left:
                break
            known.append(found)
            left -= found.size
        return known

    def _read(self, known: list[Attachment]) -> dict[str, AttachedFile]:
        contents = ((each, self.archive.content(each)) for each in known)
        return {each.attachment_id: _file(each, content) for each, content in contents if content is not None}


def _newest_first(context: Context) -> Iterator[str]:
    yield from context.attachments
    for turn in reversed(context.history.all_turns):
        yield from turn.attachments


def _file(known: Attachment, content: bytes) -> AttachedFile:
    return AttachedFile(name=known.name, media_type=known.media_type, content=content)
