"""Uploads a file that prompts may name: with a form of the server, to the bucket."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Self

import httpx

from framestream.api import NOT_OURS
from framestream.codes import Verdict, verdict_on
from framestream.errors import Misused, NotOurs, Refused, Unreachable

if TYPE_CHECKING:
    from framestream.api import Api
    from framestream.progress import Json

MEDIA_TYPES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".gif": "image/gif",
    ".pdf": "application/pdf",
    ".txt": "text/plain",
    ".md": "text/markdown",
    ".csv": "text/csv",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that was uploaded, and where its content is to be had without a token."""

    attachment_id: str
    name: str
    media_type: str
    size: int
    """Bytes."""
    url: str = field(repr=False)
    expires_in: int
    """Seconds that the address is good for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadedFile:
    """A file that is to be uploaded."""

    name: str
    media_type: str
    content: bytes

    @classmethod
    async def of(cls, content: bytes | Path, *, name: str | None, media_type: str | None) -> Self:
        """Read a file, or take what is in it.

        Raises:
            Misused: If it is neither, or has no name that tells its type, and none was given.
            OSError: If it cannot be read.
        """
        if not isinstance(content, bytes | Path):
            raise Misused("A file is given by its Path, or by its content as bytes.")
        name = name or (content.name if isinstance(content, Path) else "file")
        media_type = media_type or MEDIA_TYPES.get(PurePath(name).suffix.lower())
        if media_type is None:
            raise Misused(f"What kind of file {name} is, its name does not tell: give a media_type.")
        read = content if isinstance(content, bytes) else await asyncio.to_thread(content.read_bytes)
        return cls(name=name, media_type=media_type, content=read)


async def upload(api: Api, path: str, file: UploadedFile) -> str:
    """Ask for a form, and upload a file with it. Returns the id of the attachment.

    Raises:
        FrameStreamError: If the server did not give a form, or the bucket did not take the file.
    """
    request = {"name": file.name, "media_type": file.media_type, "size": len(file.content)}
    attachment_id, url, fields = _read(await api.call("POST", path, json=request))
    try:
        content = (file.name, file.content, file.media_type)
        reply = await api.http.post(url, data=fields, files={"file": content})
    except (httpx.RequestError, httpx.InvalidURL) as error:
        raise Unreachable(f"The upload of {file.name} was not answered ({type(error).__name__}).") from error
    if not reply.is_success:
        raise _refusal(file.name, reply)
    return attachment_id


def _read(offered: Json) -> tuple[str, str, dict[str, str]]:
    match offered:
        case {"attachment_id": str(attachment_id), "upload": {"url": str(url), "fields": dict(fields)}}:
            return attachment_id, url, {name: str(value) for name, value in fields.items()}
    raise NotOurs(NOT_OURS)


def _refusal(name: str, reply: httpx.Response) -> Refused:
    """The bucket says why in XML."""
    said = [found[1] for tag in ("Code", "Message") if (found := re.search(f"<{tag}>([^<]+)", reply.text))]
    reason = ": ".join(said) or str(reply.status_code)
    verdict = verdict_on(reply.status_code)
    refused = Refused(
        f"The upload of {name} was refused ({reason}).",
        code="upload_refused",
        retryable=verdict is not Verdict.NEVER,
        status=reply.status_code,
    )
    refused.verdict = verdict
    return refused
